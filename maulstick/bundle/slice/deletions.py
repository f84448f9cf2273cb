"""Rows that the source has deleted, and which of those deletions wait while other rows are left out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.row_references import Row, RowPlace
from maulstick.bundle.slice.row_graph import RowGraph, references_between
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, one_snapshot
from maulstick.postgres.ledger import has_ledger
from maulstick.postgres.quoting import literals, name
from maulstick.postgres.sql.identity.keys import may_be_spelt_apart
from maulstick.postgres.tables.known_keys import by_values
from maulstick.postgres.tables.portable_rows import portable_row
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Table

RELEASED = """
select b.table_name, b.key from maulstick.base_row as b
where b.subjects @> array[%(subject)s] and b.table_name = any (%(tables)s)
"""
"""The rows that the ledger knows of a subject."""


@dataclass(frozen=True, slots=True)
class Deletions:
    """The rows of a subject that production has and its bundle does not; `graph` is how they refer there."""

    gone: frozenset[RowPlace]
    graph: RowGraph

    def waiting(self, out: Collection[RowPlace]) -> list[RowPlace]:
        """List the deletions that wait if some rows stay as they are, what hangs on these and what they need.

        `out` may name rows of the bundle, and deleted rows themselves.
        """
        references, stays, waiting = self.graph.references, set[RowPlace](), [*out]
        parts: dict[RowPlace, list[RowPlace]] = {}
        for place in self.gone:
            for to in self.graph.owners(place):
                parts.setdefault(to, []).append(place)
        while waiting:
            place = waiting.pop()
            if place in stays:
                continue
            stays.add(place)
            waiting += parts.get(place, ())
            waiting += [to for _, to in references.get(place, ()) if to in self.gone]
        return sorted(stays & self.gone)


def deletions(
    bundle: Bundle, out: Collection[RowPlace], database: Database, kind: Kind, tables: Mapping[str, Table]
) -> Deletions:
    """Find what a bundle's source has deleted since it was released or pulled, and what it refers to there.

    `out` are rows of the bundle that are left out: they are as they are in production.
    """
    manifest = bundle.manifest
    travelling = [spec for spec in manifest.specs.values() if spec.travels]
    asked = {"subject": str(manifest.subject), "tables": [spec.label for spec in travelling]}
    released = database.query(RELEASED, asked) if has_ledger(database) else ()
    ours = (row for row in manifest.bases.rows if asked["subject"] in row.subjects)
    pulled = [(row.table_name, row.key) for row in ours if row.table_name in asked["tables"]]
    gone: dict[str, set[str]] = {}
    for label, key in [*released, *pulled]:
        gone.setdefault(str(label), set()).add(str(key))
    rows: dict[str, list[Row]] = {}
    there: set[RowPlace] = set()
    with one_snapshot(database):
        specs = _in_target(manifest.specs, read_schema(database))
        for spec in travelling:
            _forget_known(gone.get(spec.label, set()), bundle, spec)
            left = {key for table, key in out if table == spec.label}
            wanted = gone.get(spec.label, set()) | left
            for key, row in _rows(database, spec.label, specs, wanted):
                rows.setdefault(spec.label, []).append(row)
                there.add((spec.label, key))
    graph = references_between(lambda spec: rows.get(spec.label, ()), manifest.specs)
    known = {(table, key) for table, keys in gone.items() for key in keys}
    return Deletions(frozenset(known & there if specs else known), RowGraph(graph, tables, kind))


def _forget_known(gone: set[str], bundle: Bundle, spec: TableSpec) -> None:
    """Remove the keys that the bundle has; one that may be spelt otherwise is told without its case."""
    if gone:
        keys = bundle.keys_of(spec.label)
        gone -= keys
        if may_be_spelt_apart(spec, bundle.manifest.specs):
            folded = {key.casefold() for key in keys}
            gone -= {key for key in gone if key.casefold() in folded}


def _in_target(specs: TableSpecs, schema: Schema) -> TableSpecs:
    """Return the tables with those of their columns that the target has: a deploy may bring the others.

    It returns none where the target lacks a whole table, or a key: what refers to what is unknown then.
    """
    known = {label: schema.tables[label].columns for label in specs if label in schema.tables}
    if any(label not in known or not {*spec.key} <= {*known[label]} for label, spec in specs.items()):
        return {}
    return {
        label: replace(spec, columns=tuple(column for column in spec.columns if column in known[label]))
        for label, spec in specs.items()
    }


def _rows(
    database: Database, label: str, specs: TableSpecs, keys: Collection[str]
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a table that production has under some keys, in portable form."""
    if not keys or not specs:
        return
    spec = specs[label]
    one = portable_row(spec, specs, "t")
    texts = ", ".join(one.columns[column] for column in spec.columns)
    found = database.query(
        f"select k.key, jsonb_object({literals(spec.columns)}, array[{texts}]::text[])::text\n"
        f"  from unnest({literals(sorted(keys))}) as k(key)"
        f" cross join {name(spec.schema, spec.name)} as t{one.joins}\n"
        f"  where {one.key} = k.key{by_values(spec, specs, 't', 'k.key')}"
    )
    for key, row in found:
        yield str(key), json.loads(row)
