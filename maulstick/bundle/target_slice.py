"""A subject's rows as a target has them, with the pages that show it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from maulstick.bundle.export import read_rows, rows_of
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.slice.spool import Spool
from maulstick.files import temporary_folder
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, one_snapshot
from maulstick.postgres.quoting import literal, name
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
        kind, tables, spool = plugins.kind(subject.kind), plugins.tables(subject), Spool(folder)
        with one_snapshot(database):
            schema = read_schema(database)
            there = _is_there(database, subject, kind, schema)
            manifest = read_rows(database, subject, kind, tables, spool, target, schema) if there else None
        if manifest is None:
            yield _nothing(subject, target), {}
        else:
            rows = rows_of(manifest, spool)
            yield replace(manifest, pages=tuple(plugins.pages(subject, rows))), rows


def _is_there(database: Database, subject: Subject, kind: Kind, schema: Schema) -> bool:
    table = schema.tables.get(kind.table)
    if table is None:
        return False
    own = (
        f"select from {name(table.schema, table.name)} where {name(kind.key)}::text = {literal(subject.key)}"
    )
    return bool(database.query(f"select exists ({own})")[0][0])


def _nothing(subject: Subject, target: str) -> Manifest:
    return Manifest(subject, target, "", {}, (), (), (), ())
