"""What a database answers: few rows stay in memory, many are kept in a temporary file while they are used."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from itertools import pairwise
from tempfile import SpooledTemporaryFile
from typing import Any

import psycopg

from maulstick.files import ELSEWHERE, TEMPORARY, unwritable

IN_MEMORY = 1 << 20
"""Bytes of rows in memory; more of them go to disk, so that an answer of any size fits."""

AT_ONCE = 1 << 16
"""Bytes of rows that are written and read at a time."""

ROW = 64
"""Bytes that a row takes besides its texts."""

Texts = tuple[str | None, ...]
QueryRows = Sequence[Sequence[Any]]
"""The rows of one question, each value in its Python type."""


class ResultRows:
    """The rows of one statement in their order, which can be read any number of times."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the last reader)
        self._ends = [0]
        self._late: list[Texts] = []
        self._count = self._size = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Texts]:
        blocks, late = [*self._ends], [*self._late]
        for start, end in pairwise(blocks):
            self._file.seek(start)  # another reader may have been here since
            yield from marshal.loads(self._file.read(end - start))  # noqa: S302 - our own  # nosec B302
        yield from late

    def __del__(self) -> None:
        self._file.close()

    def add(self, row: Texts) -> None:
        """Append a row."""
        self._late.append(row)
        self._count += 1
        self._size += sum(map(len, filter(None, row)), ROW)
        if self._size > AT_ONCE:
            self._store()

    def first(self) -> Texts:
        """Find the first row."""
        return next(iter(self))

    def _store(self) -> None:
        self._file.seek(0, 2)
        try:
            self._file.write(marshal.dumps(self._late))
        except OSError as error:
            raise unwritable(TEMPORARY, error, ELSEWHERE) from error
        self._ends.append(self._file.tell())
        self._late, self._size = [], 0


def results_of(cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[tuple[Any, int]]:
    """List the rows of each statement, None where it has none, and how many it touched."""
    found = []
    while True:
        rows = None if cursor.description is None else cursor.fetchall()
        found.append((rows, max(cursor.rowcount, 0)))
        if not cursor.nextset():
            return found


def first_rows(answers: Sequence[tuple[QueryRows | None, int]]) -> QueryRows:
    """List the rows of the first statement that returns rows, even if there are none."""
    for rows, _ in answers:
        if rows is not None:
            return rows
    raise psycopg.ProgrammingError("the statement has no rows")


def text_of(value: bytes | None) -> str | None:
    """Return a value as text, None for null."""
    return None if value is None else value.decode()
