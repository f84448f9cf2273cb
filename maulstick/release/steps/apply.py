"""Apply: the bundle's rows into production, in one transaction."""

from __future__ import annotations

import getpass
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from maulstick import git
from maulstick.errors import DENIED, Exit, Problem, refused
from maulstick.plan import prune as gone
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName
from maulstick.plan.planner import (
    NAMED_ALREADY,
    UNFIT,
    about_row,
    as_released,
    carried_out,
    decides_nothing,
    fit,
    make_plan,
    play,
    require_fit,
    require_unused,
)
from maulstick.plan.seal import Seal
from maulstick.postgres import privileges as rights
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.ledger import of_a_copy
from maulstick.postgres.locks import locked, say_holders
from maulstick.postgres.quoting import literal
from maulstick.postgres.recovery import Fate, Lost, broken, fate_of, last_release
from maulstick.postgres.results import ResultRows
from maulstick.postgres.sections import Section
from maulstick.postgres.sql.failing_row import failing_row
from maulstick.postgres.sql.session import opening
from maulstick.postgres.sql.write import end
from maulstick.postgres.sqlstates import FAILING_ROW, LOCKED, REFUSED, UNASKED
from maulstick.project.declarations import Outcome
from maulstick.release import foresight, heard
from maulstick.release.context import Run
from maulstick.release.settings import Options
from maulstick.text import amount, lines

DONE = {
    "insert": "inserted",
    "update": "updated",
    "delete": "deleted",
    "kept": "kept",
    "removed": "removed there",
}
WRITTEN = ("insert", "update", "delete")
REHEARSED = Section("end", end(commit=False))


def apply(run: Run, options: Options) -> Outcome:
    """Write the rows; what was found at the last moment stops it with nothing changed (exit 3, 4 or 7).

    A rehearsal runs everything, real constraints and triggers included, and rolls back.
    """
    rehearse = run.settings.rehearse
    if not (rehearse or run.settings.without_media or "upload" in run.steps):
        _require_media(run)
    if run.seal is not None:
        sealed.holds(run.seal, target=run.place.target.name, digest=run.bundle.manifest.digest)
    if run.settings.prune and run.plan is None and run.seal is None:
        run.doomed = _doomed(run)
    number, actions = _played(run, options)
    rows = sum(run.bundle.manifest.counts().values())
    if not any(actions[action] for action in WRITTEN):
        what = "how both sides stand" if any(actions[action] for action in DONE) else "that both sides agree"
        what = "its files" if run.report.word("upload") == "done" else what
        adopted = f"; release {number} wrote down {what}" if run.report.number else ""
        return Outcome("unchanged", _unchanged(actions, rows) + adopted)
    said = [f"{actions[action]} {word}" for action, word in DONE.items() if actions[action]]
    rolled_back = "; rolled back, nothing was changed" if rehearse else ""
    return Outcome("done", ", ".join(said) + rolled_back)


def look_ahead(run: Run) -> None:
    """Learn which choices no row of a subject hears, where no plan goes before; nothing is changed."""
    with run.production() as database:
        planned = make_plan(run.bundle, database, run.place.target.name, run.decided())
        if run.settings.prune:
            found = gone.with_source(planned, run.place.source, run.bundle.manifest.specs)
            run.doomed = gone.to_prune(found, run.settings.prune_limit)
        heard.require(run, planned, database)


def _played(run: Run, options: Options) -> tuple[int | None, Counter[str]]:
    queries = run.bundle.manifest.queries
    undecided = run.seal is None and decides_nothing(run.decided()) and not run.differs
    if undecided and not heard.typed_any(run) and run.agrees("apply", run.production, queries=True):
        return None, Counter()
    sections = {**run.bundle.script.sections, **({"end": REHEARSED} if run.settings.rehearse else {})}
    with run.production() as database:
        if run.plan is None and run.seal is None and not run.settings.several and heard.typed_any(run):
            planned = make_plan(run.bundle, database, run.place.target.name, run.decided())
            heard.require(run, planned, database)
        foresight.of_apply(run, database)
        if undecided and as_released(run.bundle, database, run.place.target.name, queries=queries):
            return None, Counter()
        bound = _bound(run, database)
        say_holders(database, run.console.line)
        answers = _answered(run, database, sections.values(), _opening(run, options, bound), bound)
        number, counted, deleted, kept = answers[-1].first()
        run.report.sure = True
        run.report.number = None if run.settings.rehearse else _number(number)
        if database.interrupted and not run.settings.rehearse:
            raise KeyboardInterrupt
    if run.plan is not None and not run.settings.rehearse:
        run.carried.append(run.plan)
    actions = _actions(json.loads(counted or "{}"))
    run.stands = {**actions, "kept": int(kept or 0)}
    actions["delete"] = int(deleted or 0)
    return _number(number), actions


def _answered(
    run: Run, database: Database, sections: Iterable[Section], before: str, bound: str
) -> list[ResultRows]:
    """Play the sections; from the first byte to the last answer nobody knows whether the rows are written."""
    digest = run.bundle.manifest.digest
    last, newest = last_release(database, digest), partial(last_release, digest=digest)
    run.report.sure = run.settings.rehearse
    try:
        return play(run.bundle, database, sections, before)
    except SqlProblem as problem:
        if database.broken:
            lost = broken(run.production, newest, Lost("apply", problem, database.pid, last))
            _learn(run, lost.fate)
            raise lost from problem
        database.rollback()
        _learn(run, Fate())
        raise _explained(problem, database, run, bound, before) from problem
    except BaseException:
        if database.abandon():
            _learn(run, Fate())
        else:
            pid, again = database.pid, run.production
            _learn(run, fate_of(again, newest, where="apply", pid=pid, before=last))
        raise


