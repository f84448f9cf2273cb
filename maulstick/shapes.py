"""How a table travels: its key, its columns and where its references lead, from declaration and catalogue."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from maulstick.content import JsonReference, Leave, Match, Missing, Table, names
from maulstick.declared import (
    ids_of,
    known_columns,
    known_counters,
    known_idle,
    known_large_objects,
    known_match_key,
    known_matches,
    known_references,
    known_table,
    surrogate_of,
    undeclared,
)
from maulstick.errors import Exit, Problem
from maulstick.pointers import Pointing, as_keys, known_pointers, matched_by, pointings_of
from maulstick.schema import ForeignKey, Schema, TableSchema

TIMES = ("inserted_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that travels as the key of the row of `table` that it points at."""

    table: str
    missing: Missing = "error"


@dataclass(frozen=True, slots=True)
class Link:
    """Columns that travel as they are, and name a row of `table` by its columns `target`."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]
    missing: Missing = "error"


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a bundle knows it; a table that is only matched has no columns but its key's.

    `parents` are the tables that its foreign keys point at, also those that are not references.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    key_is_value: bool
    columns: tuple[str, ...]
    types: Mapping[str, str]
    nullable: tuple[str, ...]
    references: Mapping[str, Reference]
    parents: tuple[str, ...]
    json_references: tuple[JsonReference, ...]
    theirs: tuple[str, ...]
    surrogate: str | None
    times: Mapping[str, str]
    links: tuple[Link, ...] = ()
    travels: bool = True
    pointers: tuple[Pointing, ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def pointing(self) -> tuple[str, ...]:
        """Return the columns that have pointers: they are staged as text."""
        return tuple(dict.fromkeys(one.column for one in self.pointers))

    @property
    def label(self) -> str:
        """Return the name by which people call the table."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns that are compared: all that travel but those that production owns."""
        return tuple(column for column in self.columns if column not in self.theirs)

    def to_json(self) -> dict[str, Any]:
        """Return the shape as the manifest keeps it; without what is newer it is what it always was."""
        found = asdict(self)
        for reference in found["json_references"]:
            if not reference["key"]:
                del reference["key"]
        return {name: value for name, value in found.items() if name not in ("pointers", "plain") or value}

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> Shape:
        """Return the shape that a manifest keeps; TypeError or KeyError where it is not one."""
        fields = dict(found)
        for name in ("key", "columns", "nullable", "parents", "theirs"):
            fields[name] = tuple(fields[name])
        fields["references"] = {column: Reference(**to) for column, to in fields["references"].items()}
        fields["links"] = tuple(_link(**link) for link in fields["links"])
        fields["json_references"] = tuple(JsonReference(**to) for to in fields["json_references"])
        fields["plain"] = tuple(fields.get("plain", ()))
        fields["pointers"] = tuple(Pointing(**to) for to in fields.get("pointers", ()))
        return Shape(**fields)


Shapes = Mapping[str, Shape]


def _link(columns: Iterable[str], table: str, target: Iterable[str], missing: Missing) -> Link:
    return Link(tuple(columns), table, tuple(target), missing)


def shapes_of(declared: Iterable[Table], schema: Schema) -> dict[str, Shape]:
    """Return the shapes of the declared tables and of those they match, parents before children.

    Raises a problem (exit 6) that names the table for an unknown table or column and for a reference
    that nobody declared.
    """
    tables = {table.name: table for table in declared}
    for table in tables.values():
        _known(table, tables, schema)
    declared, schema = as_keys(tables.values(), schema)
    tables = {table.name: table for table in declared}
    matched: dict[str, Shape] = {}
    for table in tables.values():
        for name, shape in _matched(table, tables, schema):
            if matched.setdefault(name, shape).key != shape.key:
                says = f"is matched by {', '.join(matched[name].key)} and by {', '.join(shape.key)}"
                raise Problem(name, says, "match it by one key everywhere", code=Exit.PLUGIN)
    shapes = {name: _shape(table, tables, schema) for name, table in tables.items()}
    return in_order(matched | shapes)


def problems_of(declared: Iterable[Table], schema: Schema) -> dict[str, Problem]:
    """Return what is wrong with declared tables by name: of each the problem that `shapes_of` would raise."""
    originals = {table.name: table for table in declared}
    declared, whole = as_keys(originals.values(), schema)
    tables, found = {table.name: table for table in declared}, dict[str, Problem]()
    for name, table in tables.items():
        try:
            _known(originals[name], originals, schema)
            _shape(table, tables, whole)
            dict(_matched(table, tables, whole))
        except Problem as problem:
            found[name] = problem
    return found


