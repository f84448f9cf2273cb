"""Who holds the target's one lock."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import Database
from maulstick.postgres.sql.ledger import LOCK

HOLDER = f"""
select a.usename, a.application_name, to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS')
from pg_locks as l join pg_stat_activity as a using (pid)
where l.locktype = 'advisory' and l.granted and l.objid = {LOCK} and l.database = (
  select oid from pg_database where datname = current_database())
"""


def holders(database: Database) -> list[str]:
    """Return a line for each holder: user, program, and since when."""
    found = database.query(HOLDER)  # since when is shown only to who has the same rights
    return [
        f"{user} ({program})" + (f" since {since} UTC" if since else "") for user, program, since in found
    ]


def say_holders(database: Database, say: Callable[[str], None]) -> None:
    """Say which release is being waited for."""
    for holder in holders(database):
        say(f"    waiting for another release: {holder}")


def locked(where: str, database: Database) -> Problem:
    """Describe the problem of waiting for the lock too long (exit 7)."""
    who = ", ".join(holders(database)) or "it has just ended"
    says = f"another release holds the lock: {who}; nothing was changed"
    return Problem(where, says, "wait for it, then run this again", code=Exit.LOCKED)
