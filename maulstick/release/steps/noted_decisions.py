"""What was decided before, from its file: heard in the conflicts that it was made about, and in no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName, Take
from maulstick.plan.decisions.decision import Decision
from maulstick.plan.decisions.file import FOLDER
from maulstick.plan.planner import make_plan
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.step_results import FAILED, Earlier, PlanResult
from maulstick.release.unused_choices import require_used
from maulstick.text import one_line

Places = Mapping[tuple[str, str, str], Decision]


def noted_takes(context: ReleaseContext, plan: Plan) -> tuple[Take, ...]:
    """Return the sides that the subject's file takes in a plan's conflicts.

    Each is said, and so is a decision that holds no longer. What was typed comes first: a conflict that it
    has decided is none.
    """
    noted = _noted(context)
    takes = []
    for change in plan.conflicts() if noted else ():
        for column in change.conflicts():
            decision = noted.get((change.table, change.key, column))
            if decision is None:
                continue
            moved = decision.moved(change.columns[column])
            if not moved:
                takes.append(decision.as_take())
            _say(context, decision, moved)
    for decision in _strays(context, plan, noted):
        context.console.line(f"    {_place(decision)}: is decided in {FOLDER}/ and not part of this bundle")
    return tuple(takes)


def as_planned(context: ReleaseContext, earlier: Earlier, deletes: tuple[RowName, ...]) -> Earlier:
    """Return the same with a plan that hears the subject's file, where no plan has; rows are bound to it."""
    if earlier.plan is not None or context.seal is not None or not _noted(context):
        return earlier
    bundle, target = context.load_bundle(), context.place.target.name
    with context.production() as database:
        first = make_plan(bundle, database, target, decided(context, deletes=deletes))
        takes = noted_takes(context, first)
        if not takes:
            return earlier
        plan = make_plan(bundle, database, target, decided(context, takes=takes, deletes=deletes))
        unused = require_used(context, plan, database, deletes)
    result = PlanResult(FAILED, plan, takes=takes, deletes=deletes, unused_choices=unused)
    return replace(earlier, results={**earlier.results, "plan": result})


def _noted(context: ReleaseContext) -> Places:
    """Return what was decided about this subject for this target, by table, key and column."""
    target, decisions = context.place.target.name, context.settings.decisions.get(str(context.subject), ())
    return {(one.table, one.key, one.column): one for one in decisions if one.target == target}


def _say(context: ReleaseContext, decision: Decision, moved: list[str]) -> None:
    if moved:
        since = " and ".join(moved)
        says = f"what was decided ({decision.take}) holds no longer: {since} changed since"
    else:
        says = f"{decision.take}, as decided in {FOLDER}/"
    context.console.line(f"    {_place(decision)}: {says}")


def _strays(context: ReleaseContext, plan: Plan, noted: Places) -> Iterator[Decision]:
    """Yield decisions about rows and columns that neither side has; what is left out has its turn later."""
    known = context.known_rows()
    rows = {(change.table, change.key) for change in plan.changes} if noted else set()
    rows |= {*context.load_bundle().left_out}
    for (table, key, column), decision in noted.items():
        spec = known.specs.get(table)
        is_known = spec is not None and column in spec.columns
        if not (is_known and ((table, key) in rows or key in known.keys(table))):
            yield decision


def _place(decision: Decision) -> str:
    return one_line(f"{decision.table} {decision.key}: {decision.column}")
