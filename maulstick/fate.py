"""What became of a transaction whose connection broke: the server may have gone on without us."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from maulstick.errors import Exit, Problem
from maulstick.ledger import has_ledger
from maulstick.postgres import Database

SECONDS = 120.0
TICK = 0.2
RUNS_ON = (
    "select exists (select from pg_stat_activity where pid = %(pid)s and application_name = 'maulstick')"
)
LAST = "select max(number) from maulstick.release where digest = %(digest)s"

Reconnect = Callable[[], AbstractContextManager[Database]]


def last_release(database: Database, digest: str) -> int:
    """Return the newest release of a bundle, 0 for none."""
    if not has_ledger(database):
        return 0
    return int(database.query(LAST, {"digest": digest})[0][0] or 0)


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


def fate(reconnect: Reconnect, newest: Callable[[Database], int], lost: Lost) -> Problem:
    """Return the problem of a broken connection, with what production holds now.

    A server runs on to the commit when its client is gone, so the end of its process is waited for first.
    `newest` tells the number of the newest release that may be the one that was lost.
    """
    try:
        with reconnect() as database:
            if lost.pid is not None:
                _wait_for_end(database, lost.where, lost.pid)
            number = newest(database)
    except Problem:
        hint = "do not repeat by hand; when it answers, run the same again: it finishes what is missing"
        says = f"{lost.problem.what}; nobody can tell yet whether the rows were written"
        return Problem(lost.where, says, hint, code=Exit.UNKNOWN)
    if number > lost.before:
        return Problem(lost.where, f"{lost.problem.what}; but {lost.done.format(number)}", lost.next)
    return Problem(
        lost.where, f"{lost.problem.what}; nothing was changed", "run the same again", harmless=True
    )


def _wait_for_end(database: Database, where: str, pid: int) -> None:
    limit = time.monotonic() + SECONDS
    while database.query(RUNS_ON, {"pid": pid})[0][0]:
        if time.monotonic() > limit:
            raise Problem(where, f"process {pid} of the server still runs")
        time.sleep(TICK)
