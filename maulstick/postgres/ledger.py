"""What a database's ledger, its schema `maulstick`, records."""

from __future__ import annotations

from maulstick.postgres.connection import Database

ROLLBACKS = "select number, of from maulstick.release where kind = 'rollback' order by number desc"


def of_a_copy(was: str, target: str) -> str:
    """Return the hint for a database that calls itself otherwise: it may be a copy of the other."""
    return f"if it is a copy: invoke ledger.rename --target {target} --was {was}; else the address is wrong"


IS_THERE = "select to_regclass('maulstick.release') is not null"


def has_ledger(database: Database) -> bool:
    """Return whether a database has a ledger: a release or an upload has made it.

    One of another version, or that is not whole, is refused (exit 3), as by every question about it.
    """
    return bool(database.query(IS_THERE)[0][0])


def undone(database: Database) -> dict[int, int]:
    """List the releases that were undone, each with its rollback; one whose rollback was undone stands."""
    rollbacks: dict[int, int] = {}
    if has_ledger(database):
        for number, of in database.query(ROLLBACKS):
            if number not in rollbacks:
                rollbacks[of] = number
    return rollbacks
