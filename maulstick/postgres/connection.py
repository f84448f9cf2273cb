"""A connection to PostgreSQL, and everything that is sent over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import psycopg
from psycopg import pq

from maulstick.errors import DENIED
from maulstick.postgres.database_address import libpq_address as libpq_address
from maulstick.postgres.database_address import open_connection
from maulstick.postgres.exchange import Exchange
from maulstick.postgres.quoting import block, name
from maulstick.postgres.results import QueryRows, ResultRows, first_rows, results_of
from maulstick.postgres.search_path import as_ourselves
from maulstick.postgres.sections import Range, Section
from maulstick.postgres.sql.session import formats
from maulstick.postgres.sql.trust.own_ledger import proof_for
from maulstick.postgres.sql_problem import SqlProblem as SqlProblem
from maulstick.postgres.sql_problem import one_line, problem_of
from maulstick.postgres.sqlstates import OUR_OWN
from maulstick.redact import Secret

NO_ROLE = "22023"
LEAST = 'docs/safety.md, "Least rights", has the SQL of the roles'
AT_ONCE = block("begin\n  raise info 'maulstick';\nend")
"""A statement whose notice the server sends at once, together with everything before it."""
WHOSE = f"select pg_catalog.pg_backend_pid();\n{AT_ONCE}\n"
NONE: Iterator[Range] = iter(())


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
        self._exchange = Exchange(connection)
        # The process that runs what may commit, once it has said so: before that it has written nothing. The
        # connection's own number is PgBouncer's, where that stands between.
        self.pid: int | None = None
        self._opening = ""  # begins a transaction, together with what is asked in it first
        self._ahead: dict[str, QueryRows] = {}

    @property
    def broken(self) -> bool:
        """Return whether the connection is gone: what was asked of it may still happen."""
        return self.connection.pgconn.status == pq.ConnStatus.BAD

    @property
    def interrupted(self) -> bool:
        """Return whether the user stopped what was asked last."""
        return self._exchange.interrupted

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> QueryRows:
        """List the rows of a query."""
        if parameters is None and text in self._ahead:
            return self._ahead.pop(text)
        with self._said():
            return first_rows(self._answered(text, parameters))

    def look(self, text: str, parameters: Mapping[str, Any] | None = None, opening: str = "") -> QueryRows:
        """List the rows of a query in a read-only transaction of its own, which starts with `opening`."""
        with self._said():
            try:
                before = f"{self._begin('read only')}{opening}{proof_for(text)}"
                return first_rows(self._sent(f"{text}\n;\nrollback", parameters, before=before))
            except BaseException:
                self.rollback()
                raise

    def run(self, text: str) -> int:
        """Run a statement and return how many rows it touched."""
        with self._said():
            return self._answered(text, None)[-1][1]

    def ahead(self, questions: Sequence[str], alone: Sequence[str] = ()) -> None:
        """Ask in one message what `query` and `foretold` will be asked for: each answer is given once.

        A text that is `alone` is a transaction of its own with one answer. Where one of them is refused, no
        answer is known: each is asked by itself, and says what is wrong.
        """
        begin = self._begin() if self._must_begin else "begin;\n"
        proof = proof_for("".join(questions))
        one = [
            f"{begin}{as_ourselves()}\n{proof}",
            *(f"{question}\n;\n" for question in questions),
            "commit;\n",
        ]
        own = [f"{self._begin() if self._must_begin else ''}{text}\n" for text in alone]
        try:
            with self._said():
                rows = [rows for rows, _ in self._sent("".join([*one, *own])) if rows is not None]
        except SqlProblem:
            if self.broken:
                raise
            self.rollback()
            return
        if len(rows) == len(questions) + len(alone):
            self._ahead = dict(zip([*questions, *alone], rows, strict=True))

    def foretold(self, text: str) -> QueryRows | None:
        """Return the answer to a text that was asked ahead, None if it is unknown."""
        return self._ahead.pop(text, None)

    def _answered(self, text: str, parameters: Mapping[str, Any] | None) -> list[tuple[Any, int]]:
        """Send a statement as one message with what it needs around it, and return its answers.

        One that stands alone runs under our own path, and in a transaction where something must hold there.
        """
        proof = proof_for(text)
        if self.connection.info.transaction_status == pq.TransactionStatus.INTRANS:
            if proof:
                self._sent(proof)
            return results_of(self.connection.execute(text.encode(), parameters))
        if self._opening and parameters:  # bound by the server, which takes no second statement with it
            self._sent(self._opened() + proof)
            return results_of(self.connection.execute(text.encode(), parameters))
        if self._opening:
            return self._sent(text, parameters, before=self._opened() + proof)
        if not self._must_begin:
            return self._sent(text, parameters, before=f"{as_ourselves()}\n{proof}")
        try:
            before = f"{self._begin()}{as_ourselves()}\n{proof}"
            return self._sent(f"{text}\n;\ncommit", parameters, before=before)[:-1]
        except BaseException:
            self.rollback()
            raise

    def _sent(
        self, text: str, parameters: Mapping[str, Any] | None = None, before: str = ""
    ) -> list[tuple[Any, int]]:
        if parameters is not None:
            before = before.replace("%", "%%")
        return results_of(psycopg.ClientCursor(self.connection).execute((before + text).encode(), parameters))

    def _opened(self) -> str:
        """Compose the statements that open the pending transaction, once."""
        opening, self._opening = self._opening, ""
        return opening

    @contextmanager
    def transaction(self, mode: str = "", opening: str = "") -> Iterator[None]:
        """Open a transaction for the block that starts with `opening` and is rolled back at the end."""
        self._opening = self._begin(mode) + opening
        try:
            yield
        finally:
            self._opening = ""
            self.rollback()

    def rollback(self) -> None:
        """Roll back the open transaction, if there is one.

        Where Ctrl-C came between a question and its answer, nothing more can be asked: the session ends.
        """
        if self.broken:
            return
        with self._said():
            self._exchange.leave_copy()
            if self.connection.info.transaction_status == pq.TransactionStatus.ACTIVE:
                self._exchange.stop()
                self.connection.close()
            else:
                self.connection.rollback()

    def copy_out(self, text: str) -> Iterator[bytes]:
        """Yield the blocks of a `COPY … TO STDOUT`, each of many rows."""
        if self._opening:
            self.send("")
        with self._said():
            yield from self._exchange.copy_out(text, self._problem)

    def play(self, sections: Iterable[Section], *, before: str = "") -> list[ResultRows]:
        """Send sections as one message, feed their COPYs, and return the answers.

        One round trip for all statements, one more for each COPY (docs/postgresql-facts.md, "One message").
        """
        sections = list(sections)
        self.pid = self.connection.info.backend_pid  # a pool's own, until the server has answered
        text = before + WHOSE + "".join(section.text for section in sections)
        copies = iter([part for section in sections for part in section.copies])
        return self._asked(text, copies, traced=True)

    def write(self, before: str, text: str) -> list[ResultRows]:
        """Run a text that may commit, after one that opens its transaction, and return the answers."""
        self.pid = self.connection.info.backend_pid
        return self._asked(before + WHOSE + text, traced=True)

    def send(self, text: str) -> list[ResultRows]:
        """Run several statements and return the answers of those that have one."""
        return self._asked(text)

    def _asked(self, text: str, copies: Iterator[Range] = NONE, *, traced: bool = False) -> list[ResultRows]:
        with self._said(), self._exchange.blocking():
            begin = self._opened() or (self._begin() if self._must_begin else "")
            answers = []
            for rows in self._exchange.answers(begin + text, copies, self._problem):
                if traced:
                    self.pid, traced = int(rows.first()[0] or 0), False
                else:
                    answers.append(rows)
            return answers

    def abandon(self) -> bool:
        """Leave what is going on; return whether it is known to be rolled back.

        The server is asked to stop and finds nobody to talk to: it may have committed before it looked.
        """
        if self.connection.info.transaction_status in (
            pq.TransactionStatus.INTRANS,
            pq.TransactionStatus.INERROR,
        ):
            self.rollback()
            return True
        if not self.broken:
            self._exchange.stop()
            self.connection.close()
        return False

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
    def _said(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if state.startswith(OUR_OWN) and error.pgresult is not None:
                raise self._problem(error.pgresult, None) from error
            what = one_line(str(error)) or type(error).__name__
            raise SqlProblem(self.where, what, self._hint(state, what), state=state, detail="") from error

    def _problem(self, result: pq.abc.PGresult, fed: Range | None) -> SqlProblem:
        return problem_of(result, fed, self.where, self._hint)

    def _hint(self, state: str, what: str) -> str:
        """Return what to do about a right that the role lacks, or a role that does not exist."""
        if state == DENIED and "set role" in what and self.role is not None:
            return f"grant {name(self.role)} to {name(self.connection.info.user)};"
        if state == DENIED and "row-level security" in what:
            return "a role that sees only some rows cannot tell which are missing: alter role … bypassrls;"
        no_role = state == NO_ROLE and self.role is not None
        return LEAST if state == DENIED or no_role else ""


@contextmanager
def connect(
    url: Secret, where: str, *, read_only: bool = False, role: str | None = None
) -> Iterator[Database]:
    """Open a connection for the block; what is not committed in it is rolled back at its end.

    With `role` every statement has that role's rights and no more, whoever logs in.
    """
    with open_connection(url, where) as connection:
        again = partial(connect, url, where, read_only=read_only, role=role)
        yield Database(connection, where, read_only=read_only, role=role, again=again)


@contextmanager
def one_snapshot(database: Database) -> Iterator[None]:
    """Open a repeatable-read transaction with fixed formats; it is rolled back at the end."""
    with database.transaction("isolation level repeatable read", formats() + "\n"):
        yield
