"""A database that was made as a copy of another target's: its ledger gets the copy's own name."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from maulstick.errors import Exit, Problem, refused, usage
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger
from maulstick.postgres.locks import locked
from maulstick.postgres.sql.ledger import LOCK

WHERE = "ledger.rename"
NAME = "select target from maulstick.ledger"
# What the bucket's objects proved to be, and who sent what, is true of the other one's bucket.
RENAME = f"""
with free as materialized (select pg_try_advisory_xact_lock({LOCK}) as is),
  renamed as (update maulstick.ledger set target = %(target)s from free
    where free.is and ledger.target = %(was)s returning 1),
  forgotten as (delete from maulstick.object using free where free.is returning 1),
  unclaimed as (delete from maulstick.upload as u using free where free.is and u.release is null)
select free.is, (select count(*) from renamed), (select count(*) from forgotten) from free
"""
HELD = "select pg_is_in_recovery(), pg_try_advisory_xact_lock(%(key)s)"


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a ledger calls its database now, what it did, and how many objects it has forgotten."""

    target: str
    was: str
    objects: int

    def __str__(self) -> str:
        return f'this database calls itself "{self.target}" now, and no longer "{self.was}"'


def require_name(database: Database, target: str, was: str) -> bool:
    """Return whether a ledger still has the name `was`; one of any third name is refused (exit 3)."""
    if not has_ledger(database):
        raise usage(WHERE, "this database has no ledger, and so no name", "the first release makes it")
    ((name,),) = database.query(NAME)
    if name in (None, target):
        return False
    if name != was:
        raise refused(WHERE, f'this database calls itself "{name}", not "{was}"', "--was says what it is")
    return True


def require_other(database: Database, other: Database, target: str, was: str) -> None:
    """Refuse where two addresses reach one database (exit 3): a lock taken over the one is held there."""
    key = secrets.randbits(62)
    with database.transaction(), other.transaction("read only"):
        database.query("select pg_advisory_xact_lock(%(key)s)", {"key": key})
        ((is_replica, is_free),) = other.query(HELD, {"key": key})
    if not is_free:
        what = f'this is the database of "{was}" itself: the addresses of both targets reach it'
        raise refused(WHERE, what, f"the address of {target} is that of the copy")
    if is_replica:
        what = f'the address of "{was}" reaches a replica: could not check whether this is its database'
        raise Problem(WHERE, what, "give it the address of the server that is written to", code=Exit.UNKNOWN)


def rename(database: Database, target: str, was: str) -> Renamed:
    """Give a ledger another name, and forget what it knows of the other one's bucket."""
    ((is_free, renamed, objects),) = database.query(RENAME, {"target": target, "was": was})
    if not is_free:
        raise locked(WHERE, database)
    if not renamed:
        raise refused(WHERE, f'this database no longer calls itself "{was}"; nothing was changed')
    return Renamed(target, was, objects)
