"""A subject's rows as a target has them, with the pages that show it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.rows import rows_of
from maulstick.bundle.slice.picked import pick
from maulstick.bundle.slice.spool import Spool
from maulstick.files import temporary_folder
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, one_snapshot
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.schema import Schema
from maulstick.project.declarations import Kind, Rows, Subject
from maulstick.project.plugins.registry import Plugins


@contextmanager
def target_slice(
    database: Database, subject: Subject, plugins: Plugins, target: str
) -> Iterator[tuple[Manifest, Rows]]:
    """Yield a subject's rows as a target has them, in the form of a bundle, for the block.

    A subject that the target does not have has no rows and no pages. What stops an export stops this too: a
    reference that no plugin declares, a key that is not unique.
    """
    with temporary_folder() as folder:
        kind, spool, tables = plugins.kind(subject.kind), Spool(folder), dict[str, TableRows]()
        with one_snapshot(database):
            schema = read_schema(database)
            if _is_there(database, subject, kind, schema):
                tables = _read(database, subject, plugins, schema, spool)
        manifest = Manifest(subject, target, "", tables, (), (), (), ())
        rows = rows_of(manifest, spool) if tables else {}
        pages = tuple(plugins.pages(subject, rows)) if tables else ()
        yield replace(manifest, pages=pages), rows


def _read(
    database: Database, subject: Subject, plugins: Plugins, schema: Schema, spool: Spool
) -> dict[str, TableRows]:
    """Read the rows that travel, with one question for each table: they are shown, and never released."""
    kind, tables = plugins.kind(subject.kind), plugins.tables(subject)
    specs = specs_of(tables, schema)
    picked = pick(database, subject, kind, tables, specs, schema)
    read = ((label, spec, RowsOf(label, matched=False)) for label, spec in specs.items() if spec.travels)
    return {label: TableRows(spec, spool.keep(picked, spec, part), 0, "", "0") for label, spec, part in read}


def _is_there(database: Database, subject: Subject, kind: Kind, schema: Schema) -> bool:
    table = schema.tables.get(kind.table)
    if table is None:
        return False
    own = (
        f"select from {name(table.schema, table.name)} where {name(kind.key)}::text = {literal(subject.key)}"
    )
    return bool(database.query(f"select exists ({own})")[0][0])
