"""The values of a bundle's rows, of one column or several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from maulstick.bundle.bundle import Script
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.slice.spool import Blocks
from maulstick.postgres.copy_text import Row, parse_rows
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.specs import TableSpec

MOST = 10_000
"""Rows that are asked about at once."""
Values = tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class BundleRows:
    """A subject's rows as they are to be released; none where the other side alone declares a table."""

    manifest: Manifest
    read: Blocks | Script

    def rows(self, label: str) -> Iterator[Row]:
        """Yield the rows of a table; of those that are only matched, their keys."""
        known: Mapping[str, TableSpec] = self.manifest.specs
        if label not in known:
            return
        for matched, columns in ((False, known[label].columns), (True, known[label].key)):
            yield from parse_rows(self._blocks(RowsOf(label, matched=matched)), columns)

    def _blocks(self, part: RowsOf) -> Iterator[bytes]:
        if isinstance(self.read, Script):
            for one in self.read.ranges(part.table, matched=part.matched):
                yield from one.blocks()
        else:
            yield from self.read.blocks(part)


@dataclass(frozen=True, slots=True)
class ManyRows:
    """The rows of several subjects with the same declarations."""

    subjects: Sequence[BundleRows]

    def batches(self, spec: TableSpec, columns: Sequence[str]) -> Iterator[Values]:
        """Yield the values of columns, each as a tuple, for some rows at a time; no value is null."""
        every = chain.from_iterable(one.rows(spec.label) for one in self.subjects)
        rows = (row for row in every if all(row.get(one) is not None for one in columns))
        while batch := list(islice(rows, MOST)):
            yield tuple(tuple(row[one] for row in batch) for one in columns)
