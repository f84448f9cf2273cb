"""What a database's ledger, its schema `maulstick`, records."""

from __future__ import annotations

from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import block, literal

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


def known_rows(subject: str) -> str:
    """Compose the query for how many rows the ledger knows of a subject, 0 where there is no ledger."""
    ours = f"b.subjects @> array[{literal(subject)}]"
    counted = block(f"""
begin
  perform set_config('maulstick.known', '0', true);
  if to_regclass('maulstick.base_row') is not null then
    perform set_config('maulstick.known',
      (select count(*)::text from maulstick.base_row as b where {ours}), true);
  end if;
end""")
    return f"{counted}\nselect current_setting('maulstick.known')::bigint"
