"""What an apply would change: a page of rows with their columns, and what is lost in production."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from maulstick.diffs import quoted
from maulstick.errors import Problem
from maulstick.plan import prune
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import RowName
from maulstick.plan.overwritten import overwritten
from maulstick.plan.planner import make_plan, staged_plan
from maulstick.plan.view import change_lines, diff_lines
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import known_rows
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.step_results import Earlier
from maulstick.release.unused_choices import require_used
from maulstick.text import amount, at_most

ROWS, LINES = 10, 40
"""How many rows of each action are shown, and how many lines of them in all."""
WIDEST = 160
WRITES = ("insert", "update", "conflict", "kept", "removed", "gone", "left")


def preview(context: ReleaseContext, earlier: Earlier) -> Iterator[str]:
    """Yield what would become of rows, a line for each by its sign, the rest counted."""
    plan, deletes = earlier.plan, earlier.deletes
    if plan is None and "deploy" in context.steps and earlier.word("deploy") is None:
        yield "rows: not known before the deploy has brought their schema"
        return
    if plan is None:
        plan = _plan(context, decided(context, takes=earlier.takes, deletes=deletes))
    if not plan.changes and not deletes:
        yield f"rows: unchanged, {amount(plan.rows, 'row')} equal"
        return
    deleted = (f"- delete {row.table_name} {row.key}" for row in deletes)
    yield from at_most(ROWS, deleted, "… and {} more to delete")
    yield from _changes(plan, deletes)


def show_diff(context: ReleaseContext, choices: Mapping[str, str]) -> None:
    """Show every row and column that an apply without a plan before it would change."""
    for line in diff_lines(_plan(context, choices)):
        context.console.line(f"    {line}")


def look_alone(
    context: ReleaseContext, database: Database, choices: Mapping[str, str], deletes: Sequence[RowName]
) -> Plan:
    """Return the plan of an apply that no plan goes before, and warn of what is lost in production."""
    plan = make_plan(context.load_bundle(), database, context.place.target.name, choices)
    if not context.settings.several:  # of several subjects it is known by now
        require_used(context, plan, database, deletes)
    warn_of_losses(context, plan, deletes)
    return plan


def warn_of_unknown(context: ReleaseContext, database: Database) -> None:
    """Warn of what is lost in rows that no release knows, before an apply that no plan goes before.

    A plan is made only where there may be such rows. What is wrong with it the apply itself says.
    """
    bundle = context.load_bundle()
    known = database.query(known_rows(str(bundle.manifest.subject)))[0][0]
    if known >= sum(bundle.manifest.counts().values()):
        return
    try:
        plan = staged_plan(bundle, database, context.place.target.name, decided(context))
    except Problem as problem:
        if database.broken:
            problem.what += "; nothing was changed"
            raise
        database.rollback()
    else:
        warn_of_losses(context, plan, ())


def warn_of_losses(context: ReleaseContext, plan: Plan, deletes: Sequence[RowName]) -> None:
    """Say what a plan overwrites or deletes, unless it is refused."""
    if not plan.reasons():
        warn(context, (*overwritten(plan), *prune.deleted(plan, deletes)))


def warn(context: ReleaseContext, warnings: Iterable[str]) -> None:
    """Say what is lost before it is."""
    for warning in warnings:
        context.console.line(f"    warning: {warning}")


def rows_to_delete(context: ReleaseContext, choices: Mapping[str, str]) -> tuple[RowName, ...]:
    """List the rows that `--prune` deletes where no plan went before."""
    with context.production() as database:
        plan = make_plan(context.load_bundle(), database, context.place.target.name, choices)
    return gone(context, plan)


def gone(context: ReleaseContext, plan: Plan) -> tuple[RowName, ...]:
    """List the rows that `--prune` deletes by a plan; more than its limit is a problem (exit 3)."""
    left = prune.with_source(plan, context.place.source, context.load_bundle().manifest.specs)
    return prune.to_prune(left, context.settings.prune_limit)


def _plan(context: ReleaseContext, choices: Mapping[str, str]) -> Plan:
    with context.reading() as database:
        return make_plan(context.load_bundle(), database, context.place.target.name, choices)


def _changes(plan: Plan, deletes: Sequence[RowName]) -> Iterator[str]:
    seen: dict[str, int] = {}
    lines = 0
    for change in plan.first(ROWS):
        if lines >= LINES or RowName(change.table, change.key) in deletes:
            continue
        shown_lines = [*change_lines(change), *_values(change)]
        yield from shown_lines
        lines += len(shown_lines)
        seen[change.action] = seen.get(change.action, 0) + 1
    counts = plan.counts()
    counts["gone"] -= len(deletes)
    rest = [f"{more} {action}" for action in WRITES if (more := counts[action] - seen.get(action, 0)) > 0]
    if rest:
        yield f"… and more rows: {', '.join(rest)}"


def _values(change: Change) -> Iterator[str]:
    if change.action != "insert":
        return
    text = ", ".join(f"{name} {quoted(cell['local'])}" for name, cell in change.columns.items())
    yield f"  {text if len(text) <= WIDEST else text[: WIDEST - 1] + '…'}"
