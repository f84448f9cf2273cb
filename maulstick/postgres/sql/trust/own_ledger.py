"""The SQL that proves that the ledger is what Maulstick made: whole, and nothing of a stranger's in it.

Whoever may create a schema in the database, or owns the ledger's, could put a trigger on its tables, or a
view in the place of one. The tables are locked first: what is proven stays so to the end of the transaction.
"""

from __future__ import annotations

import re

from maulstick.postgres.quoting import block, literals
from maulstick.postgres.search_path import OURS
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.sqlstates import DAMAGED, OTHER_VERSION, PLANTED

LEDGER_VERSION = 1
NEWER = "use the Maulstick that wrote it, or a newer one"

TABLES = ("ledger", "release", "change", "base_row", "agreed", "object", "upload", "pulled")
NAMES = re.compile(rf"\bmaulstick\.(?:{'|'.join(TABLES)})\b")
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+maulstick\.")
HINT = "look who owns the schema maulstick, and take away what is not of Maulstick"
RESTORE = (
    "bring the schema maulstick back from a backup; without one rename it (alter schema maulstick rename to"
    " …), and the next release begins a ledger that knows nothing of earlier ones"
)


def own_ledger(*, is_written: bool) -> str:
    """Compose the SQL that stops where the ledger holds what could run code of others, or is not whole."""
    mode, right = ("row exclusive", "insert") if is_written else ("access share", "select")
    return block(f"""
declare
  path constant pg_catalog.text := pg_catalog.current_setting('search_path');
  known pg_catalog.name[];
  planted pg_catalog.text;
  versions pg_catalog.int4[];
  lacking pg_catalog.text;
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
  {_whole()}
  perform set_config('search_path', path, true);
end""")


def _whole() -> str:
    """Compose the SQL that stops where the ledger is of another version, or lacks a part.

    Who may not read it knows nothing of its rows.
    """
    return f"""if exists (select from pg_class as c join pg_attribute as a on a.attrelid = c.oid
      where c.relnamespace = 'maulstick'::regnamespace and c.relname = 'ledger' and a.attname = 'version'
        and a.atttypid = 'int4'::regtype and has_schema_privilege(c.relnamespace, 'usage')
        and has_table_privilege(c.oid, 'select')) then
    versions := array(select l.version from maulstick.ledger as l);
    if versions[1] <> {LEDGER_VERSION} then
      raise exception using errcode = '{OTHER_VERSION}', hint = '{NEWER}',
        message = format('the ledger has version %s, and known here is {LEDGER_VERSION}', versions[1]);
    end if;
  end if;
  lacking := coalesce(({sql_file("lacking_in_ledger")}), case when cardinality(versions) <> 1 then
    format('maulstick.ledger has %s rows instead of one', cardinality(versions)) end);
  if lacking is not null then
    raise exception using errcode = '{DAMAGED}', hint = '{RESTORE}',
      message = format('%s: the ledger is not whole; nothing was changed', lacking);
  end if;"""


def proof_for(text: str) -> str:
    """Return what is to be proven in the same transaction before a text runs, "" if it names no ledger."""
    if not NAMES.search(text):
        return ""
    return own_ledger(is_written=WRITES.search(text) is not None) + "\n"
