"""New rows whose key looks like that of another row of the target: a Mac writes é as two characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from shlex import quote

from maulstick.bundle.bundle import Bundle
from maulstick.plan.changes import Plan
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.sql.temp_tables import real
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.text import UNDRAWN, one_line

KNOWN = "current_setting('server_encoding') = 'UTF8'"
"""Where PostgreSQL knows the forms of Unicode."""


def lookalikes(bundle: Bundle, plan: Plan, database: Database) -> Iterator[str]:
    """Yield new rows whose key is another one's but for the characters that Unicode writes it with."""
    new: dict[str, list[str]] = defaultdict(list)
    for change in plan.changes:
        if change.action == "insert" and not change.key.isascii():
            new[change.table].append(change.key)
    if not new or not database.query(f"select {KNOWN}")[0][0]:
        return
    specs = bundle.manifest.specs
    place = "the local database" if plan.changes.is_pull else plan.target
    for table, keys in new.items():
        found = database.query(_alike(specs[table], specs, keys))
        here = bundle.keys_of(table) if found else ()
        for key, there in found:
            if there not in here:
                yield f"{one_line(f'{table} {key}')}: {_says(specs[table], key, there, place)}"


def _says(spec: TableSpec, key: str, there: str, place: str) -> str:
    same = f"--rename {quote(f'{spec.label}:{there}={key}')}" if spec.surrogate else "write its key alike"
    return f"looks like a row of {place} whose key is of other characters: if it is that one, {same}"


def _alike(spec: TableSpec, specs: TableSpecs, keys: Collection[str]) -> str:
    """Compose the query of pairs of keys, one of these and one of the target, that look the same."""
    one = portable_key(spec, specs, "t")
    return f"""select n.key, r.key from unnest({literals(keys)}) as n(key)
join (select {one.key} as key from {real(spec)} as t{one.joins}) as r
  on {_drawn("r.key")} = {_drawn("n.key")} and r.key <> n.key order by 1, 2"""


def _drawn(key: str) -> str:
    return f"translate(normalize({key}, nfkc), {literal(''.join(map(chr, UNDRAWN)))}, '')"
