"""Which of production's rows subjects meet: their own there, and those that could collide with new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from maulstick.bundle.slice.picked import pick_rest, pick_roots
from maulstick.postgres.connection import Database
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.picked_rows import new_tables, pick_table
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.rehearsal.bundle_rows import ManyRows
from maulstick.rehearsal.collisions import Place, collisions, linked, places_of

PICKED = "select distinct o::text, c::text"


@dataclass(frozen=True, slots=True)
class Travelling:
    """Subjects with what is declared of all of them, and their rows as they are to be released.

    `formerly` are the keys under which production has them, where these are others.
    """

    subjects: Sequence[Subject]
    kind: Kind
    tables: Sequence[Table]
    rows: ManyRows
    formerly: Mapping[Subject, str] = field(default_factory=dict)


def alone(travelling: Travelling) -> Iterator[Travelling]:
    """Yield each of several subjects by itself."""
    every = zip(travelling.subjects, travelling.rows.subjects, strict=True)
    for subject, rows in every if len(travelling.subjects) > 1 else ():
        formerly = {one: key for one, key in travelling.formerly.items() if one == subject}
        yield replace(travelling, subjects=[subject], rows=ManyRows([rows]), formerly=formerly)


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
    former = [replace(one, key=key) for one, key in travelling.formerly.items()]
    subjects = dict(enumerate([*travelling.subjects, *former]))
    pick_roots(database, subjects, travelling.kind, travelling.tables, specs)
    pick_rest(database, subjects, travelling.kind, travelling.tables, specs, schema)
    places = {
        label: {*places_of(database.query(f"{PICKED} from {pick_table(spec)}"))}
        for label, spec in specs.items()
    }
    for label, spec in specs.items():
        places[label].update(collisions(database, travelling.rows, spec, specs, schema.tables[label]))
    for spec in specs.values():
        for link in spec.links:
            found = linked(database, travelling.rows, spec, link, schema)
            places.setdefault(link.table, set()).update(found)
    return Met(
        {label: frozenset(one) for label, one in places.items()},
        frozenset(label for label, spec in specs.items() if spec.travels),
        {label: _key(spec) for label, spec in specs.items()},
    )


def _key(spec: TableSpec) -> tuple[str, ...]:
    beside = spec.key_condition.columns if spec.key_condition else ()
    return tuple(dict.fromkeys((*spec.key, *beside)))
