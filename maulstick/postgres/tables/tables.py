"""How a table travels: its key, its columns and where its references lead, from declaration and catalogue."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from maulstick.errors import Exit, Problem
from maulstick.postgres.catalogue import Schema, TableSchema
from maulstick.postgres.tables.pointers import Pointing, as_keys, known_pointers, pointings_of
from maulstick.postgres.tables.references import Link, Reference, References, references_of
from maulstick.postgres.tables.table_rules import (
    ids_of,
    known_columns,
    known_counters,
    known_idle,
    known_large_objects,
    known_references,
    known_table,
)
from maulstick.project.declarations import JsonReference, Leave, Missing, Table, names
from maulstick.project.plain import plain

TIMES = ("inserted_at", "updated_at")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as a bundle knows it; a table that is only matched has no columns but its key's.

    `parents` are the tables that its foreign keys point at, also those that are not references. `counted` is
    the id in a primary key of several columns, by which others point at its rows.
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
    counted: str | None = None
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
    def id_type(self) -> str:
        """Return the type of the ids that the database gives; old bundles do not name it."""
        return self.types.get(self.id or "", "bigint")

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns that are compared: all that travel but those that production owns."""
        return tuple(column for column in self.columns if column not in self.theirs)

    @property
    def id(self) -> str | None:
        """Return the column of the ids that production gives."""
        return self.surrogate or self.counted

    @property
    def up(self) -> str | None:
        """Return the column that leads to the parent, where keys are paths in a tree."""
        return next((one for one in self.key if self._leads_to_own(one)), None)

    @property
    def stem(self) -> tuple[str, ...]:
        """Return the key's columns but the one that leads to the parent in a tree."""
        return tuple(column for column in self.key if column != self.up)

    def _leads_to_own(self, column: str) -> bool:
        return column in self.references and self.references[column].table == self.label

    def to_json(self) -> dict[str, Any]:
        """Return the spec as the manifest keeps it; what few tables have stands only with these."""
        found: dict[str, Any] = plain(self)
        for rare in ("counted", "pointers", "plain"):
            if not found[rare]:
                del found[rare]
        for reference in found["references"].values():
            if not reference["beside"]:
                del reference["beside"]
        for reference in found["json_references"]:
            if not reference["key"]:
                del reference["key"]
        for link in found["links"]:
            if not link["period"]:
                del link["period"]
        return found

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> TableSpec:
        """Return the spec that a manifest keeps; TypeError or KeyError where it is not one."""
        fields = dict(found)
        for name in ("key", "columns", "nullable", "parents", "theirs"):
            fields[name] = tuple(fields[name])
        fields["references"] = {column: _reference(**to) for column, to in fields["references"].items()}
        fields["links"] = tuple(_link(**link) for link in fields["links"])
        fields["json_references"] = tuple(JsonReference(**to) for to in fields["json_references"])
        fields["plain"] = tuple(fields.get("plain", ()))
        fields["pointers"] = tuple(Pointing(**to) for to in fields.get("pointers", ()))
        return TableSpec(**fields)


TableSpecs = Mapping[str, TableSpec]


def _link(
    columns: Iterable[str], table: str, target: Iterable[str], missing: Missing, *, period: bool = False
) -> Link:
    return Link(tuple(columns), table, tuple(target), missing, period)


def _reference(table: str, missing: Missing, beside: Iterable[Iterable[str]] = ()) -> Reference:
    pairs = [tuple(pair) for pair in beside]
    return Reference(table, missing, tuple((here, there) for here, there in pairs))


def specs_of(declared: Iterable[Table], schema: Schema) -> dict[str, TableSpec]:
    """Return the specs of the declared tables and of those they match, parents before children.

    Raises a problem (exit 6) that names the table for an unknown table or column, for a reference that nobody
    declared, and for one that cannot be followed.
    """
    tables = {table.name: table for table in declared}
    for table in tables.values():
        _known(table, tables, schema)
    declared, schema = as_keys(tables.values(), schema)
    tables = {table.name: table for table in declared}
    references = references_of(tables, schema)
    for table in tables.values():
        references.require_matches(table)
    matched = {name: _matched(name, references) for name in references.matches}
    return in_order(matched | {name: _spec(table, references) for name, table in tables.items()})


def problems_of(declared: Iterable[Table], schema: Schema) -> dict[str, Problem]:
    """Return what is wrong with declared tables by name: of each the problem that `shapes_of` would raise."""
    originals = {table.name: table for table in declared}
    declared, whole = as_keys(originals.values(), schema)
    tables, found = {table.name: table for table in declared}, dict[str, Problem]()
    references = references_of(tables, whole)
    for name, table in tables.items():
        try:
            _known(originals[name], originals, schema)
            _spec(table, references)
        except Problem as problem:
            found[name] = problem
    return found


