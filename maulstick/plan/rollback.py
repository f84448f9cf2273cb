"""Rollback: a release's rows put back to what they were before it, all or nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from maulstick.claims import claims, operator
from maulstick.errors import DENIED, Exit, Problem, did_you_mean, refused, usage
from maulstick.media.restore import require_files
from maulstick.plan import choices
from maulstick.plan.choices import RowName
from maulstick.plan.undone import Undone
from maulstick.postgres import privileges as rights
from maulstick.postgres.catalogue import questions, read_schema
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.ledger import IS_THERE, has_ledger, of_a_copy
from maulstick.postgres.locks import locked
from maulstick.postgres.quoting import literal
from maulstick.postgres.recovery import BrokenTransaction, Lost, broken
from maulstick.postgres.results import ResultRows
from maulstick.postgres.sql.rollback.script import Undo, undo
from maulstick.postgres.sql.session import opening
from maulstick.postgres.sqlstates import EDITED, LOCKED, REFUSED, UNDONE
from maulstick.postgres.tables.key_conditions import condition_of
from maulstick.postgres.tables.schema import TableSchema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.text import amount, lines, one_line

LEDGER = "select target from maulstick.ledger"
LAST = "select max(number) from maulstick.release"
SUBJECT = "select subject from maulstick.release where number ="
KNOWN = """select number, subject, kind, shapes::text, array(select distinct c.table_name::text
   from maulstick.change as c where c.release = r.number) from maulstick.release as r where number ="""
ROLLBACKS = "select number, of from maulstick.release where of >="
TOUCHED = """select table_name, key from maulstick.change
where release = %(number)s and action in ('insert', 'update', 'delete')"""
PUBLISHED_BY = """select p.number from maulstick.release as r
join maulstick.release as p on p.subject = r.subject and p.kind = 'publish' and p.number > r.number
where r.kind = 'release' and not exists (select from maulstick.release as n where n.subject = r.subject
  and n.kind = 'release' and n.number > r.number and n.number < p.number)
and r.number ="""
"""What made the rows of a release public: nothing was released in between."""
NEWEST = "select max(number) from maulstick.release where kind = 'rollback' and of = %(number)s"
UNCHANGED = "nothing was changed"
NOTHING = "nothing was released yet"
RELEASED = """select case when kind = 'publish' then (
    select max(o.number) from maulstick.release as o where o.subject = r.subject and o.kind = 'release')
  else number end from maulstick.release as r order by r.number desc limit 1"""


def rollback(
    database: Database,
    number: int | None,
    *,
    target: str,
    left_out: Sequence[RowName],
    rehearse: bool,
    although_read_only: bool = False,
    also: str = "",
) -> Undone:
    """Undo a release (None: the last one); rows that were changed since are refused (exit 3).

    `also` is a question that is put when the rows are as they will be.
    """
    of = f"({LAST})" if number is None else literal(number)
    database.ahead(
        [IS_THERE, LEDGER, LAST, f"{KNOWN} {of}", f"{ROLLBACKS} {of}", f"{PUBLISHED_BY} {of}", *questions()]
    )
    _require_ledger(database, target)
    newest = _last(database)
    number, subject, kind, specs, changed = _release(database, of)
    _require_known(database, number, left_out)
    require_files(database, number)
    specs = _as_there(database, number, specs, target)
    before = _opening(target, left_out, rehearse=rehearse, although_read_only=although_read_only)
    wanted = [*_publishing(database, of, target), Undo(number, specs, changed)]
    text = undo(wanted, last=newest, commit=not rehearse, also=also)
    lost = partial(_lost, database=database, number=number, before=newest)
    answers = _answers(database, before, text, specs, lost=None if rehearse else lost)
    rows, made = answers[-2], answers[-1].first()[0]
    return Undone(
        subject=subject,
        of=number,
        number=None if rehearse else int(made or 0),
        rows=rows,
        counted=Counter(str(action) for _, _, action in rows),
        named=[*answers[-3]] if also else (),
        specs=specs,
        kind=kind,
    )


def _opening(target: str, left_out: Sequence[RowName], *, rehearse: bool, although_read_only: bool) -> str:
    """Compose the SQL that opens the rollback's transaction with its settings."""
    return opening(
        {
            "mode": "rehearse" if rehearse else "",
            "target": target,
            "operator": operator(),
            "claims": claims(),
            "left_out": choices.as_setting(left_out),
            "although_read_only": "on" if although_read_only else "",
        }
    )


