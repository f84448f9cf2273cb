"""Publish: rows that went in hidden, made public in one small transaction once they proved right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from maulstick.errors import refused
from maulstick.plan.changes import Change, Plan
from maulstick.plan.hidden import publishes, to_publish, waiting
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import Database
from maulstick.project.declarations import Check, Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.settings import Options
from maulstick.release.step_results import FAILED, Earlier, PublishResult
from maulstick.release.steps.live_site import site_of, visitor_of
from maulstick.release.steps.verify import refusal_of
from maulstick.release.writing.refusals import Writing
from maulstick.release.writing.transaction import prepared, written
from maulstick.text import amount, at_most, lines
from maulstick.verify.live import Live
from maulstick.verify.proof.expected import expected
from maulstick.verify.proof.previews import previewed, previews

ONCE = ("rename", "restore", "prune")
"""Choices that the apply has carried out."""
NAMED = 5
"""Reasons that are named."""


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PublishResult:
    """Make hidden rows public; rows that are not written (exit 3) or a wrong preview (exit 5) stop it."""
    bundle = context.load_bundle()
    if not publishes(bundle.manifest.specs):
        return PublishResult(Outcome("skipped", "no table says which column makes its rows public"))
    choices = _choices(context, earlier)
    with context.production() as database:
        planned = make_plan(bundle, database, context.place.target.name, choices)
        rows = waiting(planned.changes, bundle.manifest.specs)
        _require_written(planned, rows)
        if not rows:
            return PublishResult(Outcome("unchanged", "no row is hidden"))
        result = PublishResult(FAILED, hidden=len(rows))
        try:
            result = replace(result, checks=_previews(context, planned, database, options))
            _require_right(result.checks)
        except BaseException as error:
            return replace(result, failure=error)
        return _made_public(Writing(context, earlier, choices, publishes=True), database, options, result)


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return how many rows would become public."""
    if earlier.plan is None:
        return "make the rows public that went in hidden"
    rows = to_publish(earlier.plan.changes, context.load_bundle().manifest.specs)
    return f"make {amount(len(rows), 'row')} public"


def _choices(context: ReleaseContext, earlier: Earlier) -> Mapping[str, str]:
    choices = decided(context, takes=earlier.takes)
    return {name: value for name, value in choices.items() if name not in ONCE}


def _require_written(planned: Plan, rows: Sequence[Change]) -> None:
    """Refuse what is not in production as in the bundle, but for being public (exit 3)."""
    hidden = {(row.table, row.key) for row in rows}
    others = [
        f"{change.table} {change.key}: {change.action}"
        for change in planned.changes
        if change.action in ("insert", "update", "conflict") and (change.table, change.key) not in hidden
    ]
    if reasons := [*map(str, planned.obstacles), *others]:
        says = f"nothing was made public: not all rows are in {planned.target} as in the bundle"
        named = lines(at_most(NAMED, reasons, "and {} more"))
        raise refused("publish", f"{says}{named}", "invoke plan shows them; invoke apply writes them")


def _previews(
    context: ReleaseContext, planned: Plan, database: Database, options: Options
) -> Sequence[Check]:
    """Return what the previews of pages answer, none where the site has none."""
    bundle, target = context.load_bundle(), context.place.target
    site = site_of(context, options)
    live = Live(
        context.subject,
        replace(site, headers={**target.headers, **target.preview_headers}),
        bundle=lambda: bundle,
        database=lambda: database,
        machine=lambda: context.host.machine,
        expected=expected(bundle, planned.changes, context.plugins),
        original=context.open_places().here,
    )
    pages = previews(live.manifest) if target.site and not context.place.is_copy else []
    if not pages:
        context.console.line(
            "    no page has a preview: only rows and files are proven before they are public"
        )
        return ()
    visitor, public = visitor_of(context, options), context.open_bucket().address.public_url
    return previewed(live, pages, public=public, concurrency=visitor.concurrency, local=visitor.local)


def _require_right(checks: Sequence[Check]) -> None:
    if (problem := refusal_of("publish", checks, "; nothing was made public")) is not None:
        raise problem


def _made_public(
    writing: Writing, database: Database, options: Options, result: PublishResult
) -> PublishResult:
    """Play the transaction; what stopped it is returned with what is known of it."""
    try:
        start = prepared(writing, database, options)
        result = replace(result, is_certain=False)  # until the last answer
        done = written(writing, database, start)
        result = replace(result, number=done.number, is_certain=done.is_certain)
        if done.failure is not None:
            raise done.failure
        if database.interrupted:
            raise KeyboardInterrupt
    except BaseException as error:
        return replace(result, failure=error)
    proven = f", {amount(len(result.checks), 'check')} before" if result.checks else ""
    return replace(result, outcome=Outcome("done", f"{amount(result.hidden, 'row')} public{proven}"))