def in_order(specs: TableSpecs) -> dict[str, TableSpec]:
    """Return the specs so that each stands behind those it refers to.

    A circle stands in name order, but behind those that a key needs; keys that need each other are a problem.
    """
    reach = {name: _reachable(name, specs) for name in sorted(specs)}
    graph = {
        name: sorted({other for other in reach[name] if name not in reach[other]} | _in_key(specs[name]))
        for name in reach
    }
    try:
        return {name: specs[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        circle = error.args[1]
        says = f"its key goes in a circle: {' → '.join(reversed(circle))}"
        raise Problem(min(circle), says, "declare a key without that reference", code=Exit.PLUGIN) from error


def groups(specs: TableSpecs) -> list[list[TableSpec]]:
    """Return the travelling specs in order, those that refer to each other in a circle together."""
    reach = {name: _reachable(name, specs) for name in specs}
    found: list[list[TableSpec]] = []
    for name, spec in specs.items():
        if not spec.travels:
            continue
        circle = next((group for group in found if _circle(name, group[0].label, reach)), None)
        if circle is None:
            found.append([spec])
        else:
            circle.append(spec)
    return found


def _circle(one: str, other: str, reach: Mapping[str, set[str]]) -> bool:
    return one in reach[other] and other in reach[one]


def _reachable(name: str, specs: TableSpecs) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        spec = specs[waiting.pop()]
        near = {*spec.parents, *(to.table for to in spec.references.values())}
        near |= {to.table for to in spec.json_references}
        near |= {to.table for to in spec.pointers if to.table}
        waiting += near - found
        found |= near
    return found


def _in_key(spec: TableSpec) -> set[str]:
    by_pointer = {to.table for to in spec.pointers if to.column in spec.key and to.table}
    return by_pointer | {spec.references[column].table for column in spec.stem if column in spec.references}


def _known(table: Table, tables: Mapping[str, Table], schema: Schema) -> None:
    """Raise a problem for what is wrong with a declaration as it was made."""
    found = known_table(table.name, schema)
    known_columns(table, found)
    known_pointers(table, found, tables, schema)
    known_idle(table, found, tables)


def _spec(table: Table, known: References) -> TableSpec:
    found = known_table(table.name, known.schema)
    known_references(table, found, known.tables, known.schema)
    known_counters(table, found)
    known.require_matches(table)
    known.require_spared(table)
    key = names(table.key)
    surrogate = known.surrogate(table.name)
    left = {column for column, how in table.references.items() if isinstance(how, Leave)}
    times = _times(found)
    ids = ids_of(found, key, travels=names(table.travels), skip=names(table.skip))
    kept_back = {*times, *table.skip, *left, *ids} - set(table.key)
    columns = tuple(c.name for c in found.columns.values() if not c.generated and c.name not in kept_back)
    parents = {foreign.table for foreign in known.followed(table, columns)}
    references = known.of(table, columns)
    pointers = pointings_of(table, known.tables, known.schema, known.end)
    known_large_objects(table, found, columns)
    return TableSpec(
        schema=found.schema,
        name=found.name,
        key=key,
        key_is_value=_key_is_value(found, key, {*references, *(one.column for one in pointers)}),
        columns=columns,
        types=_types(found, columns, [surrogate, known.counted(table.name)]),
        nullable=tuple(column for column in columns if not found.columns[column].not_null),
        references=references,
        parents=tuple(sorted(parents)),
        json_references=tuple(table.json_references),
        theirs=names(table.theirs),
        surrogate=surrogate,
        times={time: type_ for time, type_ in times.items() if time not in {*table.skip, *key}},
        links=known.links(table, columns),
        counted=known.counted(table.name),
        pointers=pointers,
        plain=tuple(column for column in columns if column in table.plain),
    )


def _matched(name: str, known: References) -> TableSpec:
    pointed, natural = known_table(name, known.schema), known.matches[name]
    leads = {column: known.leads(name, column) for column in natural}
    references = {column: to for column, to in leads.items() if to is not None}
    return TableSpec(
        schema=pointed.schema,
        name=pointed.name,
        key=natural,
        key_is_value=_key_is_value(pointed, natural, references),
        columns=natural,
        types=_types(pointed, natural, [known.surrogate(name), known.counted(name)]),
        nullable=tuple(column for column in references if not pointed.columns[column].not_null),
        references=references,
        parents=(),
        json_references=(),
        theirs=(),
        surrogate=known.surrogate(name),
        times={},
        travels=False,
        counted=known.counted(name),
    )


def _types(found: TableSchema, columns: Iterable[str], ids: Iterable[str | None]) -> dict[str, str]:
    """Return the types of columns, and of the ids that do not travel: they are compared too."""
    known = [*columns, *(column for column in ids if column is not None)]
    return {column: found.columns[column].type for column in known}


def _times(found: TableSchema) -> dict[str, str]:
    """Return the columns that hold a row's own times, with their types; a number is none, and travels."""
    named = {time: found.columns[time].type for time in TIMES if time in found.columns}
    return {time: type_ for time, type_ in named.items() if type_.startswith(("timestamp", "date"))}


def _key_is_value(table: TableSchema, key: tuple[str, ...], references: Container[str]) -> bool:
    return len(key) == 1 and table.columns[key[0]].not_null and key[0] not in references
