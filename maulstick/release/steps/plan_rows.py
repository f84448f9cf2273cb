"""The plan of a subject's rows, with what the user decides about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from shlex import quote

from maulstick.diffs import cell_lines
from maulstick.errors import Problem, usage
from maulstick.plan import prune
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import RowName, Take
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import Database
from maulstick.postgres.tables.keys import topmost
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.new_subjects import planned_with_others
from maulstick.release.step_results import FAILED, Earlier, PlanResult
from maulstick.release.steps.noted_decisions import noted_takes
from maulstick.release.unused_choices import require_used


@dataclass(frozen=True, slots=True)
class PlannedRows:
    """A plan of rows and what the user decided: see `PlanResult`, which it becomes."""

    plan: Plan
    takes: tuple[Take, ...] = ()
    deletes: tuple[RowName, ...] = ()
    unused_choices: Mapping[str, Problem] = field(default_factory=dict)

    def as_result(self) -> PlanResult:
        """Return it as the result of a step that has yet to look at the files."""
        return PlanResult(
            FAILED, self.plan, takes=self.takes, deletes=self.deletes, unused_choices=self.unused_choices
        )


def plan_rows(context: ReleaseContext, earlier: Earlier, database: Database) -> PlannedRows:
    """Return the plan with what the user says to it, asked for where that was wanted."""
    takes, deletes = earlier.takes, earlier.deletes  # of the plan before, where this one is made again
    plan = _plan(context, earlier, database, decided(context, takes=takes, deletes=deletes))
    if earlier.plan is None and (noted := noted_takes(context, plan)):
        takes = (*takes, *noted)
        plan = _plan(context, earlier, database, decided(context, takes=takes, deletes=deletes))
    if context.settings.ask and plan.conflicts():
        takes = (*takes, *_ask_about_conflicts(context, plan))
        plan = _plan(context, earlier, database, decided(context, takes=takes, deletes=deletes))
    if context.settings.prune:
        deletes = prune.to_prune(plan, context.settings.prune_limit)
        plan = _plan(context, earlier, database, decided(context, takes=takes, deletes=deletes))
    return PlannedRows(plan, takes, deletes, require_used(context, plan, database, deletes))


def renamed(plan: Plan, specs: TableSpecs) -> Iterator[str]:
    """Name pairs that may be one row under a new key."""
    gone_from = {change.table for change in plan.with_action("gone")}
    for table in sorted(table for table in gone_from if specs[table].surrogate):
        old, new = (
            topmost(
                specs[table], [change.key for change in plan.with_action(action) if change.table == table]
            )
            for action in ("gone", "insert")
        )
        if len(old) == len(new) == 1:
            yield f"if {table} {new[0]} is {old[0]} renamed: --rename {quote(f'{table}:{old[0]}={new[0]}')}"


def _plan(context: ReleaseContext, earlier: Earlier, database: Database, choices: Mapping[str, str]) -> Plan:
    bundle = context.load_bundle()
    plan = planned_with_others(context, earlier, database, choices)
    if plan is None:
        plan = make_plan(bundle, database, context.place.target.name, choices)
    if context.names_bundle:
        return prune.without_source(plan)
    return prune.with_source(plan, context.place.source, bundle.manifest.specs)


def _ask_about_conflicts(context: ReleaseContext, plan: Plan) -> Iterator[Take]:
    """Go through the conflicts one by one and print the options that repeat the answers."""
    console = context.console
    if not console.interactive:
        raise usage("--ask", "nobody is there to answer", "use --take, or answer on a terminal")
    takes = [_ask(context, change, name) for change in plan.conflicts() for name in change.conflicts()]
    console.line("the same answers again: " + " ".join(f"--take {quote(str(take))}" for take in takes))
    yield from takes


def _ask(context: ReleaseContext, change: Change, name: str) -> Take:
    for line in cell_lines(change.columns[name]):
        context.console.line(f"    {line}")
    side = context.console.choose(f"{change.table} {change.key}: {name}: take", ("local", "production"))
    return Take(side, change.table, change.key, name)
