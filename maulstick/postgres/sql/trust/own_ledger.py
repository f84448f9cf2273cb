"""The SQL that proves that the ledger is only what Maulstick made: nothing of a stranger's runs with it.

Whoever may create a schema in the database, or owns the ledger's, could put a trigger on its tables, or a
view in the place of one. The tables are locked first: what is proven stays so to the end of the transaction.
"""

from __future__ import annotations

import re

from maulstick.postgres.quoting import block, literals
from maulstick.postgres.search_path import OURS
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.sqlstates import PLANTED

TABLES = ("ledger", "release", "change", "base_row", "agreed", "object", "upload")
NAMES = re.compile(rf"\bmaulstick\.(?:{'|'.join(TABLES)})\b")
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+maulstick\.")
HINT = "look who owns the schema maulstick, and take away what is not of Maulstick"


def own_ledger(*, is_written: bool) -> str:
    """Compose the SQL that stops where the ledger holds what could run code of others."""
    mode, right = ("row exclusive", "insert") if is_written else ("access share", "select")
    return block(f"""
declare
  path constant pg_catalog.text := pg_catalog.current_setting('search_path');
  known pg_catalog.name[];
  planted pg_catalog.text;
begin
  {OURS}
  if to_regnamespace('maulstick') is null then
    perform set_config('search_path', path, true);
    return;
  end if;
  known := {literals(TABLES)};
  for planted in select c.oid::regclass from pg_class as c where c.relnamespace = 'maulstick'::regnamespace
      and c.relname = any (known) and c.relkind = 'r' and has_table_privilege(c.oid, '{right}') loop
    execute format('lock table %s in {mode} mode', planted);
  end loop;
  planted := ({sql_file("planted_in_ledger")});
  if planted is not null then
    raise exception using errcode = '{PLANTED}', hint = '{HINT}',
      message = format('%s, which Maulstick did not make; nothing was changed', planted);
  end if;
  perform set_config('search_path', path, true);
end""")


def proof_for(text: str) -> str:
    """Return what is to be proven in the same transaction before a text runs, "" if it names no ledger."""
    if not NAMES.search(text):
        return ""
    return own_ledger(is_written=WRITES.search(text) is not None) + "\n"
