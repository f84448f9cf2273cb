"""The door to PostgreSQL."""

from __future__ import annotations

import re
import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from psycopg import pq

from maulstick.answers import Rows
from maulstick.dsn import as_libpq
from maulstick.errors import DENIED, Exit, Problem
from maulstick.ledger import ONLY_READ, OTHER_VERSION
from maulstick.quote import name
from maulstick.redact import Secret, hide, passwords_of
from maulstick.script import Range, Script, Section
from maulstick.search_path import as_ourselves
from maulstick.sections.stage import formats

CONNECT_TIMEOUT = 15
CANCELS = 3
STOPS = (OTHER_VERSION, ONLY_READ)
BLOCK = 1 << 18
"""Bytes of rows that are passed on at once: the server gives them one by one."""
NO_ROLE = "22023"
LEAST = 'docs/safety.md, "Least rights", has the SQL of the roles'
COPIED = re.compile(r"COPY \S+, \S+ (\d+)(?:, \S+ (.+?)(?::|$))?")
"""Of which row and column of a COPY the server speaks, in any of its languages; no other field says it."""
WHOSE = "select pg_catalog.pg_backend_pid();\n"


class SqlProblem(Problem):
    """A statement that the database refused, with its SQLSTATE and detail.

    `row` is the row of a COPY that it refused: where its rows stand, its number, and its column if known.
    """

    def __init__(
        self,
        where: str,
        what: str,
        hint: str,
        *,
        state: str,
        detail: str,
        row: tuple[Range, int, str] | None = None,
    ) -> None:
        super().__init__(where, what, hint, code=Exit.REFUSED if state in STOPS else Exit.FAILED)
        self.state = state
        self.detail = detail
        self.row = row


