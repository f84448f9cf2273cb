"""A number of bytes that several threads share: who wants more than is free waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

IN_MEMORY = 48 << 20
"""Bytes of files that are in memory at once, however many are sent side by side."""


class SharedMemory:
    """Memory that is shared; one who wants more than there is gets all of it, alone."""

    def __init__(self, size: int = IN_MEMORY) -> None:
        self._size = self._free = size
        self._changed = Condition()

    @contextmanager
    def held(self, size: int) -> Iterator[None]:
        """Hold so many bytes in the block, once they are free."""
        taken = min(size, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= taken)
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()
