"""What PostgreSQL answers to a message of several statements, and the rows that a COPY is fed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import pq

Found = Sequence[Sequence[Any]]


def feed(wire: pq.abc.PGconn, blocks: Iterator[bytes]) -> None:
    """Feed a COPY with rows, and end it."""
    for part in blocks:
        wire.put_copy_data(part)
    wire.put_copy_end()


def results_of(cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[tuple[Any, int]]:
    """Return the rows of each statement, None where it has none, and how many it touched."""
    found = []
    while True:
        rows = None if cursor.description is None else cursor.fetchall()
        found.append((rows, max(cursor.rowcount, 0)))
        if not cursor.nextset():
            return found


def first_rows(answers: Sequence[tuple[Found | None, int]]) -> Found:
    """Return the rows of the first statement that has some, be they none."""
    for rows, _ in answers:
        if rows is not None:
            return rows
    raise psycopg.ProgrammingError("the statement has no rows")


def text_of(value: bytes | None) -> str | None:
    """Return a value as text, None for null."""
    return None if value is None else value.decode()
