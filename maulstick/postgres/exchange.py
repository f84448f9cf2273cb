"""What goes over a connection by libpq itself: results one by one, the rows of COPYs, and an interrupt."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import pq

from maulstick.errors import Problem
from maulstick.postgres.results import ResultRows, text_of
from maulstick.postgres.sections import Range

CANCELS = 3
BLOCK = 1 << 18
"""Bytes of rows that are passed on at once: the server gives them one by one."""

ProblemOf = Callable[[pq.abc.PGresult, Range | None], Problem]
"""Returns the problem of a result that says what was refused, and where the rows of its COPY stand."""


class Exchange:
    """The messages of one connection; what is still in flight when somebody stops is read first."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection, self._wire = connection, connection.pgconn
        self.interrupted = self._copying = self._reading = False

    @contextmanager
    def blocking(self) -> Iterator[None]:
        """Let libpq wait in the block: else it would keep in memory what the server has not taken yet."""
        self._wire.nonblocking = 0
        try:
            yield
        finally:
            if self._wire.status != pq.ConnStatus.BAD:
                self._wire.nonblocking = 1

    def answers(self, text: str, copies: Iterator[Range], problem_of: ProblemOf) -> Iterator[ResultRows]:
        """Send statements as one message, feed their COPYs, and return the rows of those that have some."""
        self._wire.send_query(text.encode())
        self._wire.set_single_row_mode()  # else libpq would keep a whole answer in memory
        failure: Problem | None = None
        rows, fed = ResultRows(), None
        while (result := self._next()) is not None:
            if result.status == pq.ExecStatus.COPY_IN:
                fed = next(copies)
                self._feed(fed)
            elif result.status == pq.ExecStatus.SINGLE_TUPLE:
                rows.add(tuple(text_of(result.get_value(0, column)) for column in range(result.nfields)))
            elif result.status == pq.ExecStatus.TUPLES_OK:
                yield rows
                rows = ResultRows()
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                failure = failure or problem_of(result, fed)
        self._raise(failure)

    def copy_out(self, text: str, problem_of: ProblemOf) -> Iterator[bytes]:
        """Yield the blocks of a `COPY … TO STDOUT`, each of many rows."""
        failure: Problem | None = None
        self._wire.send_query(text.encode())
        self._reading = True
        while (result := self._next()) is not None:
            if result.status == pq.ExecStatus.COPY_OUT:
                self._copying = True
                yield from self._blocks()
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                failure = problem_of(result, None)
        self._reading = False
        self._raise(failure)

    def leave_copy(self) -> None:
        """Stop a copy out that is still running: whoever was to read it has failed."""
        if self._copying:
            self.stop()
            for _ in self._blocks():
                pass
        if self._reading:
            self._reading = False
            while self._next() is not None:
                pass

    def stop(self) -> None:
        """Ask the server to stop, over a second connection; without one, wait for it to finish."""
        for _ in range(CANCELS):
            with suppress(psycopg.Error):
                self._connection.cancel()
                return

    def _feed(self, rows: Range) -> None:
        for block in rows.blocks():
            self._wire.put_copy_data(block)
        self._wire.put_copy_end()

    def _blocks(self) -> Iterator[bytes]:
        """Yield the blocks that the server copies out: psycopg would return each row on its own."""
        rows, size = [], 0
        while (copied := self._wire.get_copy_data(1))[0] >= 0:
            length, row = copied
            if length == 0:
                self._wait()
                continue
            rows.append(row)
            size += length
            if size > BLOCK:
                yield b"".join(rows)
                rows, size = [], 0
        self._copying = False
        yield b"".join(rows)

    def _next(self) -> pq.abc.PGresult | None:
        while self._wire.is_busy():
            self._wait()
        return self._wire.get_result()

    def _wait(self) -> None:
        try:
            select.select([self._wire.socket], [], [])
            self._wire.consume_input()
        except KeyboardInterrupt:
            # Left alone, the server would run on to the commit.
            self.interrupted = True
            self.stop()

    def _raise(self, failure: Problem | None) -> None:
        if failure is not None:
            raise KeyboardInterrupt if self.interrupted else failure
