"""A bundle as it was read: its manifest, and where its rows stand in release.sql."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from maulstick.bundle.manifest import Manifest
from maulstick.bundle.rows import RowsOnDemand
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.sections import Range, RowsOf, Section
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Rows


@dataclass(frozen=True, slots=True)
class Script:
    """A release.sql that has been proved to hold what Maulstick wrote and nothing more.

    `is_anew` says that its SQL was rewritten, since the file holds that of another version.
    """

    sections: dict[str, Section]
    is_anew: bool = False

    def ranges(self, table: str, *, matched: bool = False) -> list[Range]:
        """List the ranges of a table's travelling rows, or of the keys of those that are only matched."""
        found = [part for section in self.sections.values() for part in section.copies]
        return [part for part in found if part.rows == RowsOf(table, matched=matched)]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A complete bundle: its manifest, and the script that renders from it byte for byte.

    `left_out` are the rows, by table and key, that another bundle holds and this part of it does not.
    """

    folder: Path
    manifest: Manifest
    script: Script
    left_out: tuple[tuple[str, str], ...] = ()

    def rows(self) -> Rows:
        """Return all travelling rows by table; a table is read when it is first used."""
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
        """List the keys of a table's travelling rows, as plans show them."""
        specs = self.manifest.specs
        return {key_text(specs[table], specs, row) for row in self.table(specs[table])}

    def mentions(self, table: str, marks: Collection[bytes]) -> bool:
        """Return whether a table's rows contain any of these lower-case marks; no row is parsed."""
        seen = b""
        for part in self.script.ranges(table):
            for block in part.blocks():
                seen = seen[-16:] + block.lower()
                if any(mark in seen for mark in marks):
                    return True
        return False

    def table(self, spec: TableSpec) -> Iterator[dict[str, str | None]]:
        """Yield the travelling rows of one table."""
        for part in self.script.ranges(spec.label):
            yield from parse_rows(part.blocks(), spec.columns)