def undone_by(database: Database, number: int) -> int | None:
    """Return the release that has undone this one, None if it stands."""
    return _standing(number, database.query(f"{ROLLBACKS} {literal(number)}"))


def _standing(number: int, rollbacks: Sequence[Sequence[int]]) -> int | None:
    """Return the rollback of a release that still holds: one that was undone itself does not."""
    own = [made for made, of in rollbacks if of == number]
    return next((made for made in own if _standing(made, rollbacks) is None), None)


def last(database: Database) -> int:
    """Return the number of the last release."""
    if not has_ledger(database):
        raise usage("rollback", NOTHING)
    return _last(database)


def released(database: Database) -> int | None:
    """Return the last release's number, also where another made its rows public since; None for none."""
    found = database.query(RELEASED) if has_ledger(database) else ()
    return int(found[0][0]) if found else None


def subject_of(database: Database, number: int | None) -> str | None:
    """Return what a release released (None: the last one), None where the ledger does not know it."""
    subject = f"{SUBJECT} {f'({LAST})' if number is None else literal(number)}"
    database.ahead([IS_THERE, subject])
    found = database.query(subject) if has_ledger(database) else ()
    return str(found[0][0]) if found else None


def _last(database: Database) -> int:
    found = database.query(LAST)[0][0]
    if found is None:
        raise usage("rollback", NOTHING)
    return int(found)


def _require_known(database: Database, number: int, left_out: Sequence[RowName]) -> None:
    found = database.query(TOUCHED, {"number": number}) if left_out else ()
    known = [str(RowName(str(table), str(key))) for table, key in found]
    for row in left_out:
        if str(row) not in known:
            says = f"is not a row that release {number} changed"
            raise usage(f"--except {row}", says, did_you_mean(str(row), known))


def _release(database: Database, of: str) -> tuple[int, str, str, TableSpecs, list[str]]:
    """Return a release's number, subject, kind, tables, and the changed ones; `of` is its number's SQL."""
    found = database.query(f"{KNOWN} {of}")
    rollbacks = database.query(f"{ROLLBACKS} {of}")
    if not found:
        raise usage(f"release {of}", "is not in the ledger", "invoke history lists them")
    number, subject, kind, specs, changed = found[0]
    if undone := _standing(number, rollbacks):
        hint = f"to bring it back: invoke rollback --release {undone}"
        raise refused(f"release {number}", f"was undone by release {undone}", hint)
    try:
        known = {name: TableSpec.from_json(spec) for name, spec in json.loads(specs).items()}
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        says = "was written by another version of Maulstick, which described tables in another way"
        raise refused(f"release {number}", says, "undo it with the version that made it") from error
    return number, str(subject), str(kind), known, changed


def _publishing(database: Database, of: str, target: str) -> Iterator[Undo]:
    """Yield what made the rows of a release public, newest first, where that stands."""
    for made in sorted((int(made) for (made,) in database.query(f"{PUBLISHED_BY} {of}")), reverse=True):
        if undone_by(database, made) is None:
            _, _, _, specs, changed = _release(database, literal(made))
            yield Undo(made, _as_there(database, made, specs, target), changed)


def _require_ledger(database: Database, target: str) -> None:
    if not has_ledger(database):
        raise usage("rollback", NOTHING)
    ((name,),) = database.query(LEDGER)
    if name not in (None, target):
        says = f'this database calls itself "{name}", not "{target}"'
        raise refused("rollback", says, of_a_copy(name, target))