def _learn(run: Run, fate: Fate) -> None:
    run.report.sure = fate.sure or run.settings.rehearse
    run.report.number = None if run.settings.rehearse else fate.number


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _doomed(run: Run) -> tuple[RowName, ...]:
    """Return the rows to delete, each named first, where no plan went before."""
    with run.production() as database:
        planned = make_plan(run.bundle, database, run.place.target.name, run.decided())
    planned = gone.with_source(planned, run.place.source, run.bundle.manifest.specs)
    doomed = gone.to_prune(planned, run.settings.prune_limit)
    for row in doomed:
        run.console.line(f"    {row} will be deleted in {run.place.target.name}")
    return doomed


def _require_media(run: Run) -> None:
    missing = [item.file.key for item in run.compared() if item.action in ("upload", "overwrite", "conflict")]
    if missing:
        says = f"the bucket lacks {amount(len(missing), 'file')} that these rows name{lines(missing)}"
        hint = "invoke upload first, or apply --without-media"
        raise refused("apply", f"nothing was changed: {says}", hint)


def _opening(run: Run, options: Options, bound: str) -> str:
    checkout, seal = run.checkout, run.seal
    return opening(
        {
            "mode": "rehearse" if run.settings.rehearse else "",
            "target": run.place.target.name,
            "operator": run.settings.operator or getpass.getuser(),
            "commit": git.head(checkout) if checkout else "",
            "lock_wait": f"{options.get('lock_wait', 60)}s",
            "plan": seal.id if seal else "",
            "seal": bound,
            "although_read_only": "on" if run.place.target.although_read_only else "",
            **run.decided(),
        }
    )


def _bound(run: Run, database: Database) -> str:
    """Return the fingerprint of what alone may be done, "" for whatever is right at the last moment.

    A sealed plan binds, and one that was just shown where it takes a side, restores or deletes: no edit that
    came after it is overwritten unseen.
    """
    shown, typed = run.seal or run.plan, run.settings
    decides = run.seal or typed.take or typed.restore or run.asked or run.doomed
    if shown is None or not decides:
        return ""
    carried = [*carried_out(run.other_seals, database), *map(sealed.rows_of, run.carried)]
    if not carried:
        return shown.fingerprint
    if run.seal is not None:
        require_unused(run.seal, database)
    now = make_plan(run.bundle, database, run.place.target.name, run.decided())
    return sealed.still(_seal(shown, run), now, carried, again=_again(run)).fingerprint


def _seal(shown: Seal | Plan, run: Run) -> Seal:
    return shown if isinstance(shown, Seal) else sealed.seal(shown, run.decided())


def _again(run: Run) -> str:
    return sealed.AGAIN if run.seal else "run this again: it shows a new plan"


def _explained(problem: SqlProblem, database: Database, run: Run, bound: str, opened: str) -> Problem:
    if problem.state == REFUSED:
        if run.seal is not None:
            require_unused(run.seal, database)
        shown = run.seal or run.plan
        if bound and shown:
            now = make_plan(run.bundle, database, run.place.target.name, run.decided())
            if now.fingerprint != bound:
                return sealed.moved(_seal(shown, run), now, again=_again(run))
        reasons = json.loads(problem.detail)
        otherwise = re.search(r'calls itself "(.*)", not "', "".join(reasons))
        hint = of_a_copy(otherwise[1], run.place.target.name) if otherwise else "invoke plan shows it"
        return refused("apply", f"nothing was changed{lines(reasons)}", hint)
    if problem.state == LOCKED:
        return locked("apply", database)
    if problem.state == DENIED:
        specs, deletes = run.bundle.manifest.specs, bool(run.doomed)
        if lacks := rights.missing(database, specs, writes=True, deletes=deletes):
            return rights.refusal(None, lacks)
    if problem.state == UNASKED:
        owner = run.plugins.owner_of("maulstick_queries", problem.detail, run.subject)
        return Problem("apply", problem.what, f"it is from {owner}", code=Exit.PLUGIN)
    if problem.state[:2] in (*UNFIT, "42") and not database.broken:
        require_fit(
            fit(run.bundle, database, run.place.target.name)
        )  # where no plan went before, it says more
    what = _blamed(problem, database, run, opened) or about_row(problem, run.bundle)
    what = what if "nothing was changed" in what else f"{what}; nothing was changed"
    return Problem("apply", what, problem.hint, code=problem.code)


def _blamed(problem: SqlProblem, database: Database, run: Run, opened: str) -> str:
    """Return what a database says of the row that made the write fail, "" where none does so alone.

    The rows are staged and compared again, then written one by one, and all is rolled back.
    """
    if problem.state[:2] not in (*UNFIT, "P0", "42", "55") or problem.state in NAMED_ALREADY or problem.row:
        return ""
    sections, specs = run.bundle.script.sections, run.bundle.manifest.specs
    before = f"{opened}set local maulstick.failed = {literal(problem.state)};\n"
    again = [
        *(sections[one] for one in ("settings", "stage", "lock", "diff")),
        Section("blame", failing_row(specs)),
    ]
    try:
        database.play(again, before=before)
    except SqlProblem as found:
        if database.broken:
            return ""
        database.rollback()
        return found.what if found.state == FAILING_ROW else ""
    return ""


def _actions(tables: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    actions: Counter[str] = Counter()
    for counts in tables.values():
        actions.update(counts)
    return actions


def _unchanged(actions: Counter[str], rows: int) -> str:
    others = [f"{actions[action]} {word}" for action, word in DONE.items() if actions[action]]
    equal = rows - sum(actions[action] for action in DONE)
    return ", ".join([f"{amount(equal, 'row')} equal", *others])
