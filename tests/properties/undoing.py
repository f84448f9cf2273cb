"""What a rollback must do, by a model of its own: each release remembered by what it moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.properties.designs import Design, Designs
from tests.properties.reading import LOST, Row, points
from tests.properties.three_ways import Base, Known, Outcome, Values

State = Mapping[Row, Values]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row as it was before and after a release, None where it was not there, and base likewise.

    `beside` is what it held in columns that do not travel.
    """

    before: Values | None
    after: Values | None
    base_before: Known | None
    base_after: Known | None
    beside_before: Values | None
    beside_after: Values | None


Release = Mapping[Row, Moved]


@dataclass(slots=True)
class History:
    """The releases by number, and which of them each rollback undid."""

    releases: dict[int, tuple[str, Release]] = field(default_factory=dict)
    of: dict[int, int] = field(default_factory=dict)

    def add(self, number: int, subject: str, release: Release, *, of: int | None = None) -> None:
        """Remember a release, or the rollback `of` one."""
        self.releases[number] = subject, release
        self.of |= {number: of} if of is not None else {}

    def open(self) -> list[int]:
        """Return the releases that stand, the newest first: each that no rollback undid that stands."""
        standing: list[int] = []
        for number in sorted(self.releases, reverse=True):
            if not any(self.of.get(by) == number for by in standing):
                standing.append(number)
        return standing


@dataclass(frozen=True, slots=True)
class Stand:
    """Production's rows with what does not travel, and base, at one time."""

    rows: State
    beside: State
    base: Base


def moved(one: Stand, other: Stand) -> Release:
    """Return what a release moved."""
    rows = {*one.rows, *other.rows, *one.base, *other.base}
    sides = [(stand.rows, stand.base, stand.beside) for stand in (one, other)]
    pairs = [pair for pairs in zip(*sides, strict=True) for pair in pairs]
    found = {row: Moved(*(side.get(row) for side in pairs)) for row in rows}
    return {
        row: one for row, one in found.items() if (one.before, one.base_before) != (one.after, one.base_after)
    }


def undo(designs: Designs, history: History, number: int, now: Stand) -> Outcome:
    """Return what undoing a release must do now."""
    subject, release = history.releases[number]
    result = Outcome(rows=dict(now.rows), base=dict(now.base))
    by_name = {design.name: design for design in designs}
    for row, one in release.items():
        _hold_what_came(row, one, subject, now, result)
        _put_back(by_name[row[0]], row, one, result)
        _put_base_back(row, one, subject, result)
    _hold_references(designs, release, result)
    _hold_unique(designs, release, result)
    return result


def brought_back(release: Release) -> State:
    """Return what the rows that an undo brings back must hold beside what travels."""
    return {
        row: one.beside_before or {}
        for row, one in release.items()
        if one.before is not None and one.after is None
    }


def _hold_what_came(row: Row, one: Moved, subject: str, now: Stand, result: Outcome) -> None:
    """Refuse to delete a new row that was edited where it does not travel, or that is others' too."""
    if one.before is not None or one.after is None or row not in now.rows:
        return
    before, known = one.base_before, now.base.get(row)
    others = (known.subjects if known else frozenset()) - {subject} - (before.subjects if before else set())
    result.reasons += [f"{row} belongs to {others}"] if others else []
    result.reasons += [f"{row} was edited"] if now.beside[row] != one.beside_after else []


def _put_back(design: Design, row: Row, one: Moved, result: Outcome) -> None:
    now = result.rows.get(row)
    if one.before == one.after:
        return
    owned = {plain.name for plain in design.plains if plain.theirs}
    if one.before is None and one.after is not None:
        if now != one.after:
            edited = now is None or _differing(now, one.after) - owned
            (result.reasons if edited else result.doubts).append(f"{row} is not what it became")
        result.rows.pop(row, None)
        return
    if one.before is None or one.after is None:
        result.reasons += [f"{row} is there again"] if now is not None else []
        result.rows |= {row: one.before} if one.before is not None else {}
        return
    changed = _differing(one.before, one.after)
    if now is None or any(now[column] not in (one.before[column], one.after[column]) for column in changed):
        result.reasons.append(f"{row} was changed since")
        return
    result.rows[row] = {**now, **{column: one.before[column] for column in changed}}


def _put_base_back(row: Row, one: Moved, subject: str, result: Outcome) -> None:
    before, after, now = one.base_before, one.base_after, result.base.get(row)
    if before == after:
        return
    result.base.pop(row, None)
    if before is None or after is None or now is None:
        result.base |= {row: before} if before is not None else {}
        return
    moved_since = {c: value for c, value in now.values.items() if value != after.values.get(c, LOST)}
    put_back = {
        c: value for c, value in before.values.items() if now.values.get(c, LOST) == after.values.get(c, LOST)
    }
    values = {**moved_since, **put_back}
    own = before.subjects & {subject}
    result.base[row] = Known(values, (now.subjects - {subject}) | own)


def _differing(one: Values, other: Values) -> set[str]:
    return {column for column in one if one[column] != other.get(column)}


def _hold_references(designs: Designs, release: Release, result: Outcome) -> None:
    """Refuse to delete what others refer to, and to put back what leads nowhere."""
    by_name = {design.name: design for design in designs}
    deleted = {row for row, one in release.items() if one.before is None and one.after is not None}
    for row, values in result.rows.items():
        for column, to in points(designs, by_name[row[0]], values):
            if to not in result.rows and (to in deleted or _is_put_back(release.get(row), column)):
                result.reasons.append(f"{row}.{column} leads to {to}")


def _is_put_back(one: Moved | None, column: str) -> bool:
    if one is None or one.before is None or one.before == one.after:
        return False
    return one.after is None or column in _differing(one.before, one.after)


def _hold_unique(designs: Designs, release: Release, result: Outcome) -> None:
    """Refuse what two rows would both hold at the end; what they hold on the way there does not count."""
    unique = [(design.name, plain.name) for design in designs for plain in design.plains if plain.unique]
    for table, column in unique:
        for row in (row for row in release if row in result.rows and row[0] == table):
            value = result.rows[row][column]
            others = [values for other, values in result.rows.items() if other[0] == table and other != row]
            if value is not None and any(values[column] == value for values in others):
                result.reasons.append(f"{row}.{column} is taken")