class Database:
    """One connection; every failure is a problem that shows no password.

    All that it asks for holds to the end of a transaction and no longer: behind PgBouncer the next
    transaction may come to another session, and what we leave in ours would come to another client.
    """

    def __init__(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        where: str,
        *,
        again: Callable[[], AbstractContextManager[Database]],
        read_only: bool = False,
        role: str | None = None,
    ) -> None:
        self.connection, self.where = connection, where
        self.again = again  # opens another connection to the same place
        self.read_only, self.role = read_only, role
        self.interrupted = self._copying = False
        # The process that plays a script, once it has asked for rows. The connection's own number is
        # PgBouncer's, where that stands between.
        self.pid: int | None = None

    @property
    def broken(self) -> bool:
        """Tell whether the connection is gone: what was asked of it may still happen."""
        return self.connection.pgconn.status == pq.ConnStatus.BAD

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """Return the rows of a question."""
        with self._said(), self._within():
            return self._executed(text, parameters).fetchall()

    def run(self, text: str) -> int:
        """Run a statement and return how many rows it touched."""
        with self._said(), self._within():
            return max(self._executed(text).rowcount, 0)

    def _executed(
        self, text: str, parameters: Mapping[str, Any] | None = None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement; one that stands alone runs under our own path, with which it is one message."""
        if self.connection.info.transaction_status == pq.TransactionStatus.INTRANS:
            return self.connection.execute(text.encode(), parameters)
        cursor = psycopg.ClientCursor(self.connection)
        cursor.execute(f"{as_ourselves()}\n{text}".encode(), parameters)
        cursor.nextset()
        return cursor

    @contextmanager
    def transaction(self, mode: str = "") -> Iterator[None]:
        """Open a transaction for the block; it is rolled back at the end."""
        with self._said():
            self.connection.execute(self._begin(mode).encode())
        try:
            yield
        finally:
            self.rollback()

    def rollback(self) -> None:
        """End the transaction that is open, if there is one; nothing of it stays."""
        if not self.broken:
            with self._said():
                self._leave_copy()
                self.connection.rollback()

    def copy_out(self, text: str) -> Iterator[bytes]:
        """Return the blocks of a `COPY … TO STDOUT`, each of many rows."""
        wire, failure = self.connection.pgconn, None
        with self._said():
            wire.send_query(text.encode())
            while (result := self._next(wire)) is not None:
                if result.status == pq.ExecStatus.COPY_OUT:
                    self._copying = True
                    yield from self._blocks(wire)
                    self._copying = False
                elif result.status == pq.ExecStatus.FATAL_ERROR:
                    failure = self._refused(result, None)
        if failure is not None:
            raise KeyboardInterrupt if self.interrupted else failure

    def _blocks(self, wire: pq.abc.PGconn) -> Iterator[bytes]:
        """Return what the server copies out: psycopg would take a turn of its own for each row."""
        rows, size = [], 0
        while (copied := wire.get_copy_data(1))[0] >= 0:
            length, row = copied
            if length == 0:
                self._wait(wire)
                continue
            rows.append(row)
            size += length
            if size > BLOCK:
                yield b"".join(rows)
                rows, size = [], 0
        yield b"".join(rows)

    def _leave_copy(self) -> None:
        """Stop what the server still copies out: somebody failed who was to take it."""
        if self._copying:
            wire, self._copying = self.connection.pgconn, False
            self._stop()
            for _ in self._blocks(wire):
                pass
            while self._next(wire) is not None:
                pass

    def play(self, script: Script, sections: Iterable[Section], *, before: str = "") -> list[Rows]:
        """Send sections as one message, feed their COPYs from the file, and return the answers.

        One round trip for all statements and one more for each COPY (engine.md "release.sql").
        """
        sections = list(sections)
        self.pid = None
        text = before + WHOSE + "".join(section.text for section in sections)
        copies = iter([part for section in sections for part in section.copies])
        return self._asked(text, script, copies)

    def send(self, text: str) -> list[Rows]:
        """Run a text of several statements and return the answers of those that have one."""
        return self._asked(text, None, iter(()))

    def _asked(self, text: str, script: Script | None, copies: Iterator[Range]) -> list[Rows]:
        wire = self.connection.pgconn
        # libpq would keep all rows in memory that the server has not taken yet, and never wait.
        wire.nonblocking = 0
        try:
            with self._said():
                wire.send_query((self._begin() if self._must_begin else "").encode() + text.encode())
                wire.set_single_row_mode()  # else libpq would keep a whole answer in memory
                return list(self._answers(wire, script, copies))
        finally:
            if not self.broken:
                wire.nonblocking = 1

    def _answers(self, wire: pq.abc.PGconn, script: Script | None, copies: Iterator[Range]) -> Iterator[Rows]:
        failure: Problem | None = None
        rows, fed = Rows(), None
        while (result := self._next(wire)) is not None:
            if result.status == pq.ExecStatus.COPY_IN and script is not None:
                fed = next(copies)
                _feed(wire, script.rows(fed))
            elif result.status == pq.ExecStatus.SINGLE_TUPLE:
                rows.add(tuple(_text(result.get_value(0, column)) for column in range(result.nfields)))
            elif result.status == pq.ExecStatus.TUPLES_OK and script is not None and self.pid is None:
                self.pid, rows = int(rows.first()[0] or 0), Rows()
            elif result.status == pq.ExecStatus.TUPLES_OK:
                yield rows
                rows = Rows()
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                failure = failure or self._refused(result, fed)
        if failure is not None:
            raise KeyboardInterrupt if self.interrupted else failure

    def _next(self, wire: pq.abc.PGconn) -> pq.abc.PGresult | None:
        while wire.is_busy():
            self._wait(wire)
        return wire.get_result()

    def _wait(self, wire: pq.abc.PGconn) -> None:
        try:
            select.select([wire.socket], [], [])
            wire.consume_input()
        except KeyboardInterrupt:
            # Left alone, the server would run on to the commit.
            self.interrupted = True
            self._stop()

    def abandon(self) -> bool:
        """Leave what is going on; tell whether it is known to be rolled back.

        The server is asked to stop and finds nobody to talk to: it may have committed before it looked.
        """
        if self.connection.info.transaction_status in (
            pq.TransactionStatus.INTRANS,
            pq.TransactionStatus.INERROR,
        ):
            self.rollback()
            return True
        if not self.broken:
            self._stop()
            self.connection.close()
        return False

    def _stop(self) -> None:
        """Ask the server to stop, over a connection of its own; where none is had, its end is waited for."""
        for _ in range(CANCELS):
            with suppress(psycopg.Error):
                self.connection.cancel()
                return

    def _refused(self, result: pq.abc.PGresult, fed: Range | None) -> SqlProblem:
        field = pq.DiagnosticField
        says = {one: (result.error_field(one) or b"").decode() for one in (
            field.MESSAGE_PRIMARY, field.MESSAGE_DETAIL, field.MESSAGE_HINT, field.SQLSTATE, field.CONTEXT,
            field.TABLE_NAME
        )}  # fmt: skip
        detail, state = says[field.MESSAGE_DETAIL], says[field.SQLSTATE]
        hint = says[field.MESSAGE_HINT] or self._hint(state, says[field.MESSAGE_PRIMARY])
        what = says[field.MESSAGE_PRIMARY] if state.startswith("MS") or not detail else ""
        what = what or f"{says[field.MESSAGE_PRIMARY]} ({detail})"
        if (table := says[field.TABLE_NAME]) and table not in what:
            what = f"{table}: {what}"
        copied = COPIED.match(says[field.CONTEXT])
        row = (fed, int(copied[1]), copied[2] or "") if copied and fed else None
        return SqlProblem(self.where, what, hint, state=state, detail=detail, row=row)

    @property
    def _must_begin(self) -> bool:
        idle = self.connection.info.transaction_status == pq.TransactionStatus.IDLE
        return idle and (self.read_only or self.role is not None)

    def _begin(self, mode: str = "") -> str:
        # Said in full, since a database or a role may have another default; a replica refuses the word.
        write = "read only" if self.read_only or "read only" in mode else "read write"
        role = "" if self.role is None else f"set local role {name(self.role)};\n"
        return f"begin {write} {mode.replace('read only', '')};\nset local row_security = off;\n{role}"

    @contextmanager
    def _within(self) -> Iterator[None]:
        """Give a single statement what holds only inside a transaction."""
        if not self._must_begin:
            yield
            return
        self.connection.execute(f"{self._begin()}{as_ourselves()}".encode())
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.connection.commit()

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            state = error.sqlstate or ""
            what = _one_line(str(error)) or type(error).__name__
            raise SqlProblem(self.where, what, self._hint(state, what), state=state, detail="") from error

    def _hint(self, state: str, what: str) -> str:
        """Return what to do about a right that the role lacks, or a role that is not there."""
        if state == DENIED and "set role" in what and self.role is not None:
            return f"grant {name(self.role)} to {name(self.connection.info.user)};"
        if state == DENIED and "row-level security" in what:
            return "a role that sees only some rows cannot tell which are missing: alter role … bypassrls;"
        no_role = state == NO_ROLE and self.role is not None
        return LEAST if state == DENIED or no_role else ""


def libpq_address(url: Secret) -> tuple[Secret, Sequence[str]] | None:
    """Return an address as libpq takes it, and what is to be said of the rest; None where it is none."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    found = as_libpq(url.reveal(), known)
    return found and (Secret(found[0]), found[1])


@contextmanager
def connect(
    url: Secret, where: str, *, read_only: bool = False, role: str | None = None
) -> Iterator[Database]:
    """Open a connection for the block; what is not committed in it is rolled back at its end.

    With `role` every statement has that role's rights and no more, whoever logs in.
    """
    address = libpq_address(url)
    url = url if address is None else address[0]
    try:
        connection = psycopg.connect(
            url.reveal(),
            connect_timeout=CONNECT_TIMEOUT,
            prepare_threshold=None,
            autocommit=True,
            fallback_application_name="maulstick",
        )
    except psycopg.Error as error:
        says = hide(_one_line(str(error)), *passwords_of(url), url)
        hint = "is the server running, and is the address right?"
        raise Problem(where, f"cannot be reached: {says}", hint) from None
    with connection:
        again = partial(connect, url, where, read_only=read_only, role=role)
        yield Database(connection, where, read_only=read_only, role=role, again=again)


@contextmanager
def one_snapshot(database: Database) -> Iterator[None]:
    """Open a repeatable-read transaction with fixed formats; it is rolled back at the end."""
    with database.transaction("isolation level repeatable read"):
        database.send(formats())
        yield


def _feed(wire: pq.abc.PGconn, blocks: Iterator[bytes]) -> None:
    for block in blocks:
        wire.put_copy_data(block)
    wire.put_copy_end()


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _one_line(text: str) -> str:
    return " ".join(text.split())
