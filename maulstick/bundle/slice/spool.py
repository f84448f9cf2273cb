"""The rows of a slice as they were read, kept in files until the bundle is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from maulstick.bundle.manifest import TableRows
from maulstick.bundle.slice.picked import Slice
from maulstick.files import ELSEWHERE, writing
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.specs import TableSpec


class Blocks(Protocol):
    """The rows of a slice as they were read."""

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """List the blocks of one COPY."""


@dataclass(frozen=True, slots=True)
class Spool:
    """The rows of a slice as they were read, one file for each COPY."""

    folder: Path

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """Yield the blocks of one COPY."""
        with self._file(part).open("rb") as file:
            while block := file.read(1 << 18):
                yield block

    def take(self, picked: Slice, name: str, spec: TableSpec) -> TableRows:
        """Read a table's rows from the source and return how many there are and their SHA-256."""
        digest = hashlib.sha256()
        counts = [self.keep(picked, spec, RowsOf(name, matched), digest.update) for matched in (True, False)]
        hashed = picked.hash(spec) if spec.travels else "0"
        return TableRows(spec, counts[1], counts[0], digest.hexdigest(), hashed)

    def keep(
        self, picked: Slice, spec: TableSpec, part: RowsOf, update: Callable[[bytes], None] = lambda _: None
    ) -> int:
        """Read the rows of one COPY, tell `update` of each block, and return how many rows there are."""
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
