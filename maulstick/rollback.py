"""Rollback: a release's rows put back to what they were before it, all or nothing."""

from __future__ import annotations

import getpass
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from maulstick import choices, rights
from maulstick.answers import Rows
from maulstick.choices import Row
from maulstick.console import amount
from maulstick.errors import Exit, Problem, did_you_mean, refused, usage
from maulstick.ledger import LOCKED, VERSION, has_ledger
from maulstick.media_undo import require_files
from maulstick.planning import lines
from maulstick.postgres import DENIED, Database, SqlProblem
from maulstick.sections.guard import REFUSED
from maulstick.sections.undo import undo
from maulstick.session import opening
from maulstick.shapes import Shape, Shapes

KNOWN = "select subject, shapes::text from maulstick.release where number = %(number)s"
ROLLBACKS = "select number, of from maulstick.release where of >= %(number)s"
TOUCHED = "select table_name, key from maulstick.change where release = %(number)s"
WORDS = {"insert": "put back", "update": "restored", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class Undone:
    """A rollback as it went; `number` is its own in the ledger, None for a rehearsal."""

    subject: str
    of: int
    number: int | None
    rows: Rows
    counted: Mapping[str, int]
    named: Sequence[Sequence[str | None]] = ()

    def __str__(self) -> str:
        counted = [(self.count(action), word) for action, word in WORDS.items()]
        said = ", ".join(f"{count} {word}" for count, word in counted if count) or "nothing to undo"
        rehearsed = "" if self.number else "; rehearsed, nothing was changed"
        return f"release {self.of} of {self.subject}: {said}{rehearsed}"

    def count(self, action: str) -> int:
        """Return how many rows were put back (insert), restored (update) or deleted."""
        return self.counted.get(action, 0)

    def lines(self) -> Iterator[str]:
        """Return each row with what becomes of it."""
        for table, key, action in self.rows:
            yield f"    {WORDS[str(action)]}: {Row(str(table), str(key))}"


def rollback(
    database: Database,
    number: int | None,
    *,
    target: str,
    left_out: Sequence[Row],
    rehearse: bool,
    also: str = "",
) -> Undone:
    """Undo a release, the last one for None; refuses rows that were changed since (exit 3).

    `also` is a question that is put when the rows are as they will be.
    """
    _require_ledger(database, target)
    number = last(database) if number is None else number
    subject, shapes = _release(database, number)
    _require_known(database, number, left_out)
    require_files(database, number)
    settings = {
        "target": target,
        "operator": getpass.getuser(),
        "left_out": choices.as_setting(left_out),
    }
    try:
        answers = database.send(opening(settings) + undo(number, shapes, commit=not rehearse, also=also))
    except SqlProblem as problem:
        if problem.state == DENIED and not database.broken:
            database.rollback()
            if lacks := rights.missing(database, shapes, writes=True, deletes=True):
                raise rights.refusal(None, lacks) from problem
        raise _explained(problem) from problem
    rows, made = answers[-2], answers[-1].first()[0]
    return Undone(
        subject=subject,
        of=number,
        number=None if rehearse else int(made or 0),
        rows=rows,
        counted=Counter(str(action) for _, _, action in rows),
        named=[*answers[-3]] if also else (),
    )


def undone_by(database: Database, number: int) -> int | None:
    """Return the release that has undone this one, None where it stands."""
    return _standing(number, database.query(ROLLBACKS, {"number": number}))


def _standing(number: int, rollbacks: Sequence[Sequence[int]]) -> int | None:
    """Return the rollback of a release that stands: one that was undone itself does not."""
    own = [made for made, of in rollbacks if of == number]
    return next((made for made in own if _standing(made, rollbacks) is None), None)


def last(database: Database) -> int:
    """Return the number of the last release."""
    newest = "select max(number) from maulstick.release"
    found = database.query(newest)[0][0] if has_ledger(database) else None
    if found is None:
        raise usage("rollback", "nothing was released yet")
    return int(found)


def _require_known(database: Database, number: int, left_out: Sequence[Row]) -> None:
    found = database.query(TOUCHED, {"number": number}) if left_out else ()
    known = [str(Row(str(table), str(key))) for table, key in found]
    for row in left_out:
        if str(row) not in known:
            says = f"is no row that release {number} changed"
            raise usage(f"--except {row}", says, did_you_mean(str(row), known))


def _release(database: Database, number: int) -> tuple[str, Shapes]:
    found = database.query(KNOWN, {"number": number})
    if not found:
        raise usage(f"release {number}", "is not in the ledger", "invoke history lists them")
    subject, shapes = found[0]
    if undone := undone_by(database, number):
        hint = f"to bring it back: invoke rollback --release {undone}"
        raise refused(f"release {number}", f"was undone by release {undone}", hint)
    try:
        return str(subject), {name: Shape.from_json(shape) for name, shape in json.loads(shapes).items()}
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        says = "was written by another version of Maulstick, which described tables in another way"
        raise refused(f"release {number}", says, "undo it with the version that made it") from error


def _require_ledger(database: Database, target: str) -> None:
    if not has_ledger(database):
        raise usage("rollback", "nothing was released yet")
    version, name = database.query("select version, target from maulstick.ledger")[0]
    if version != VERSION:
        raise refused("rollback", f"the ledger has version {version}, and known here is {VERSION}")
    if name not in (None, target):
        raise refused("rollback", f'this database calls itself "{name}", not "{target}"')


def _explained(problem: SqlProblem) -> Problem:
    if problem.state == LOCKED:
        says = "another release holds the lock; nothing was changed"
        return Problem("rollback", says, "wait for it, then run this again", code=Exit.LOCKED)
    if problem.state != REFUSED:
        return Problem("rollback", f"{problem.what}; nothing was changed", problem.hint)
    reasons = json.loads(problem.detail)
    says = f"{amount(len(reasons), 'row')} would lose what came after; nothing was changed{lines(reasons)}"
    return refused("rollback", says, "leave a row as it is with --except TABLE:KEY")
