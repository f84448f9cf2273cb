"""All pages and pictures of a bundle, asked for side by side, then the plugins' own questions."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from maulstick.console import Moved
from maulstick.content import Check, Page
from maulstick.live import Live
from maulstick.manifest import Manifest
from maulstick.media_columns import addresses_in
from maulstick.page import Parsed
from maulstick.proof.files import delivered, elsewhere, others
from maulstick.proof.pages import page
from maulstick.proof.pictures import pictures, proven
from maulstick.run import Options, Run
from maulstick.web import Unreachable, Wrong

AT_ONCE = 4
MANY = 20
"""Pages of which a person wants to see how many have answered."""


def asked(run: Run, live: Live, *, public: str, options: Options) -> list[Check]:
    """Return what a site answers about the bundle; `public` is where its visitors find the files.

    The playbook's `concurrency` says how many questions are put at once. Nobody asks on where a page could
    not be told: it would only wait once more for the same site.
    """
    concurrency = int(options.get("concurrency", AT_ONCE))
    pages = run.bundle.manifest.pages
    watched = run.console.bar("pages", len(pages), unit="pages") if len(pages) >= MANY else nullcontext()
    with watched as moved:
        checks = visited(live, run.bundle.manifest, public=public, concurrency=concurrency, moved=moved)
    for check in checks:
        run.console.detail(f"{check.name}: {check.answer}")
    if not all_told(checks):
        return checks
    return [*checks, *_elsewhere(run, live, concurrency), *_plugins(run, live)]


def all_told(checks: Sequence[Check]) -> bool:
    """Tell whether every check has an answer."""
    return all(check.ok is not None for check in checks)


def visited(
    live: Live, manifest: Manifest, *, public: str, concurrency: int, moved: Moved | None = None
) -> list[Check]:
    """Return what the pages and pictures of a manifest answer; no plugin is asked.

    `moved` is told of each page that has answered.
    """

    def asked_for(wanted: Page) -> tuple[list[Check], Parsed | None]:
        found = page(live, wanted, released)
        if moved is not None:
            moved(1)
        return found

    released = {wanted.path.partition("?")[0].rstrip("/") for wanted in manifest.pages}
    with ThreadPoolExecutor(concurrency) as pool:
        seen = list(pool.map(asked_for, manifest.pages))
        checks = [check for found, _ in seen for check in found]
        if not all_told(checks):
            return checks
        shown = [address for _, parsed in seen if parsed for address in parsed.images]
        wanted, files = pictures(shown, manifest.media, public), others(manifest.media)
        checks += pool.map(lambda one: proven(live.web, one), wanted)
        return [*checks, *pool.map(lambda file: delivered(live.web, file, public), files)]


def _elsewhere(run: Run, live: Live, concurrency: int) -> list[Check]:
    """Ask for the full addresses that rows name as files: they were not uploaded, and must be there."""
    naming = [table for table in run.plugins.tables(run.subject) if table.media and table.name in live.rows]
    found = {address for table in naming for address in addresses_in(table, live.rows[table.name])}
    with ThreadPoolExecutor(concurrency) as pool:
        return list(pool.map(lambda address: elsewhere(live.web, address), sorted(found)))


def _plugins(run: Run, live: Live) -> list[Check]:
    try:
        return run.plugins.checks(live)
    except Unreachable as problem:
        return [Check(f"page {problem.where}", None, problem.what)]
    except Wrong as problem:
        return [Check(f"page {problem.where}", False, problem.what)]
