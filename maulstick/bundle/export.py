"""Export: read the subject's slice from the source and write its bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.bundle import folder as bundles
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.page_lines import spooled
from maulstick.bundle.plugin_files import Workbench, joined, plugin_files
from maulstick.bundle.rows import held_if_few, rows_of
from maulstick.bundle.script import render, sealed
from maulstick.bundle.slice.bases import pulled_bases
from maulstick.bundle.slice.known_base import Bases
from maulstick.bundle.slice.many_subjects import ReadSlice, queries_of
from maulstick.bundle.slice.picked import WhereProblem, pick
from maulstick.bundle.slice.spool import Blocks, Spool
from maulstick.errors import Problem
from maulstick.files import temporary_folder
from maulstick.media.columns import named_by, require_reachable, types_said
from maulstick.media.sources import Media, find
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, connect, one_snapshot
from maulstick.postgres.copy_text import rows_with
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.hidden_values import require_fitting
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.postgres.tables.suspects import suspects
from maulstick.project.declarations import Kind, MediaFile, Page, Rows, Subject, Table
from maulstick.project.inventory import LocalSource
from maulstick.project.plugins.registry import Plugins

BasesOf = Callable[[Database, Subject, TableSpecs], Bases]
"""Reads base of a subject's picked rows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A slice as it was read: its manifest, and its rows in a folder that is deleted after the block."""

    manifest: Manifest
    spool: Blocks
    made: Mapping[MediaFile, Path]
    fetched: Path
    warnings: tuple[str, ...] = ()

    def sql(self) -> Iterator[bytes]:
        """Return the bytes of release.sql."""
        return render(self.manifest, self.spool.blocks)

    def write(self, folder: Path) -> int:
        """Write the bundle and return its size in bytes."""
        return bundles.write(folder, self.manifest, self.spool)

    def files(self, media: Media) -> Mapping[MediaFile, Path]:
        """Find the local path of each file of the bundle; a file on another machine is fetched first."""
        lying = [file for file in self.manifest.media if file not in self.made]
        return {**{file: media.local(file.path, self.fetched) for file in lying}, **self.made}


@contextmanager
def exported(
    subject: Subject,
    source: LocalSource,
    plugins: Plugins,
    media: Media,
    *,
    site: str = "",
    read: ReadSlice | None = None,
) -> Iterator[Exported]:
    """Read a subject's slice in one snapshot of the source and prove that its files are there.

    `site` is where visitors will see it, if that is known: they must reach what its media columns name.
    A slice that was `read` together with others is not read again.
    """
    with temporary_folder() as folder:
        tables = plugins.tables(subject)
        manifest, spool, schema = _alone(subject, source, plugins, folder) if read is None else read.whole
        rows, bench, fetched = rows_of(manifest, spool), folder / "made", folder / "fetched"
        bench.mkdir()
        fetched.mkdir()
        naming = _naming(manifest, spool, tables)
        if site:
            require_reachable(tables, manifest.specs, naming, site)
        more = plugin_files(plugins, subject, Workbench(rows, bench, source, media, fetched))
        files = _files(media, tables, naming, lambda: _decoded_before(subject, source))
        pages = spooled(folder / "pages", plugins.pages(subject, rows))
        whole = _with_plugins(manifest, plugins, joined(files, more.files), pages)
        yield Exported(whole, spool, more.made, fetched, tuple(suspects(whole.specs, schema)))


def _alone(
    subject: Subject, source: LocalSource, plugins: Plugins, folder: Path
) -> tuple[Manifest, Blocks, Schema]:
    kind, tables, spool = plugins.kind(subject.kind), plugins.tables(subject), Spool(folder)
    with connect(source.database, f"source {source.name}") as database, one_snapshot(database):
        schema = read_schema(database)
        try:
            return read_rows(database, subject, kind, tables, spool, source.name, schema), spool, schema
        except WhereProblem as problem:
            problem.hint = f"it is from {plugins.owner_of('maulstick_tables', problem.table, subject)}"
            raise


def has_moved_on(manifest: Manifest, source: LocalSource, plugins: Plugins) -> bool:
    """Return whether the source's rows differ from a bundle's; False if the source cannot be read.

    Every row is read, since a row may change without a new `updated_at`; files are not looked at.
    """
    subject = manifest.subject
    try:
        kind, tables = plugins.kind(subject.kind), plugins.tables(subject)
        with (
            temporary_folder() as folder,
            connect(source.database, f"source {source.name}") as database,
            one_snapshot(database),
        ):
            schema = read_schema(database)
            now = read_rows(database, subject, kind, tables, Spool(folder), source.name, schema)
    except Problem:
        return False
    return _proofs(now) != _proofs(manifest)


def _proofs(manifest: Manifest) -> dict[str, tuple[int, int, str]]:
    return {name: (table.rows, table.matched, table.sha256) for name, table in manifest.tables.items()}


def read_rows(
    database: Database,
    subject: Subject,
    kind: Kind,
    tables: Sequence[Table],
    spool: Spool,
    source: str,
    schema: Schema,
    bases: BasesOf = pulled_bases,
) -> Manifest:
    """Read a subject's rows, and what the database knows of their base."""
    specs = specs_of(tables, schema)
    require_fitting(database, specs.values())
    picked = pick(database, subject, kind, tables, specs, schema)
    return Manifest(
        subject=subject,
        source=source,
        as_of=picked.as_of(),
        tables={name: spool.take(picked, name, spec) for name, spec in specs.items()},
        media=(),
        pages=(),
        queries=(),
        migrations=_migrations(schema),
        bases=bases(database, subject, specs),
    )


def _files(
    media: Media, tables: Sequence[Table], rows: Rows, known: Callable[[], Sequence[MediaFile]]
) -> Sequence[MediaFile]:
    naming = [table for table in tables if table.media]
    paths = [path for table in naming for path in named_by(table, rows[table.name])]
    said = {value: kind for table in naming for value, kind in sorted(types_said(table, rows[table.name]))}
    return find(media, paths, known(), said) if paths else ()


def _with_plugins(
    manifest: Manifest, plugins: Plugins, files: tuple[MediaFile, ...], pages: Sequence[Page]
) -> Manifest:
    whole = replace(
        manifest,
        media=files,
        pages=pages,
        queries=queries_of(plugins, manifest.subject),
    )
    return sealed(whole)


def _decoded_before(subject: Subject, source: LocalSource) -> Sequence[MediaFile]:
    """List the files of the existing bundle, if it is complete: they need not be decoded again."""
    try:
        return bundles.read_manifest(bundles.folder_of(source.bundles, subject)).media
    except (Problem, OSError, ValueError):
        return ()


def _naming(manifest: Manifest, spool: Blocks, tables: Sequence[Table]) -> Rows:
    """List the rows that name a file; the others need not be parsed."""
    return {table.name: _naming_of(table, manifest, spool) for table in tables if table.media}


def _naming_of(table: Table, manifest: Manifest, spool: Blocks) -> Sequence[dict[str, str | None]]:
    columns, wanted = manifest.specs[table.name].columns, [one.column for one in table.media]
    part = RowsOf(table.name, matched=False)
    return held_if_few(lambda: rows_with(spool.blocks(part), columns, wanted))


def _migrations(schema: Schema) -> tuple[str, ...]:
    return tuple(sorted(schema.migrations))
