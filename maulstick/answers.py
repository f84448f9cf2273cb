"""What a database answers: few rows stay in memory, many lie in a temporary file until nobody needs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from maulstick.writing import ELSEWHERE, TEMPORARY, unwritable

IN_MEMORY = 1 << 20
"""Bytes of rows; more of them go to disk, so that no answer is larger than our memory."""

AT_ONCE = 1 << 16
"""Bytes of rows that are read at once."""

Texts = tuple[str | None, ...]


class Rows:
    """The rows of one statement in the order they came, to be read any number of times."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the last reader)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Texts]:
        place, left = 0, self._count
        while left:
            self._file.seek(place)  # another reader may have been here since
            lines = self._file.readlines(AT_ONCE)[:left]
            place += sum(map(len, lines))
            left -= len(lines)
            yield from (tuple(json.loads(line)) for line in lines)

    def __del__(self) -> None:
        self._file.close()

    def add(self, row: Texts) -> None:
        """Take one row more, behind all others."""
        self._file.seek(0, 2)
        try:
            self._file.write(json.dumps(row).encode() + b"\n")
        except OSError as error:
            raise unwritable(TEMPORARY, error, ELSEWHERE) from error
        self._count += 1

    def first(self) -> Texts:
        """Return the first row."""
        return next(iter(self))