def _as_there(database: Database, number: int, specs: TableSpecs, target: str) -> TableSpecs:
    """List the specs with the target's own names of types, and its own conditions of unique keys.

    It is refused where a migration has taken away what the release knew of (exit 3).
    """
    tables = read_schema(database).tables
    lacks: list[str] = []
    for spec in specs.values():
        known = [*spec.columns, *spec.times, *([spec.id] if spec.id else [])]
        there = tables[spec.label].columns if spec.label in tables else {}
        lacks += [f"{spec.label}.{column}" for column in known if column not in there]
    if lacks:
        says = f"{target} no longer has what it described; nothing was changed{lines(lacks)}"
        raise refused(f"release {number}", says, "release the subject again instead")
    return {label: _fitted(spec, tables[label]) for label, spec in specs.items()}


def _fitted(spec: TableSpec, there: TableSchema) -> TableSpec:
    known = [*spec.columns, *([spec.surrogate] if spec.surrogate else [])]
    condition = condition_of(there, spec.key) if spec.surrogate else None
    types = {column: there.columns[column].here for column in known}
    times = {column: there.columns[column].here for column in spec.times}
    return replace(spec, types=types, times=times, key_condition=condition)


def _newest(database: Database, number: int) -> int:
    return int(database.query(NEWEST, {"number": number})[0][0] or 0)


def _answers(
    database: Database,
    before: str,
    text: str,
    specs: TableSpecs,
    *,
    lost: Callable[[Problem, int], BrokenTransaction] | None,
) -> list[ResultRows]:
    """Run a rollback; `lost` returns the problem of one whose connection broke while it could write."""
    try:
        try:
            return database.write(before, text)
        except SqlProblem as problem:
            raise _stopped(problem, database, specs, lost) from problem
    except KeyboardInterrupt as stopped:  # also one that comes while it is looked what became of it
        process = database.pid
        if lost is None or database.abandon() or process is None:
            raise
        raise lost(Problem("rollback", "interrupted", code=Exit.INTERRUPTED), process) from stopped


def _stopped(
    problem: SqlProblem,
    database: Database,
    specs: TableSpecs,
    lost: Callable[[Problem, int], BrokenTransaction] | None,
) -> Problem:
    """Return what a rollback that was refused, or whose connection broke, ends with."""
    if not database.broken:
        database.rollback()
        return _explained(problem, database, specs)
    if database.pid is not None and lost is not None:
        return lost(problem, database.pid)
    return Problem("rollback", f"{problem.what}; {UNCHANGED}", "run the same again")


def _lost(
    problem: Problem, process: int, *, database: Database, number: int, before: int
) -> BrokenTransaction:
    done, look = f"release {{}} undid release {number} whole", "invoke history shows it"
    lost = Lost("rollback", problem, process, before, done, look)
    return broken(database.again, partial(_newest, number=number), lost)


def _explained(problem: SqlProblem, database: Database, specs: TableSpecs) -> Problem:
    if problem.state == DENIED and (lacks := rights.missing(database, specs, writes=True, deletes=True)):
        return rights.refusal(None, lacks)
    if problem.state == LOCKED:
        return locked("rollback", database)
    if problem.state == EDITED:
        return refused("rollback", problem.what, problem.hint)
    if problem.state == UNDONE:
        return refused("rollback", problem.what, "invoke history shows what there is to undo")
    if problem.state != REFUSED:
        what = problem.what if UNCHANGED in problem.what else f"{problem.what}; {UNCHANGED}"
        return Problem("rollback", what, problem.hint)
    # Of rows with one key, each says the same.
    reasons = list(dict.fromkeys(map(one_line, json.loads(problem.detail))))
    says = f"{amount(len(reasons), 'row')} would lose what came after; {UNCHANGED}{lines(reasons)}"
    return refused("rollback", says, "leave a row as it is with --except TABLE:KEY")
