"""Rows of production that could collide with new ones, and those that new ones lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.results import QueryRows
from maulstick.postgres.tables.picked_rows import pick_table
from maulstick.postgres.tables.schema import Schema, TableSchema
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs
from maulstick.rehearsal.bundle_rows import ManyRows

LIES = "select distinct t.tableoid::text, t.ctid::text"
EXCLUSIONS = """
select json_agg(json_build_array(a.attname, format('operator(%I.%s)', n.nspname, p.oprname),
  format_type(a.atttypid, a.atttypmod)) order by k.n)
from pg_constraint as o cross join unnest(o.conkey, o.conexclop) with ordinality as k(attnum, op, n)
  join pg_attribute as a on a.attrelid = o.conrelid and a.attnum = k.attnum
  join pg_operator as p on p.oid = k.op join pg_namespace as n on n.oid = p.oprnamespace
where o.conrelid = {}::regclass and o.conexclop is not null group by o.oid order by o.oid
"""
UNFIT = ("22", "23")
"""Classes of SQLSTATE for a value that production's types refuse: the plan says so."""
Place = tuple[str, str]
"""Where a row lies: the oid of its table, and its place in it."""


def collisions(
    database: Database, rows: ManyRows, spec: TableSpec, specs: TableSpecs, table: TableSchema
) -> Iterator[Place]:
    """Yield the rows that may not be there beside new ones."""
    for columns in _unique(spec, table):
        yield from _collisions(database, rows, spec, specs, columns)
    for (elements,) in database.query(EXCLUSIONS.format(literal(name(spec.schema, spec.name)))):
        yield from _excluded(database, rows, spec, specs, elements)


def _excluded(
    database: Database,
    rows: ManyRows,
    spec: TableSpec,
    specs: TableSpecs,
    elements: Sequence[tuple[str, str, str]],
) -> Iterator[Place]:
    """Yield the rows that an exclusion constraint would not let be beside new ones, by its plain columns."""
    held = [one for one in elements if one[0] in spec.columns and one[0] not in spec.pointing]
    led = [_leads(spec, column, specs) for column, _, _ in held if column in spec.references]
    plain = [one for one in held if one[0] not in spec.references]
    if not plain:
        return
    same = [f"t.{name(one)} {operator} b.c{n}::{type_}" for n, (one, operator, type_) in enumerate(plain)]
    there = f"{name(spec.schema, spec.name)} as t"
    database.run("savepoint excluded")
    try:
        yield from _beside(database, rows, spec, there, [one for one, _, _ in plain], [*same, *led])
    except SqlProblem as problem:
        if database.broken or problem.state[:2] not in UNFIT:
            raise
        database.send("rollback to savepoint excluded")


def _unique(spec: TableSpec, table: TableSchema) -> Iterator[tuple[str, ...]]:
    """Yield the columns of whatever may be there only once, as far as a bundle holds them.

    The columns within an expression stand for it.
    """
    wanted = [spec.key, *(index.columns or index.used for index in table.unique_indexes)]
    held = [tuple(column for column in columns if column in spec.columns) for columns in wanted]
    yield from dict.fromkeys(filter(None, held))


def linked(
    database: Database, rows: ManyRows, spec: TableSpec, link: Link, schema: Schema
) -> Iterator[Place]:
    """Yield the rows to which new rows lead by plain values; a span of time leads to all that it may meet."""
    pointed = schema.tables[link.table]
    pairs = [*zip(link.columns, link.target, strict=True)][: -1 if link.period else None]
    plain = [(one, two) for one, two in pairs if one not in spec.references and one not in spec.pointing]
    there = f"{name(pointed.schema, pointed.name)} as t"
    yield from _alike(database, rows, spec, there, plain)


def _collisions(
    database: Database, rows: ManyRows, spec: TableSpec, specs: TableSpecs, columns: Sequence[str]
) -> Iterator[Place]:
    """Yield the rows that have the same values: of references those that lead to rows met already.

    Texts are compared without regard to case: more rows than collide do no harm.
    """
    leading = [one for one in columns if one in spec.references]
    plain = [one for one in columns if one not in leading and one not in spec.pointing]
    there = f"{name(spec.schema, spec.name)} as t"
    led = [_leads(spec, column, specs) for column in leading]
    if not plain:
        if led:
            yield from places_of(database.query(f"{LIES} from {there} where {' and '.join(led)}"))
        return
    yield from _alike(database, rows, spec, there, [(one, one) for one in plain], " and ".join(led))


def _alike(
    database: Database,
    rows: ManyRows,
    spec: TableSpec,
    there: str,
    pairs: Sequence[tuple[str, str]],
    where: str = "",
) -> Iterator[Place]:
    """Yield the rows `there` that have the values of rows of a bundle, in pairs of columns here and there."""
    if not pairs:
        return
    lower = "pg_catalog.lower"
    same = [f"{lower}(t.{name(two)}::text) = {lower}(b.c{n})" for n, (_, two) in enumerate(pairs)]
    yield from _beside(
        database, rows, spec, there, [one for one, _ in pairs], [*same, *filter(None, [where])]
    )


def _beside(
    database: Database,
    rows: ManyRows,
    spec: TableSpec,
    there: str,
    columns: Sequence[str],
    conditions: Sequence[str],
) -> Iterator[Place]:
    """Yield the rows `t` that meet all conditions beside a bundle's values `b` of columns."""
    numbers = range(len(columns))
    arrays, cells = [f"%(c{n})s::text[]" for n in numbers], ", ".join(f"c{n}" for n in numbers)
    values = f"(select distinct * from unnest({', '.join(arrays)})) as b({cells})"
    text = f"{LIES} from {_escaped(there)} join {values} on {_escaped(' and '.join(conditions))}"
    for batch in rows.batches(spec, columns):
        yield from places_of(database.query(text, {f"c{n}": [*column] for n, column in enumerate(batch)}))


def _escaped(text: str) -> str:
    """Return SQL as it is written beside parameters."""
    return text.replace("%", "%%")


def _leads(spec: TableSpec, column: str, specs: TableSpecs) -> str:
    """Compose the SQL of whether a reference leads to a row that is met."""
    pointed = specs[spec.references[column].table]
    if pointed.id is None:
        return "true"
    picked = f"{pick_table(pointed)} as p join {name(pointed.schema, pointed.name)} as o"
    ids = f"select o.{name(pointed.id)}::text from {picked} on o.ctid = p.c and o.tableoid = p.o"
    return f"t.{name(column)}::text in ({ids})"


def places_of(rows: QueryRows) -> Iterator[Place]:
    """Yield where the rows of an answer lie."""
    yield from ((str(row[0]), str(row[1])) for row in rows)
