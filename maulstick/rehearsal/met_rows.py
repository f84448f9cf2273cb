"""Which of production's rows a subject meets: its own there, and those that could collide with new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from maulstick.bundle.slice.picked import pick_rest, pick_roots
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import name
from maulstick.postgres.results import QueryRows
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.picked_rows import new_tables, pick_table
from maulstick.postgres.tables.schema import Schema, TableSchema
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.rehearsal.bundle_rows import BundleRows

LIES = "select distinct t.tableoid::text, t.ctid::text"
PICKED = "select distinct o::text, c::text"
Place = tuple[str, str]
"""Where a row lies: the oid of its table, and its place in it."""


@dataclass(frozen=True, slots=True)
class Travelling:
    """A subject with what is declared of it, and its rows as they are to be released."""

    subject: Subject
    kind: Kind
    tables: Sequence[Table]
    rows: BundleRows


@dataclass(frozen=True, slots=True)
class Met:
    """Rows by table, and which tables travel; of the others only `keys` are needed."""

    places: Mapping[str, frozenset[Place]]
    travels: frozenset[str]
    keys: Mapping[str, tuple[str, ...]]


def met_rows(database: Database, travelling: Travelling, schema: Schema) -> Met:
    """Find the rows in an open snapshot; from then on its transaction is read-only.

    A subject that production does not have yet has no rows of its own there.
    """
    specs = specs_of(travelling.tables, schema)
    database.run(new_tables(specs.values()))
    subjects = {0: travelling.subject}
    pick_roots(database, subjects, travelling.kind, travelling.tables, specs)
    pick_rest(database, subjects, travelling.kind, travelling.tables, specs, schema)
    places = {
        label: {*_places(database.query(f"{PICKED} from {pick_table(spec)}"))}
        for label, spec in specs.items()
    }
    for label, spec in specs.items():
        for columns in _unique(spec, schema.tables[label]):
            places[label].update(_collisions(database, travelling.rows, spec, specs, columns))
    for spec in specs.values():
        for link in spec.links:
            found = _linked(database, travelling.rows, spec, link, schema)
            places.setdefault(link.table, set()).update(found)
    return Met(
        {label: frozenset(one) for label, one in places.items()},
        frozenset(label for label, spec in specs.items() if spec.travels),
        {label: _key(spec) for label, spec in specs.items()},
    )


def _key(spec: TableSpec) -> tuple[str, ...]:
    beside = spec.key_condition.columns if spec.key_condition else ()
    return tuple(dict.fromkeys((*spec.key, *beside)))


def _unique(spec: TableSpec, table: TableSchema) -> Iterator[tuple[str, ...]]:
    """Yield the columns of whatever may be there only once, as far as a bundle holds them.

    The columns within an expression stand for it.
    """
    wanted = [spec.key, *(index.columns or index.used for index in table.unique_indexes)]
    held = [tuple(column for column in columns if column in spec.columns) for columns in wanted]
    yield from dict.fromkeys(filter(None, held))


def _linked(
    database: Database, rows: BundleRows, spec: TableSpec, link: Link, schema: Schema
) -> Iterator[Place]:
    """Yield the rows to which new rows lead by plain values; a span of time leads to all that it may meet."""
    pointed = schema.tables[link.table]
    pairs = [*zip(link.columns, link.target, strict=True)][: -1 if link.period else None]
    plain = [(one, two) for one, two in pairs if one not in spec.references and one not in spec.pointing]
    there = f"{name(pointed.schema, pointed.name)} as t"
    yield from _alike(database, rows, spec, there, plain)


def _collisions(
    database: Database, rows: BundleRows, spec: TableSpec, specs: TableSpecs, columns: Sequence[str]
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
            yield from _places(database.query(f"{LIES} from {there} where {' and '.join(led)}"))
        return
    yield from _alike(database, rows, spec, there, [(one, one) for one in plain], " and ".join(led))


def _alike(
    database: Database,
    rows: BundleRows,
    spec: TableSpec,
    there: str,
    pairs: Sequence[tuple[str, str]],
    where: str = "",
) -> Iterator[Place]:
    """Yield the rows `there` that have the values of rows of a bundle, in pairs of columns here and there."""
    if not pairs:
        return
    lower, numbered = "pg_catalog.lower", [*enumerate(pairs)]
    same = [f"{lower}(t.{name(two)}::text) = {lower}(b.c{n})" for n, (_, two) in numbered]
    arrays, cells = [f"%(c{n})s::text[]" for n, _ in numbered], ", ".join(f"c{n}" for n, _ in numbered)
    values = f"(select distinct * from unnest({', '.join(arrays)})) as b({cells})"
    on = " and ".join([*same, *filter(None, [where])])
    text = f"{LIES} from {_escaped(there)} join {values} on {_escaped(on)}"
    for batch in rows.batches(spec, [one for one, _ in pairs]):
        yield from _places(database.query(text, {f"c{n}": [*column] for n, column in enumerate(batch)}))


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


def _places(rows: QueryRows) -> Iterator[Place]:
    yield from ((str(row[0]), str(row[1])) for row in rows)
