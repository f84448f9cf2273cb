"""What alone may be written, and why a database refused to write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from maulstick.errors import DENIED, Exit, Problem, refused
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName
from maulstick.plan.planner import (
    NAMED_ALREADY,
    UNFIT,
    about_row,
    carried_out,
    decides_nothing,
    fit,
    make_plan,
    require_fit,
    require_unused,
)
from maulstick.plan.seal import Seal
from maulstick.postgres import privileges
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.ledger import of_a_copy
from maulstick.postgres.locks import locked
from maulstick.postgres.quoting import literal
from maulstick.postgres.sections import Section
from maulstick.postgres.sql.failing_row import failing_row
from maulstick.postgres.sqlstates import FAILING_ROW, LOCKED, REFUSED, UNASKED
from maulstick.release.context import ReleaseContext
from maulstick.release.step_results import Earlier
from maulstick.text import lines, one_line


@dataclass(frozen=True, slots=True)
class Writing:
    """A bundle's rows on their way into production, with the user's choices as settings.

    `alone` is the plan that an apply shows itself, where no step before it has made one.
    Where it `publishes`, the rows are there, and are only made public.
    """

    context: ReleaseContext
    earlier: Earlier
    choices: Mapping[str, str]
    deletes: tuple[RowName, ...] = ()
    alone: Plan | None = None
    publishes: bool = False

    @property
    def step(self) -> str:
        """The step that writes."""
        return "publish" if self.publishes else "apply"

    @property
    def hides(self) -> bool:
        """Whether rows go in hidden that this would make public; a rehearsal writes them as they end."""
        context = self.context
        if self.publishes or context.settings.rehearse or context.place.pulled is not None:
            return False
        return any(spec.publish for spec in context.load_bundle().manifest.specs.values())

    @property
    def may_be_unchanged(self) -> bool:
        """Whether nothing is decided or known that makes it differ from what was released."""
        is_open = self.context.seal is None and not self.earlier.has_changes
        return is_open and decides_nothing(self.choices)

    @property
    def shown(self) -> Seal | Plan | None:
        """The plan that somebody has seen: a sealed one, or that of this command."""
        return self.context.seal or self.earlier.plan or self.alone

    def plan_now(self, database: Database) -> Plan:
        """Return the plan as it would be made now."""
        context = self.context
        return make_plan(context.load_bundle(), database, context.place.target.name, self.choices)

    def sealed(self, shown: Seal | Plan) -> Seal:
        """Return a plan that was shown as a sealed one."""
        return shown if isinstance(shown, Seal) else sealed.seal(shown, self.choices)

    @property
    def again(self) -> str:
        """The hint for a plan that does not hold any more."""
        return sealed.AGAIN if self.context.seal else "run this again: it shows a new plan"


def bound_to(writing: Writing, database: Database) -> str:
    """Return the fingerprint of what alone may be done, "" for whatever is right at the last moment.

    A sealed plan binds, and one that was just shown where it takes a side, restores or deletes: no edit that
    came after it is overwritten unseen.
    """
    context, shown, typed = writing.context, writing.shown, writing.context.settings
    decides = context.seal or typed.take or typed.restore or writing.earlier.takes or writing.deletes
    if shown is None or not decides:
        return ""
    carried = [
        *carried_out(context.other_seals, database),
        *map(sealed.rows_of, writing.earlier.carried),
    ]
    if not carried:
        return shown.fingerprint
    if context.seal is not None:
        require_unused(context.seal, database)
    now = writing.plan_now(database)
    return sealed.still(writing.sealed(shown), now, carried, again=writing.again).fingerprint


def explained(writing: Writing, database: Database, problem: SqlProblem, bound: str, before: str) -> Problem:
    """Say why nothing was written, in words for who released."""
    context = writing.context
    manifest, target = context.load_bundle().manifest, context.place.target.name
    if problem.state == REFUSED:
        return _refused(writing, database, problem, bound)
    if problem.state == LOCKED:
        return locked(writing.step, database)
    if problem.state == DENIED:
        deletes = bool(writing.deletes)
        if lacks := privileges.missing(database, manifest.specs, writes=True, deletes=deletes):
            return privileges.refusal(None, lacks)
    if problem.state == UNASKED:
        owner = context.plugins.owner_of("maulstick_queries", problem.detail, context.subject)
        return Problem(writing.step, problem.what, f"it is from {owner}", code=Exit.PLUGIN)
    if problem.state[:2] in (*UNFIT, "42") and not database.broken:
        # Where no plan went before, the schema says more.
        require_fit(fit(context.load_bundle(), database, target))
    what = _blamed(writing, database, problem, before) or about_row(problem, context.load_bundle())
    what = what if "nothing was changed" in what else f"{what}; nothing was changed"
    return Problem(writing.step, what, problem.hint, code=problem.code)


def _refused(writing: Writing, database: Database, problem: SqlProblem, bound: str) -> Problem:
    seal, shown = writing.context.seal, writing.shown
    if seal is not None:
        require_unused(seal, database)
    if bound and shown:
        now = writing.plan_now(database)
        if now.fingerprint != bound:
            return sealed.moved(writing.sealed(shown), now, again=writing.again)
    reasons = [one_line(reason) for reason in json.loads(problem.detail)]
    otherwise = re.search(r'calls itself "(.*)", not "', "".join(reasons))
    target = writing.context.place.target.name
    hint = of_a_copy(otherwise[1], target) if otherwise else "invoke plan shows it"
    return refused(writing.step, f"nothing was changed{lines(reasons)}", hint)


def _blamed(writing: Writing, database: Database, problem: SqlProblem, before: str) -> str:
    """Return what a database says of the row that made the write fail, "" where none does so alone.

    The rows are staged and compared again, then written one by one, and all is rolled back.
    """
    if problem.state[:2] not in (*UNFIT, "P0", "42", "55") or problem.state in NAMED_ALREADY or problem.row:
        return ""
    bundle = writing.context.load_bundle()
    sections, specs = bundle.script.sections, bundle.manifest.specs
    again = [
        *(sections[name] for name in ("settings", "stage", "lock", "diff")),
        Section("blame", failing_row(specs)),
    ]
    try:
        database.play(again, before=f"{before}set local maulstick.failed = {literal(problem.state)};\n")
    except SqlProblem as failed:
        if database.broken:
            return ""
        database.rollback()
        return failed.what if failed.state == FAILING_ROW else ""
    return ""
