"""The SQL that picks rows: those of each subject, and those that follow from picked rows.

Picked rows lie in a temporary table for each table, by their place, beside the number of their subject: the
same statements pick the rows of one subject or of many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from maulstick.postgres.quoting import block, braced, fitting, literal, name
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.hidden_ids import HiddenIds, hidden_ids, is_id
from maulstick.postgres.tables.key_conditions import may_be_named
from maulstick.postgres.tables.portable_rows import leads_to
from maulstick.postgres.tables.schema import ForeignKey, Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Subject, Table

Edge = tuple[TableSpec, str]
"""A table with picked rows, and the statement that picks the rows that follow from them."""
Numbered = Mapping[int, Subject]
"""Subjects by the numbers under which their rows are picked."""


def pick_table(spec: TableSpec) -> str:
    """Return the temporary table of a table's picked rows."""
    return name("pg_temp", fitting(f"maulstick_pick_{spec.label}"))


def picked(spec: TableSpec) -> str:
    """List the picked rows `p` with the rows `t` themselves."""
    rows = f"{pick_table(spec)} as p join {name(spec.schema, spec.name)} as t"
    return f"{rows} on t.ctid = p.c and t.tableoid = p.o"


def new_tables(specs: Iterable[TableSpec]) -> str:
    """Compose the SQL of the temporary tables; from then on the transaction is read-only."""
    tables = [
        f"create temp table {pick_table(spec)} (s integer, o oid, c tid, matched boolean) on commit drop;\n"
        for spec in specs
    ]
    return "".join([*tables, "set transaction read only"])


def roots(subjects: Numbered, kind: Kind, tables: Sequence[Table], specs: TableSpecs) -> str:
    """Compose the SQL that picks the rows that are the subjects themselves."""
    spec = specs[kind.table]
    declared = next(table for table in tables if table.name == kind.table)
    if declared.where:
        return wheres(subjects, declared, spec)
    keys = ", ".join(f"({number}, {literal(subject.key)})" for number, subject in subjects.items())
    rows = f"(values {keys}) as w(s, key), {name(spec.schema, spec.name)} as t"
    return _insert(spec, f"{rows} where t.{name(kind.key)}::text = w.key", "w.s", matched=False)


def wheres(subjects: Numbered, table: Table, spec: TableSpec) -> str:
    """Compose the SQL that picks the rows of a table's `where`, for each subject."""
    alias = name(spec.name)
    rows = f"(select {alias}.tableoid, {alias}.ctid, {alias}.* from {name(spec.schema, spec.name)} as {alias}"
    return ";\n".join(
        _insert(
            spec,
            f"{rows} where {braced(with_key(table.where or '', subject))}) as t where true",
            str(number),
            matched=False,
        )
        for number, subject in subjects.items()
    )


def with_key(text: str, subject: Subject) -> str:
    """Return a plugin's SQL with the subject's key, quoted, for each `%(key)s`."""
    return text.replace("%(key)s", literal(subject.key))


def until_still(edges: Iterable[Edge]) -> str:
    """Compose the SQL that follows edges until no row is new; each statement is planned when it runs."""
    steps = "".join(
        f"\n    if exists (select from {pick_table(near)}) then\n      execute {literal(text)};\n"
        "      get diagnostics found = row_count;\n      total := total + found;\n    end if;"
        for near, text in edges
    )
    if not steps:
        return "select"
    loop = f"loop\n    total := 0;{steps}\n    exit when total = 0;\n  end loop;"
    return block(f"declare\n  total bigint;\n  found bigint;\nbegin\n  {loop}\nend")


def edges(tables: Sequence[Table], specs: TableSpecs, schema: Schema, kind: Kind) -> Iterator[Edge]:
    """Yield the edges between rows that travel together."""
    declared = {table.name: table for table in tables}
    for child in tables:
        spec = specs[child.name]
        for key in schema.tables[child.name].foreign_keys:
            parent = declared.get(key.table)
            if parent is None or not _travels(key, spec, specs):
                continue
            pointed = specs[key.table]
            if set(key.columns) & set(child.via):
                yield _edge(spec, pointed, _joined(spec, pointed, key, near="child"))
            if _is_pointed_at(parent, kind):
                yield _edge(pointed, spec, _joined(pointed, spec, key, near="parent"))
        for hidden in hidden_ids(spec):
            parent = declared.get(hidden.table)
            if parent is None:
                continue
            pointed = specs[hidden.table]
            if hidden.column in child.via:
                yield _edge(spec, pointed, _held(spec, pointed, hidden, schema, near="child"))
            if _is_pointed_at(parent, kind):
                rows = _held(pointed, spec, hidden, schema, near="parent")
                yield _edge(pointed, spec, rows + " and not other.matched")


