"""What became of a transaction whose connection broke: the server may have gone on without us."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from maulstick.errors import Exit, Problem
from maulstick.ledger import LOCK
from maulstick.postgres import Database

WAIT = "2min"
LAST = "select max(number) from maulstick.release where digest = %(digest)s"
NEVER = "select to_regclass('maulstick.release') is null"

Reconnect = Callable[[], AbstractContextManager[Database]]


def last_release(database: Database, digest: str) -> int:
    """Return the newest release of a bundle, 0 for none."""
    if database.query(NEVER)[0][0]:
        return 0
    return int(database.query(LAST, {"digest": digest})[0][0] or 0)


def fate(reconnect: Reconnect, digest: str, *, before: int, lost: Problem) -> Problem:
    """Return the problem of a broken connection, with what production holds now.

    A server runs on to the commit when its client is gone, so the release's own lock is waited for first.
    """
    try:
        with reconnect() as database:
            database.run(f"set lock_timeout = '{WAIT}'")
            database.run(f"select pg_advisory_lock({LOCK}); select pg_advisory_unlock({LOCK})")
            number = last_release(database, digest)
    except Problem:
        hint = "do not repeat by hand; when it answers, run the same again: it finishes what is missing"
        says = f"{lost.what}; nobody can tell yet whether the rows were written"
        return Problem("apply", says, hint, code=Exit.UNKNOWN)
    if number > before:
        says = f"{lost.what}; but release {number} was written whole"
        return Problem("apply", says, "run the same again: it goes on from there")
    return Problem("apply", f"{lost.what}; nothing was changed", "run the same again", harmless=True)
