"""What a release must do, by a model of its own: three ways, adoption, base, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.properties.designs import Design, Designs
from tests.properties.reading import Found, Row, Rows

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A row as it was last released, and by which subjects."""

    values: Values
    subjects: frozenset[str]


Base = Mapping[Row, Known]


@dataclass(slots=True)
class Outcome:
    """What becomes of each row, what production and base hold then; `reasons` to refuse it, and `doubts`."""

    actions: dict[Row, str] = field(default_factory=dict)
    written: dict[Row, Values] = field(default_factory=dict)
    rows: dict[Row, Values] = field(default_factory=dict)
    base: dict[Row, Known] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    moved: bool = False

    def may_be(self, *, refused: bool) -> bool:
        """Say whether a release may end so."""
        return bool(self.reasons or self.doubts) if refused else not self.reasons


@dataclass(frozen=True, slots=True)
class Sides:
    """Both places and base before a release of `subject`; `take` says whose side wins a conflict.

    With `prune`, rows go that the source has no more.
    """

    designs: Designs
    local: Rows
    production: Rows
    base: Base
    subject: str
    take: str | None = None
    prune: bool = False

    @property
    def here(self) -> set[Row]:
        """Return the source's rows."""
        return {
            (design.name, found.key)
            for design, rows in zip(self.designs, self.local, strict=True)
            for found in rows
        }

    @property
    def there(self) -> dict[Row, Found]:
        """Return production's rows."""
        return {
            (design.name, found.key): found
            for design, rows in zip(self.designs, self.production, strict=True)
            for found in rows
        }


def outcome(sides: Sides) -> Outcome:
    """Return what releasing the subject must do."""
    there, result = sides.there, Outcome(base=dict(sides.base))
    result.rows = {row: dict(found.values) for row, found in there.items()}
    slice_ = travelling(sides)
    for row, (design, found) in slice_.items():
        local = _effective(sides, design, found, there)
        _decide(sides, row, design, local, result)
    _name_what_left(sides, slice_, result)
    if sides.prune:
        _prune(sides, result)
    for row, (design, found) in slice_.items():
        _hold_references(sides, row, design, found, slice_, result)
    _hold_unique(sides, result)
    return result


def travelling(sides: Sides) -> dict[Row, tuple[Design, Found]]:
    """Return the rows that travel: each that the root, a parent or another travelling row leads to."""
    found: dict[Row, tuple[Design, Found]] = {}
    while True:
        fresh = {
            (design.name, row.key): (design, row)
            for design, rows in zip(sides.designs, sides.local, strict=True)
            for row in rows
            if (design.name, row.key) not in found and _travels(sides, design, row, found)
        }
        if not fresh:
            return found
        found |= fresh


def _travels(sides: Sides, design: Design, row: Found, found: Mapping[Row, Any]) -> bool:
    if design.way in ("root", "where"):
        return design.way == "where" or row.key == (sides.subject,)
    if design.way == "via":
        up = [(sides.designs[table].name, key) for column, table, key in row.points if column in design.via]
        return any(parent in found for parent in up)
    pointing = (to for _, other in found.values() for to in other.points)
    named = any((sides.designs[table].name, key) == (design.name, row.key) for _, table, key in pointing)
    return design.way == "pointed" and named


def _effective(sides: Sides, design: Design, found: Found, there: Mapping[Row, Found]) -> Values:
    """Return a row's local values that travel; a lost match gives production's own, or null."""
    values = {column: found.values[column] for column in design.travelling(sides.subject)}
    production = there.get((design.name, found.key))
    for ref in design.refs:
        key, column = values[ref.columns[0]], ref.columns[0]
        lost = key is not None and (sides.designs[ref.table].name, key) not in there
        if ref.missing == "null" and lost:
            values[column] = production.values[column] if production else None
    return values


def _decide(sides: Sides, row: Row, design: Design, local: Values, result: Outcome) -> None:
    known, production = sides.base.get(row), result.rows.get(row)
    owned = {plain.name for plain in design.plains if plain.theirs}
    compared = {column: value for column, value in local.items() if column not in owned}
    edited = known is not None and any(known.values.get(c, compared[c]) != compared[c] for c in compared)
    if production is not None:
        cells = {column: _cell(design, column, compared[column], production, known) for column in compared}
        cells = {column: _taken(action, sides.take) for column, action in _whole(design, cells).items()}
        words = [word for word in ("conflict", "update", "kept", "unchanged") if word in cells.values()]
        action, written = words[0], {c: local[c] for c, word in cells.items() if word == "update"}
    elif known is None:
        action, written = "insert", local
    else:
        action = (
            {None: "conflict", "local": "insert", "production": "removed"}[sides.take]
            if edited
            else "removed"
        )
        written = local if action == "insert" else {}
    if action == "conflict":
        result.reasons.append(f"{row} is a conflict")
    result.actions[row] = action
    new = production is None and known is None
    _write(sides, row, design, local if new else compared, written, result)


