"""What an apply would change, a page of rows with their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from maulstick.diffs import quoted
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import RowName
from maulstick.plan.planner import make_plan
from maulstick.plan.view import change_lines, diff_lines
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.step_results import Earlier
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
