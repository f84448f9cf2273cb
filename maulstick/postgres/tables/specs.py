"""How a table travels, as bundles and the ledger keep it: its key, its columns, where its references lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Missing
from maulstick.project.plain import plain, require_types

TIMES = ("inserted_at", "updated_at")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that travels as the key of the row of `table` that it points at.

    `beside` are columns, here and there, that must be equal too where an id alone does not name a row.
    """

    table: str
    missing: Missing = "error"
    beside: Pairs = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Columns that reference a row of `table` by its columns `target`: the row must exist.

    With `period` the last is a span of time, which rows there cover together.
    """

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]
    missing: Missing = "error"
    period: bool = False


@dataclass(frozen=True, slots=True)
class Pointing:
    """A column whose values are ids of `table` if `where` holds; without a table they are plain values.

    `compared` is the type in which an id is looked for where the column is not of it, else "".
    """

    column: str
    table: str = ""
    where: str | None = None
    is_array: bool = False
    compared: str = ""
    missing: Missing = "error"


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """The SQL of the condition under which no two rows share a key, and the columns that it needs."""

    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as a bundle knows it; a table that is only matched has no columns but its key's.

    `parents` are the tables that its foreign keys point at, also those that are not references. `counted` is
    the id in a primary key of several columns, by which others point at its rows. `publish` is the column
    that makes a row public, `hidden` its values that hide one, where others than false and null do.
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
    key_condition: KeyCondition | None = None
    publish: str | None = None
    hidden: tuple[str, ...] = ()
    built: Mapping[str, str] = field(default_factory=dict)

    @property
    def pointing(self) -> tuple[str, ...]:
        """The columns that have pointers: they are staged as text."""
        return tuple(dict.fromkeys(one.column for one in self.pointers))

    @property
    def label(self) -> str:
        """The table's name, with its schema unless that is `public`."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def id_type(self) -> str:
        """The type of the ids that the database gives; old bundles do not name it."""
        return self.types.get(self.id or "", "bigint")

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns that are compared: all that travel except those that production owns."""
        return tuple(column for column in self.columns if column not in self.theirs)

    @property
    def id(self) -> str | None:
        """The column of the ids that production gives."""
        return self.surrogate or self.counted

    @property
    def up(self) -> str | None:
        """The column that leads to the parent, if keys are paths in a tree."""
        return next((one for one in self.key if self._leads_to_own(one)), None)

    @property
    def stem(self) -> tuple[str, ...]:
        """The key's columns except the one that leads to the parent in a tree."""
        return tuple(column for column in self.key if column != self.up)

    def _leads_to_own(self, column: str) -> bool:
        return column in self.references and self.references[column].table == self.label

    def to_json(self) -> dict[str, Any]:
        """Return the spec as the manifest keeps it, without rare fields that are empty."""
        found: dict[str, Any] = plain(self)
        for rare in ("counted", "pointers", "plain", "key_condition", "publish", "hidden", "built"):
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
        """Return the spec that a manifest keeps; raise TypeError or KeyError if it is not one."""
        fields = dict(found)
        for name in ("key", "columns", "nullable", "parents", "theirs"):
            fields[name] = tuple(fields[name])
        fields["references"] = {column: _reference(**to) for column, to in fields["references"].items()}
        fields["links"] = tuple(_link(**link) for link in fields["links"])
        fields["json_references"] = tuple(JsonReference(**to) for to in fields["json_references"])
        for name in ("plain", "hidden"):
            fields[name] = tuple(fields.get(name, ()))
        fields["pointers"] = tuple(Pointing(**to) for to in fields.get("pointers", ()))
        if condition := fields.get("key_condition"):
            fields["key_condition"] = KeyCondition(condition["sql"], tuple(condition["columns"]))
        spec = TableSpec(**fields)
        require_types(spec)
        return spec


TableSpecs = Mapping[str, TableSpec]


def _link(
    columns: Iterable[str], table: str, target: Iterable[str], missing: Missing, *, period: bool = False
) -> Link:
    return Link(tuple(columns), table, tuple(target), missing, period)


def _reference(table: str, missing: Missing, beside: Iterable[Iterable[str]] = ()) -> Reference:
    pairs = [tuple(pair) for pair in beside]
    return Reference(table, missing, tuple((here, there) for here, there in pairs))


def in_order(specs: TableSpecs) -> dict[str, TableSpec]:
    """List the specs so that each comes after those it references.

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
    """Return the travelling specs in order, grouped where they reference each other in a circle."""
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