def match_edges(specs: TableSpecs, schema: Schema) -> Iterator[Edge]:
    """Yield the edges to rows that are only matched, which travelling rows reference."""
    for spec in specs.values():
        for column, to in spec.references.items():
            pointed = specs[to.table]
            rows = _beside(pointed, spec, leads_to(to, pointed, ("o", column), "t"))
            travelling = "" if column in spec.key else " and not other.matched"
            yield _edge(pointed, spec, rows + travelling, matched=True)
        for hidden in hidden_ids(spec):
            rows = _held(specs[hidden.table], spec, hidden, schema, near="parent")
            travelling = "" if hidden.column in spec.key else " and not other.matched"
            yield _edge(specs[hidden.table], spec, rows + travelling, matched=True)


def _edge(wanted: TableSpec, near: TableSpec, rows: str, *, matched: bool = False) -> Edge:
    return near, _insert(wanted, rows, "other.s", matched=matched)


def _insert(spec: TableSpec, rows: str, number: str, *, matched: bool) -> str:
    known = f"p.s = {number} and p.c = t.ctid and p.o = t.tableoid"
    fresh = f"not exists (select from {pick_table(spec)} as p where {known})"
    named = may_be_named(spec, "t")
    flag = "true" if matched else "false"
    into = f"insert into {pick_table(spec)} select distinct {number}, t.tableoid, t.ctid, {flag}"
    return f"{into} from {rows} and {fresh}{named}"


def _is_pointed_at(table: Table, kind: Kind) -> bool:
    return not table.where and not table.via and table.name != kind.table


def _travels(key: ForeignKey, spec: TableSpec, specs: TableSpecs) -> bool:
    """Return whether a foreign key travels: whole, or the id in it."""
    by_id = {one for one, two in zip(key.columns, key.target, strict=True) if two == specs[key.table].id}
    return set(key.columns) <= set(spec.columns) or bool(by_id & set(spec.references))


def _joined(wanted: TableSpec, other: TableSpec, key: ForeignKey, *, near: str) -> str:
    child, parent = ("t", "o") if near == "child" else ("o", "t")
    types = (other.types, wanted.types) if near == "parent" else (wanted.types, other.types)
    same = [
        f"{child}.{name(one)} operator(pg_catalog.&&) {parent}.{name(two)}"
        if key.period and one == key.columns[-1]
        else equal(f"{child}.{name(one)}", f"{parent}.{name(two)}", *_types(types, one, two))
        for one, two in zip(key.columns, key.target, strict=True)
    ]
    return _beside(wanted, other, " and ".join(same))


def _types(types: tuple[Mapping[str, str], Mapping[str, str]], child: str, parent: str) -> tuple[str, str]:
    """List the types of a foreign key's two columns; one that does not travel has the other's."""
    one, two = types[0].get(child), types[1].get(parent)
    return one or two or "bigint", two or one or "bigint"


def _held(wanted: TableSpec, other: TableSpec, hidden: HiddenIds, schema: Schema, *, near: str) -> str:
    """Compose the join of rows `t` with picked rows of another table, by hidden ids on either side."""
    child, parent = ("t", "o") if near == "child" else ("o", "t")
    pointed = wanted if near == "parent" else other
    id_ = pointed.surrogate or ""
    same = is_id(f"{parent}.{name(id_)}", "held.id", schema.tables[pointed.label].columns[id_].type)
    wanted_rows, other_rows = (name(one.schema, one.name) for one in (wanted, other))
    ids = f"lateral ({hidden.ids(child)}) as held(id)"
    there = (
        f"{pick_table(other)} as other join {other_rows} as o on o.ctid = other.c and o.tableoid = other.o"
    )
    if near == "parent":
        return f"{there} cross join {ids} join {wanted_rows} as t on {same} where true"
    return f"{wanted_rows} as t cross join {ids}, {there} where {same}"


def _beside(wanted: TableSpec, other: TableSpec, same: str) -> str:
    rows = f"{name(wanted.schema, wanted.name)} as t, {name(other.schema, other.name)} as o"
    there = f"{pick_table(other)} as other"
    return f"{rows}, {there} where o.ctid = other.c and o.tableoid = other.o and {same}"
