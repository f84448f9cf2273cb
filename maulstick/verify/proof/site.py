"""All pages and pictures of a bundle, asked for side by side, then the plugins' own questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from maulstick.bundle.manifest import Manifest
from maulstick.console import Console, Moved
from maulstick.media.columns import addresses_in
from maulstick.project.declarations import Check, Page
from maulstick.project.plugins.registry import Plugins
from maulstick.verify.html.page import Parsed
from maulstick.verify.http import NO_SITE, Web
from maulstick.verify.live import Live
from maulstick.verify.proof.addresses import Picture, others, pictures, public_address, sounds
from maulstick.verify.proof.files import Original, delivered, elsewhere, heard, proven
from maulstick.verify.proof.pages import PageContext, is_full, page, path_of

AT_ONCE = 4
MANY = 20
"""Pages of which a person wants to see how many have answered."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who asks a site: so many questions at once, with the plugins' own among them.

    `local` is the source's own site, to which no page of the other may lead.
    """

    plugins: Plugins
    console: Console
    local: str = ""
    concurrency: int = AT_ONCE


Settle = Callable[[list[Check]], list[Check]]
"""Gets the answers about pages and files; returns them with those that other means can give."""


def asked(
    verifier: Verifier, live: Live, *, public: str, settle: Settle = lambda checks: checks
) -> list[Check]:
    """Return what a site answers about the bundle; `public` is where its visitors find the files.

    Nobody asks on where a page could not be had: it would only wait once more for the same site. Of a target
    without a site no page is asked for, by a plugin neither.
    """
    console, concurrency = verifier.console, verifier.concurrency
    manifest, local = live.manifest, verifier.local
    many = len(manifest.pages) >= MANY and bool(live.web.site)
    watched = console.bar("pages", len(manifest.pages), unit="pages") if many else nullcontext()
    with watched as moved:
        checks = visited(live, manifest, public=public, concurrency=concurrency, local=local, moved=moved)
    checks = settle(checks)
    for check in checks:
        console.detail(f"{check.name}: {check.answer}")
    if not all_answered(checks):
        return checks
    plugins = [check for check in verifier.plugins.checks(live) if check.answer != NO_SITE]
    checks += [*_elsewhere(verifier, live), *plugins]
    return [*checks, *_also(live, manifest, public)]


def all_answered(checks: Sequence[Check]) -> bool:
    """Return whether every check has an answer."""
    return all(check.ok is not None for check in checks)


def visited(
    live: Live,
    manifest: Manifest,
    *,
    public: str,
    concurrency: int,
    local: str = "",
    moved: Moved | None = None,
) -> list[Check]:
    """Return what the pages and pictures of a manifest answer; no plugin is asked.

    `local` is the source's own site, to which no page may lead. `moved` hears of each page that has
    answered.
    """

    def asked_for(wanted: Page) -> tuple[list[Check], Parsed | None]:
        answer = page(live, wanted, around)
        if moved is not None:
            moved(1)
        return answer

    released = {path_of(wanted.path) for wanted in manifest.pages if not wanted.gone}
    files = {public_address(file.key, public): file for file in manifest.media}
    around = PageContext(public, local, released, files, live.former)
    with ThreadPoolExecutor(concurrency) as pool:
        seen = list(pool.map(asked_for, manifest.pages if live.web.site else ()))
        checks = [check for answers, _ in seen for check in answers]
        if not all(parsed or all_answered(answers) for answers, parsed in seen):
            return checks
        if not live.asks_for_files:
            return checks
        wanted = _questions([parsed for _, parsed in seen if parsed], manifest, public, live.original)
        answers = pool.map(lambda question: question[1](live.web, question[0]), wanted.items())
        # What refuses itself to us, a browser yet gets: it says what is not painted.
        checks += [check for check in answers if live.browser is None or check.ok is not None]
        return [*checks, *pool.map(lambda file: delivered(live.web, file, public), others(manifest.media))]


def _questions(
    pages: Sequence[Parsed], manifest: Manifest, public: str, original: Original
) -> dict[Picture, Callable[[Web, Picture], Check]]:
    """List the pictures and sounds of pages, and every released picture, with what asks for each."""
    images = [address for page in pages for address in (*page.images, *filter(is_full, page.social))]
    played = [address for page in pages for address in page.sounds]
    ask = partial(proven, original=original)
    questions = dict.fromkeys(pictures(images, manifest.media, public), ask)
    return questions | dict.fromkeys(sounds(played, manifest.media, public), heard)


def _also(live: Live, manifest: Manifest, public: str) -> list[Check]:
    """Ask for the pictures and sounds of pages that only plugins have looked at."""
    if not live.asks_for_files:
        return []
    paths = {page.path for page in manifest.pages}
    known = _questions(
        [page for path, page in live.seen.items() if path in paths], manifest, public, live.original
    )
    every = _questions(list(live.seen.values()), manifest, public, live.original)
    return [ask(live.web, file) for file, ask in every.items() if file not in known]


def _elsewhere(verifier: Verifier, live: Live) -> list[Check]:
    """Ask for the full addresses that rows name as files: they were not uploaded, and must be there."""
    naming = [
        table for table in verifier.plugins.tables(live.subject) if table.media and table.name in live.rows
    ]
    addresses = {address for table in naming for address in addresses_in(table, live.rows[table.name])}
    with ThreadPoolExecutor(verifier.concurrency) as pool:
        return list(pool.map(lambda address: elsewhere(live.web, address), sorted(addresses)))
