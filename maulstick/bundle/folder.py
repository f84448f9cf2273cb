"""A bundle on disk: release.sql and manifest.json, written together and read as one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Protocol

from maulstick.bundle import manifest as manifests
from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.names import MANIFEST as MANIFEST
from maulstick.bundle.names import folder_of as folder_of
from maulstick.bundle.rows import RowsOnDemand
from maulstick.bundle.script import Script, render
from maulstick.bundle.script_file import read
from maulstick.bundle.slice import Slice
from maulstick.errors import Problem, nearest, refused, usage
from maulstick.files import ELSEWHERE, write_whole, writing
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.tables import TableSpec
from maulstick.project.declarations import MediaFile, Rows

SQL = "release.sql"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that is whole: its manifest and the script that renders from it byte for byte."""

    folder: Path
    manifest: Manifest
    script: Script

    def rows(self) -> Rows:
        """Return all travelling rows by table, each read when it is asked for."""
        specs = self.manifest.specs
        return RowsOnDemand(self.manifest.counts(), lambda name: self.table(specs[name]))

    def keys(self) -> set[tuple[str | None, ...]]:
        """Return the table and key of each travelling row."""
        return {
            (table.spec.label, *(row[column] for column in table.spec.key))
            for table in self.manifest.tables.values()
            for row in self.table(table.spec)
        }

    def keys_of(self, table: str) -> set[str]:
        """Return the keys of a table's travelling rows, as plans show them."""
        specs = self.manifest.specs
        return {key_text(specs[table], specs, row) for row in self.table(specs[table])}

    def mentions(self, table: str, marks: Collection[bytes]) -> bool:
        """Tell whether a table's rows hold any of some marks in small letters; nothing is parsed for it."""
        seen = b""
        for part in self.script.ranges(table):
            for block in part.blocks():
                seen = seen[-16:] + block.lower()
                if any(mark in seen for mark in marks):
                    return True
        return False

    def table(self, spec: TableSpec) -> Iterator[dict[str, str | None]]:
        """Return the travelling rows of one table."""
        for part in self.script.ranges(spec.label):
            yield from parse_rows(part.blocks(), spec.columns)


class Blocks(Protocol):
    """The rows of a slice as they were read."""

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """Return the blocks of one COPY."""


@dataclass(frozen=True, slots=True)
class Spool:
    """The rows of a slice as they were read, one file for each COPY."""

    folder: Path

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """Return the blocks of one COPY."""
        with self._file(part).open("rb") as file:
            while block := file.read(1 << 18):
                yield block

    def take(self, picked: Slice, name: str, spec: TableSpec) -> TableRows:
        """Read a table's rows from the source and return how many there are and their SHA-256."""
        digest = hashlib.sha256()
        counts = [self._take(picked, spec, RowsOf(name, matched), digest.update) for matched in (True, False)]
        hashed = picked.hash(spec) if spec.travels else "0"
        return TableRows(spec, counts[1], counts[0], digest.hexdigest(), hashed)

    def _take(self, picked: Slice, spec: TableSpec, part: RowsOf, update: Callable[[bytes], None]) -> int:
        lines = 0
        with writing(self.folder, ELSEWHERE), self._file(part).open("wb") as file:
            for block in picked.rows(spec, matched=part.matched):
                update(block)
                file.write(block)
                lines += block.count(b"\n")
        return lines

    def _file(self, part: RowsOf) -> Path:
        name = hashlib.sha256(f"{part.table}{part.matched}".encode()).hexdigest()[:16]
        return self.folder / name


def write(folder: Path, manifest: Manifest, spool: Blocks) -> int:
    """Write both files, each whole or not at all, and return the bytes written."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        size = write_whole(folder / SQL, render(manifest, spool.blocks))
        return size + write_whole(folder / MANIFEST, manifest.blocks())


def load(folder: Path, *, source: str) -> Bundle:
    """Read a bundle and prove that it is whole and was made from `source`; else a problem."""
    manifest = read_manifest(folder)
    if manifest.source != source:
        says = f'was made from the source "{manifest.source}"; this target takes only "{source}"'
        raise usage(str(folder), says, "export again from the target's own source")
    return Bundle(folder, manifest, read(folder / SQL, manifest))


def read_manifest(folder: Path) -> Manifest:
    """Read a bundle's manifest and prove that nobody edited it; else a problem."""
    path = folder / MANIFEST
    if not path.is_file():
        raise refused(str(folder), "holds no bundle", _elsewhere(folder))
    try:
        return manifests.read(path, str(path))
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise Problem(str(path), what, "see who may read it") from error


def files_of_bundles(bundles: Path) -> Mapping[Path, tuple[MediaFile, ...]]:
    """Return the files of all bundles, by the bundle's folder."""
    folders = sorted(path.parent for path in bundles.glob(f"*/*/{MANIFEST}"))
    return {folder: read_manifest(folder).media for folder in folders}


def _elsewhere(folder: Path) -> str:
    """Return a hint that names the bundle that was meant, if one is near, and how to make this one."""
    kind, key = folder.parts[-2:]
    near = nearest(key, (other.parent.name for other in folder.parent.glob(f"*/{MANIFEST}")))
    meant = f'did you mean "{near}"? else: ' if near else ""
    return f"{meant}invoke export --{kind} {quote(key)}"
