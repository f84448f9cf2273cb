"""Publish: rows that went in hidden, made public in one small transaction once they proved right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from maulstick.errors import refused
from maulstick.plan.changes import Change, Plan
from maulstick.plan.hidden import publishes, to_publish, waiting
from maulstick.plan.planner import make_plan
from maulstick.project.declarations import Outcome
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.settings import Options
from maulstick.release.step_results import FAILED, Earlier, PublishResult
from maulstick.release.writing.refusals import Writing
from maulstick.release.writing.transaction import Prepared, prepared, written
from maulstick.text import amount, at_most, lines

ONCE = ("rename", "restore", "prune")
"""Choices that the apply has carried out."""
NAMED = 5


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PublishResult:
    """Make hidden rows public; a preview that is wrong (exit 5), or rows not written (exit 3), stop it."""
    specs = context.load_bundle().manifest.specs
    if not publishes(specs):
        return PublishResult(Outcome("skipped", "no table says which column makes its rows public"))
    writing = Writing(context, earlier, _choices(context, earlier), publishes=True)
    result: PublishResult | None = None
    try:
        with context.production() as database:
            planned = make_plan(context.load_bundle(), database, context.place.target.name, writing.choices)
            rows = waiting(planned.changes, specs)
            _require_written(context, planned, rows)
            if not rows:
                return PublishResult(Outcome("unchanged", "no row is hidden"))
            start: Prepared = prepared(writing, database, options)
            result = PublishResult(FAILED, is_certain=False, hidden=len(rows))  # until the last answer
            done = written(writing, database, start)
            result = replace(result, number=done.number, is_certain=done.is_certain, failure=done.failure)
            if done.failure is not None:
                raise done.failure
            if database.interrupted:
                raise KeyboardInterrupt
    except BaseException as error:
        if result is None:
            raise
        return replace(result, failure=error)
    return replace(result, outcome=Outcome("done", f"{amount(len(rows), 'row')} public"))


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return how many rows would become public."""
    specs = context.load_bundle().manifest.specs
    if earlier.plan is None:
        return "make the rows public that went in hidden"
    return f"make {amount(len(to_publish(earlier.plan.changes, specs)), 'row')} public"


def _choices(context: ReleaseContext, earlier: Earlier) -> Mapping[str, str]:
    return {name: value for name, value in decided(context, takes=earlier.takes).items() if name not in ONCE}


def _require_written(context: ReleaseContext, planned: Plan, rows: list[Change]) -> None:
    """Refuse what is not in production as released, but for being public (exit 3)."""
    hidden = {(row.table, row.key) for row in rows}
    others = [
        f"{change.table} {change.key}: {change.action}"
        for change in planned.changes
        if change.action in ("insert", "update", "conflict") and (change.table, change.key) not in hidden
    ]
    reasons = [*map(str, planned.obstacles), *others]
    if reasons:
        says = f"nothing was made public: not all rows are in {context.place.target.name} as in the bundle"
        named = lines([*at_most(NAMED, reasons, "and {} more")])
        raise refused("publish", f"{says}{named}", "invoke plan shows them; invoke apply writes them")
