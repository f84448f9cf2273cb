"""What is sent as one message: SQL, and the rows of its COPYs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from maulstick.opened import open_file

BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A table's rows as COPY text: those that travel, or the keys of those that are only matched."""

    table: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of a file, from `start` to before `end`: the rows of one COPY."""

    rows: RowsOf
    path: Path
    start: int
    end: int

    def blocks(self) -> Iterator[bytes]:
        """Yield the rows in blocks of COPY text."""
        with open_file(self.path) as file:
            file.seek(self.start)
            left = self.end - self.start
            while left and (block := file.read(min(left, BLOCK))):
                left -= len(block)
                yield block


@dataclass(slots=True)
class Section:
    """SQL that is sent as one message, and where the rows of its COPYs are, in order."""

    name: str
    text: str = ""
    copies: list[Range] = field(default_factory=list)