def in_order(shapes: Shapes) -> dict[str, Shape]:
    """Return the shapes so that each stands behind those it refers to.

    A circle stands in name order, but behind those that a key needs; keys that need each other are a problem.
    """
    reach = {name: _reachable(name, shapes) for name in sorted(shapes)}
    graph = {
        name: sorted({other for other in reach[name] if name not in reach[other]} | _in_key(shapes[name]))
        for name in reach
    }
    try:
        return {name: shapes[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        circle = error.args[1]
        says = f"its key goes in a circle: {' → '.join(reversed(circle))}"
        raise Problem(min(circle), says, "declare a key without that reference", code=Exit.PLUGIN) from error


def groups(shapes: Shapes) -> list[list[Shape]]:
    """Return the travelling shapes in order, those that refer to each other in a circle together."""
    reach = {name: _reachable(name, shapes) for name in shapes}
    found: list[list[Shape]] = []
    for name, shape in shapes.items():
        if not shape.travels:
            continue
        circle = next((group for group in found if _circle(name, group[0].label, reach)), None)
        if circle is None:
            found.append([shape])
        else:
            circle.append(shape)
    return found


def _circle(one: str, other: str, reach: Mapping[str, set[str]]) -> bool:
    return one in reach[other] and other in reach[one]


def _reachable(name: str, shapes: Shapes) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        shape = shapes[waiting.pop()]
        near = {*shape.parents, *(to.table for to in shape.json_references)}
        near |= {to.table for to in shape.pointers if to.table}
        waiting += near - found
        found |= near
    return found


def _in_key(shape: Shape) -> set[str]:
    by_pointer = {to.table for to in shape.pointers if to.column in shape.key and to.table}
    return by_pointer | {to.table for column, to in shape.references.items() if column in shape.key}


def _known(table: Table, tables: Mapping[str, Table], schema: Schema) -> None:
    """Raise a problem for what is wrong with a declaration as it was made."""
    found = known_table(table.name, schema)
    known_columns(table, found)
    known_pointers(table, found, tables, schema)
    known_idle(table, found, tables)


def _shape(table: Table, tables: Mapping[str, Table], schema: Schema) -> Shape:
    found = known_table(table.name, schema)
    known_references(table, found, tables, schema)
    known_matches(table, found)
    known_counters(table, found)
    key = names(table.key)
    surrogate = surrogate_of(found, key)
    left = {column for column, how in table.references.items() if isinstance(how, Leave)}
    times = _times(found)
    kept_back = {*times, *table.skip, *left, *ids_of(found, key, names(table.travels))} - set(table.key)
    columns = tuple(c.name for c in found.columns.values() if not c.generated and c.name not in kept_back)
    foreign_keys = [foreign for foreign in found.foreign_keys if set(foreign.columns) <= set(columns)]
    pointing = [_pointing(table, foreign, tables, schema) for foreign in foreign_keys]
    references = {link.columns[0]: Reference(link.table, link.missing) for by_id, link in pointing if by_id}
    pointers = pointings_of(table, tables, schema)
    known_large_objects(table, found, columns)
    return Shape(
        schema=found.schema,
        name=found.name,
        key=key,
        key_is_value=_key_is_value(found, key, {*references, *(one.column for one in pointers)}),
        columns=columns,
        types={column: found.columns[column].type for column in columns},
        nullable=tuple(column for column in columns if not found.columns[column].not_null),
        references=references,
        parents=tuple(sorted({foreign.table for foreign in foreign_keys})),
        json_references=tuple(table.json_references),
        theirs=names(table.theirs),
        surrogate=surrogate,
        times={time: type_ for time, type_ in times.items() if time not in {*table.skip, *key}},
        links=tuple(link for by_id, link in pointing if not by_id),
        pointers=pointers,
        plain=tuple(column for column in columns if column in table.plain),
    )


def _times(found: TableSchema) -> dict[str, str]:
    """Return the columns that hold a row's own times, with their types; a number is none, and travels."""
    named = {time: found.columns[time].type for time in TIMES if time in found.columns}
    return {time: type_ for time, type_ in named.items() if type_.startswith(("timestamp", "date"))}


def _matched(table: Table, tables: Mapping[str, Table], schema: Schema) -> Iterable[tuple[str, Shape]]:
    found = known_table(table.name, schema)
    by_key = [(key, table.references.get(key.columns[0])) for key in found.foreign_keys]
    matched = [(key.columns[0], key.table, names(how.key)) for key, how in by_key if isinstance(how, Match)]
    for column, name, natural in [*matched, *matched_by(table, tables)]:
        if name in tables:
            continue
        pointed = known_table(name, schema)
        known_columns(Table(name, key=natural), pointed)
        known_match_key(f"{table.name}.{column}", natural, pointed)
        yield name, _matched_shape(pointed, natural)


def _matched_shape(pointed: TableSchema, natural: tuple[str, ...]) -> Shape:
    return Shape(
        schema=pointed.schema,
        name=pointed.name,
        key=natural,
        key_is_value=_key_is_value(pointed, natural, ()),
        columns=natural,
        types={column: pointed.columns[column].type for column in natural},
        nullable=(),
        references={},
        parents=(),
        json_references=(),
        theirs=(),
        surrogate=surrogate_of(pointed, natural),
        times={},
        travels=False,
    )


def _key_is_value(table: TableSchema, key: tuple[str, ...], references: Container[str]) -> bool:
    return len(key) == 1 and table.columns[key[0]].not_null and key[0] not in references


def _pointing(
    table: Table, key: ForeignKey, tables: Mapping[str, Table], schema: Schema
) -> tuple[bool, Link]:
    """Return where a foreign key leads, and whether it leads there by an id that does not travel."""
    how = table.references.get(key.columns[0])
    pointed = names(tables[key.table].key) if key.table in tables else None
    if pointed is None and isinstance(how, Match):
        pointed = names(how.key)
    if pointed is None:
        raise undeclared(table.name, key)
    surrogate = surrogate_of(schema.tables[key.table], pointed)
    travels = names(tables[key.table].travels) if key.table in tables else ()
    ids = ids_of(schema.tables[key.table], pointed, travels) & set(key.target)
    if ids and key.target != (surrogate,):
        more = " and more at once" if len(key.target) > 1 else ", which its database counts"
        where, says = f"{table.name}.{key.columns[0]}", f"refers to {key.table}.{min(ids)}{more}"
        raise Problem(where, says, "its id cannot travel: skip these columns", code=Exit.PLUGIN)
    missing = how.missing if isinstance(how, Match) else "error"
    return key.target == (surrogate,), Link(key.columns, key.table, key.target, missing)