def _cell(design: Design, column: str, local: Any, production: Values, known: Known | None) -> str:
    there = production[column]
    if local == there:
        return "unchanged"
    if known is None or column not in known.values:
        default = next((plain.default for plain in design.plains if plain.name == column), None)
        return "update" if local is not None and there in (None, default) else "conflict"
    if there == known.values[column]:
        return "update"
    return "kept" if local == known.values[column] else "conflict"


def _whole(design: Design, cells: Mapping[str, str]) -> Mapping[str, str]:
    """Make a conflict of a reference whose columns would come from both sides."""
    mixed = [ref.columns for ref in design.refs if len({cells[c] for c in ref.columns} - {"unchanged"}) > 1]
    torn = {column for columns in mixed for column in columns if cells[column] != "unchanged"}
    return {column: "conflict" if column in torn else action for column, action in cells.items()}


def _taken(action: str, take: str | None) -> str:
    return (
        {"local": "update", "production": "kept"}.get(take or "", action) if action == "conflict" else action
    )


def _write(sides: Sides, row: Row, design: Design, local: Values, written: Values, result: Outcome) -> None:
    """Write a row, and base: what it knows of columns that do not travel now, it keeps."""
    action, known = result.actions[row], sides.base.get(row)
    if action in ("insert", "update"):
        result.written[row] = written
        result.rows[row] = {**dict.fromkeys(design.columns), **result.rows.get(row, {}), **written}
    before, values = (known.subjects, known.values) if known else (frozenset(), {})
    after = {**values, **local}
    fresh = known is None or after != values
    if action in ("insert", "update") or fresh or (action != "removed" and sides.subject not in before):
        result.moved = True
        result.base[row] = Known(after, before | {sides.subject})


def _hold_references(
    sides: Sides, row: Row, design: Design, found: Found, slice_: Mapping[Row, Any], result: Outcome
) -> None:
    """Refuse what leads to rows that are not there; one that is not written may be refused too."""
    lenient = {ref.columns[0] for ref in design.refs if ref.missing == "null"}
    for column, table, key in found.points:
        to = (sides.designs[table].name, key)
        if column in lenient or to in result.rows:
            continue
        if column in result.written.get(row, ()):
            result.reasons.append(f"{row}.{column} leads to {to}")
        elif to not in slice_:
            result.doubts.append(f"{row}.{column} led to {to}")


def _hold_unique(sides: Sides, result: Outcome) -> None:
    """Refuse what two rows would both hold at the end; what they hold on the way there does not count."""
    for design in sides.designs:
        for plain in design.plains:
            if plain.unique:
                for row, other in _pairs(design, result):
                    value = result.written[row].get(plain.name)
                    if value is not None and result.rows[other][plain.name] == value:
                        result.reasons.append(f"{row}.{plain.name} is taken by {other}")


def _pairs(design: Design, result: Outcome) -> Iterator[tuple[Row, Row]]:
    written = [row for row in result.written if row[0] == design.name]
    others = [row for row in result.rows if row[0] == design.name]
    return ((row, other) for row in written for other in others if row != other)


def _prune(sides: Sides, result: Outcome) -> None:
    """Delete the rows that are gone, or refuse where one that stays refers to one of them."""
    doomed = {row for row, action in result.actions.items() if action == "gone"} - sides.here
    for row, found in sides.there.items():
        to = {(sides.designs[table].name, key) for _, table, key in found.points}
        if row not in doomed and to & doomed:
            result.reasons.append(f"{row} refers to {to & doomed}")
    for row in doomed:
        result.rows.pop(row)
        result.base.pop(row)
        result.moved = True


def _name_what_left(sides: Sides, slice_: Mapping[Row, Any], result: Outcome) -> None:
    for row, known in sides.base.items():
        if sides.subject in known.subjects and row not in slice_ and row in sides.there:
            alone = known.subjects == {sides.subject}
            result.actions[row] = "gone" if alone else "left"
            if not alone:
                result.base[row] = Known(known.values, known.subjects - {sides.subject})
