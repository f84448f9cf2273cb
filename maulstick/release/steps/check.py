"""Check: everything that a release needs answers; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Outcome
from maulstick.release.context import Run
from maulstick.release.settings import Options
from maulstick.release.site import live_of, site_of
from maulstick.release.steps.deploy import look
from maulstick.text import amount, lines
from maulstick.verify.barriers import hint_of, refusal

PATIENCE = 3.0
"""Seconds after which a site that refuses an answer is not asked again."""
UNPROVEN = "verify may not be able to tell whether the release is right"


def check(run: Run, options: Options) -> Outcome:
    """Reach the source, the media root, Fly, the database and the bucket; of a named bundle only itself.

    A site that does not answer is a warning: that is found before rows are live.
    """
    answered = [*_source(run), *_app(run)]
    if "deploy" in run.steps and not run.settings.rehearse:
        look(run)
    with run.reading(read_only=True) as database:
        database.query("select 1")
    if "apply" in run.steps and run.place.target.plan_database is not None:
        with run.production(read_only=True) as database:
            database.query("select 1")
    run.bucket().list(("maulstick/",))
    return Outcome("done", ", ".join([*answered, "database", "bucket", *_plugins(run)]), _site(run))


def _site(run: Run) -> tuple[str, ...]:
    """Warn of a site that gives no answer by which a release could be proven; its rows may yet be right."""
    site = run.place.target.site
    try:
        answer = replace(site_of(run, {}), patience=PATIENCE).get("/")
    except Problem as problem:
        return (f"{problem.where}: {problem.what}; {UNPROVEN}",)
    says = refusal(answer.status, answer.headers)
    hint = f" ({one})" if (one := hint_of(answer.status)) else ""
    return (f"{site} {says}; {UNPROVEN}{hint}",) if says else ()


def _plugins(run: Run) -> Sequence[str]:
    """Ask the plugins; what one lacks stops the release (exit 5), and what nobody can tell (exit 8)."""
    with live_of(run) as release:
        checks = run.plugins.before(release, run.steps)
    lacking = [check for check in checks if not check.ok]
    if not lacking:
        return (amount(len(checks), "check"),) if checks else ()
    code = Exit.WRONG if any(check.ok is False for check in lacking) else Exit.UNKNOWN
    if len(lacking) == 1:
        (only,) = lacking
        raise Problem(only.name, only.answer, only.hint, code=code, harmless=True)
    says = f"{amount(len(lacking), 'thing')} that the plugins need{lines(map(str, lacking))}"
    raise Problem("check", says, code=code, harmless=True)


def _source(run: Run) -> Sequence[str]:
    source = run.place.source
    if run.given:
        run.bundle  # noqa: B018 - reading proves it
        return ("bundle",)
    with connect(source.database, f"source {source.name}") as database:
        database.query("select 1")
    if isinstance(source.media, Path) and not source.media.is_dir() and _needs_no_media(run):
        return ("source",)  # the bucket, or the bundle's pack, may have all of its files
    run.originals.require()
    return ("source", "media")


def _needs_no_media(run: Run) -> bool:
    return bool({*run.steps} - {"check"}) and "export" not in run.steps


def _app(run: Run) -> Sequence[str]:
    answered = run.host.look()
    return (answered,) if answered else ()
