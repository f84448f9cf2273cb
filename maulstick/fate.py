"""What became of a transaction whose connection broke: the server may have gone on without us."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

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


def fate(reconnect: Reconnect, digest: str, *, pid: int | None, before: int, lost: Problem) -> Problem:
    """Return the problem of a broken connection, with what production holds now.

    A server runs on to the commit when its client is gone, so the end of process `pid` is waited for first.
    None is one that had not asked for rows yet: it got none, and wrote nothing.
    """
    try:
        with reconnect() as database:
            if pid is not None:
                _wait_for_end(database, pid)
            number = last_release(database, digest)
    except Problem:
        hint = "do not repeat by hand; when it answers, run the same again: it finishes what is missing"
        says = f"{lost.what}; nobody can tell yet whether the rows were written"
        return Problem("apply", says, hint, code=Exit.UNKNOWN)
    if number > before:
        says = f"{lost.what}; but release {number} was written whole"
        return Problem("apply", says, "run the same again: it goes on from there")
    return Problem("apply", f"{lost.what}; nothing was changed", "run the same again", harmless=True)


def _wait_for_end(database: Database, pid: int) -> None:
    limit = time.monotonic() + SECONDS
    while database.query(RUNS_ON, {"pid": pid})[0][0]:
        if time.monotonic() > limit:
            raise Problem("apply", f"process {pid} of the server still runs")
        time.sleep(TICK)
