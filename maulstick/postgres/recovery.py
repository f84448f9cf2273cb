"""What became of a transaction whose connection broke: the server may have gone on without us."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import block, literal

SECONDS = 120.0
TICK = 0.2
RUNS_ON = (
    "select exists (select from pg_stat_activity where pid = %(pid)s and application_name = 'maulstick')"
)

Reconnect = Callable[[], AbstractContextManager[Database]]


def newest_of(digest: str) -> str:
    """Compose the query for the newest release of a bundle, null if there is none, or no ledger."""
    number = f"select max(number)::text from maulstick.release where digest = {literal(digest)}"
    asked = block(f"""
begin
  if to_regclass('maulstick.release') is not null then
    perform set_config('maulstick.newest', ({number}), true);
  end if;
end""")
    return f"{asked}\nselect nullif(current_setting('maulstick.newest', true), '')::bigint"


def last_release(database: Database, digest: str) -> int:
    """Find the newest release of a bundle, 0 if there is none."""
    return int(database.query(newest_of(digest))[0][0] or 0)


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of a transaction: the release that it made, that it made none, or nothing."""

    number: int | None = None
    sure: bool = True

    def says(self, done: str = "release {} was written whole") -> str:
        """Return this in words; `done` says what its release did."""
        if not self.sure:
            return "it is not known yet whether the rows were written"
        return "nothing was changed" if self.number is None else f"but {done.format(self.number)}"


UNKNOWN = Fate(sure=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """A transaction whose connection broke: its process in the server, and the newest like it before.

    A process of None had not asked for rows yet: it got none, and wrote nothing.
    """

    where: str
    problem: Problem
    pid: int | None
    before: int
    done: str = "release {} was written whole"
    next: str = "run the same again: it goes on from there"


class BrokenTransaction(Problem):
    """A transaction whose connection broke, and what is known of it since."""

    def __init__(self, lost: Lost, hint: str, fate: Fate) -> None:
        code = lost.problem.code if fate.sure else Exit.UNKNOWN
        harmless = fate.sure and fate.number is None
        what = f"{lost.problem.what}; {fate.says(lost.done)}"
        super().__init__(lost.where, what, hint, code=code, harmless=harmless)
        self.fate = fate


def broken(reconnect: Reconnect, newest: Callable[[Database], int], lost: Lost) -> BrokenTransaction:
    """Describe the problem of a broken connection, with what the target holds now.

    `newest` tells the number of the newest release that may be the one that was lost.
    """
    fate = fate_of(reconnect, newest, where=lost.where, pid=lost.pid, before=lost.before)
    hint = "run the same again" if fate.number is None else lost.next
    if not fate.sure:
        hint = "do not repeat by hand; when it answers, run the same again: it finishes what is missing"
    return BrokenTransaction(lost, hint, fate)


def fate_of(
    reconnect: Reconnect, newest: Callable[[Database], int], *, where: str, pid: int | None, before: int
) -> Fate:
    """Return what became of a transaction that is out of reach.

    A server runs on to the commit when its client is gone, so the end of its process is waited for first;
    whoever interrupts that is told that nothing is known.
    """
    try:
        with reconnect() as database:
            if pid is not None:
                _wait_for_end(database, where, pid)
            number = newest(database)
    except (Problem, KeyboardInterrupt):
        return UNKNOWN
    return Fate(number) if number > before else Fate()


def _wait_for_end(database: Database, where: str, pid: int) -> None:
    limit = time.monotonic() + SECONDS
    while database.query(RUNS_ON, {"pid": pid})[0][0]:
        if time.monotonic() > limit:
            raise Problem(where, f"process {pid} of the server still runs")
        time.sleep(TICK)
