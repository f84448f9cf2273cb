"""A subject's rows as production has them, for the way home: read there, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from maulstick.bundle.export import Exported, read_rows
from maulstick.bundle.script import sealed
from maulstick.bundle.slice.bases import bases_of
from maulstick.bundle.slice.picked import UnknownSubject, WhereProblem
from maulstick.bundle.slice.spool import Spool
from maulstick.files import temporary_folder
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, one_snapshot
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins


@contextmanager
def pulled(
    subject: Subject, production: Database, plugins: Plugins, *, source: str, target: str, theirs: bool
) -> Iterator[Exported]:
    """Read a subject's slice in one snapshot of production, with base as the target's ledger has it.

    Columns of theirs travel only with new rows, unless all of them are wanted. Neither pages nor the
    plugins' queries are asked for: they are about the live site.
    """
    tables = plugins.tables(subject)
    if theirs:
        tables = [replace(table, theirs=()) for table in tables]
    with temporary_folder() as folder, one_snapshot(production):
        schema, spool = read_schema(production), Spool(folder)
        known = partial(bases_of, target=target)
        try:
            manifest = read_rows(
                production, subject, plugins.kind(subject.kind), tables, spool, source, schema, known
            )
        except WhereProblem as problem:
            problem.hint = f"it is from {plugins.owner_of('maulstick_tables', problem.table, subject)}"
            raise
        except UnknownSubject as problem:
            problem.what = f"is not in {target}"
            raise
        yield Exported(sealed(manifest), spool, {}, folder)
