"""The releases that a target's ledger holds."""

from __future__ import annotations

from maulstick.postgres import connect
from maulstick.redact import Secret

RELEASES = """
select number, subject, operator, to_char(finished at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
  (select count(*) from maulstick.change c where c.release = r.number),
  case verified when true then 'verified' when false then 'wrong' else 'not verified' end
from maulstick.release r order by number desc
"""


def releases(database: Secret, target: str) -> list[str]:
    """Return a line for each release, newest first; none where nothing was ever released."""
    with connect(database, f"database of {target}", read_only=True) as production:
        if not production.query("select to_regclass('maulstick.release') is not null")[0][0]:
            return [f"{target}: nothing was released yet"]
        return [
            f"{number:>5}  {at} UTC  {subject:<30} {rows:>5} rows  {verified:<12}  {operator}"
            for number, subject, operator, at, rows, verified in production.query(RELEASES)
        ]
