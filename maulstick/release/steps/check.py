"""Check: everything that a release needs answers; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import Earlier, PlainResult
from maulstick.release.steps.deploy import look
from maulstick.release.steps.live_site import live_of, site_of
from maulstick.text import amount, lines
from maulstick.verify.barriers import hint_of, refusal

PATIENCE = 3.0
"""Seconds after which a site that refuses an answer is not asked again."""
UNPROVEN = "verify may not be able to tell whether the release is right"


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlainResult:
    """Reach the source, the media root, Fly, the database and the bucket; of a named bundle only itself.

    A site that does not answer is a warning: that is found before rows are live.
    """
    answered = [*_source(context), *_app(context)]
    if "deploy" in context.steps and not context.settings.rehearse:
        look(context)
    with context.reading(read_only=True) as database:
        database.query("select 1")
    if "apply" in context.steps and context.place.target.plan_database is not None:
        with context.production(read_only=True) as database:
            database.query("select 1")
    context.open_bucket().list(("maulstick/",))
    says = ", ".join([*answered, "database", "bucket", *_plugins(context)])
    return PlainResult(Outcome("done", says, _site(context)))


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return what a check does."""
    return f"ask whether all that a release to {context.place.target.name} needs is there"


def _site(context: ReleaseContext) -> tuple[str, ...]:
    """Warn of a site that gives no answer by which a release could be proven; its rows may yet be right.

    It is asked once for all subjects of a command: each would wait as long for a site that is not there.
    """
    if not context.warned:
        context.warned.append(_asked(context))
    return context.warned[0]


def _asked(context: ReleaseContext) -> tuple[str, ...]:
    site = context.place.target.site
    if not site:
        return ()
    try:
        answer = replace(site_of(context, {}), patience=PATIENCE).get("/")
    except Problem as problem:
        return (f"{problem.where}: {problem.what}; {UNPROVEN}",)
    says = refusal(answer.status, answer.headers)
    hint = f" ({one})" if (one := hint_of(answer.status)) else ""
    return (f"{site} {says}; {UNPROVEN}{hint}",) if says else ()


def _plugins(context: ReleaseContext) -> Sequence[str]:
    """Ask the plugins; what one lacks stops the release (exit 5), and what nobody could check (exit 8)."""
    with live_of(context) as release:
        checks = context.plugins.before(release, context.step_kinds)
    lacking = [check for check in checks if not check.ok]
    if not lacking:
        return (amount(len(checks), "check"),) if checks else ()
    code = Exit.WRONG if any(check.ok is False for check in lacking) else Exit.UNKNOWN
    if len(lacking) == 1:
        (only,) = lacking
        raise Problem(only.name, only.answer, only.hint, code=code, harmless=True)
    says = f"{amount(len(lacking), 'thing')} that the plugins need{lines(map(str, lacking))}"
    raise Problem("check", says, code=code, harmless=True)


def _source(context: ReleaseContext) -> Sequence[str]:
    source = context.place.source
    if context.names_bundle:
        context.load_bundle()  # which proves it whole
        return ("bundle",)
    with connect(source.database, f"source {source.name}") as database:
        database.query("select 1")
    if isinstance(source.media, Path) and not source.media.is_dir() and _needs_no_media(context):
        return ("source",)  # the bucket, or the bundle's pack, may have all of its files
    context.open_originals().require()
    return ("source", "media")


def _needs_no_media(context: ReleaseContext) -> bool:
    return bool({*context.steps} - {"check"}) and "export" not in context.steps


def _app(context: ReleaseContext) -> Sequence[str]:
    answered = context.host.look()
    return (answered,) if answered else ()
