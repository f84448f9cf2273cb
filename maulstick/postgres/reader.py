"""A database as what asks it needs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Reader(Protocol):
    """A database as what asks it needs it; `Database` is one."""

    def query(self, text: str) -> Sequence[Sequence[Any]]:
        """Return the rows of a question."""

    def run(self, text: str) -> int:
        """Run a statement and return how many rows it touched."""

    def copy_out(self, text: str) -> Iterator[bytes]:
        """Return the blocks of a `COPY … TO STDOUT`."""
