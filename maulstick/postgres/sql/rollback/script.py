"""The SQL that restores a release's rows to their before-images, by the same diff, guard and write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from maulstick.postgres.quoting import block, literal
from maulstick.postgres.search_path import as_ourselves, as_site
from maulstick.postgres.sql.bundle_tables import BundleTables, changed_of
from maulstick.postgres.sql.columns.unreleased_columns import remember_unreleased, restore_unreleased
from maulstick.postgres.sql.constraints.referenced_keys import left_behind
from maulstick.postgres.sql.constraints.unique import clashes
from maulstick.postgres.sql.deletes import delete, mark_deletes
from maulstick.postgres.sql.guard import guard
from maulstick.postgres.sql.identity.keys import odd_keys
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.ledger import record_who
from maulstick.postgres.sql.rollback.before_images import (
    CHANGES,
    differing,
    only_as_left,
    stage_before_images,
)
from maulstick.postgres.sql.rollback.changed_since import only_once, restore_times, since
from maulstick.postgres.sql.rollback.ledger import write_rollback
from maulstick.postgres.sql.rollback.sums import require_unedited
from maulstick.postgres.sql.rows_to_write import rows_to_write
from maulstick.postgres.sql.sequences import keep_ahead, reserve_ids
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.stage import settings
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, UNDOING
from maulstick.postgres.sql.three_way import decide
from maulstick.postgres.sql.verify import end, rows_hold
from maulstick.postgres.sql.write import write_rows
from maulstick.postgres.tables.specs import TableSpec, TableSpecs, in_order

EXCEPT = f"jsonb_to_recordset(coalesce({setting('left_out')}, '[]')::jsonb) as x(table_name text, key text)"
NAMED = "%s:%s: %s"
"""How a row and its reason are written: as `--except` takes the row."""


ROWS = f"""select table_name, key, action from {CHANGE} where action in ('insert', 'update')
  union all select table_name, key, 'delete' from {DOOMED} order by 1, 2;"""


@dataclass(frozen=True, slots=True)
class Undo:
    """A release to undo, with its tables, and those of them that it changed."""

    number: int
    specs: TableSpecs
    changed: Collection[str]


def undo(wanted: Sequence[Undo], *, last: int, commit: bool, also: str = "") -> str:
    """Compose the SQL that undoes releases, newest first; without `commit` it is rehearsed.

    `last` was the newest release when all of these still stood. `also` is asked at the end.
    """
    standing = [only_once(one.number, last) for one in wanted]
    parts = [settings(), *standing]
    for place, one in enumerate(wanted):
        parts += [DROP] if place else []
        parts += [*_undo(one), *([record_who()] if commit else ())]
    return "\n".join([*parts, also, ROWS, end(commit=commit)])


def _undo(wanted: Undo) -> Iterator[str]:
    """Yield the SQL of one rollback, which is not at its end yet."""
    number = wanted.number
    bundle = changed_of(in_order(wanted.specs), wanted.changed)  # the ledger's jsonb keeps no order
    yield from (require_unedited(number), _take_changes(number))
    yield from _diff(bundle)
    yield guard(NAMED)
    yield from _write(bundle)
    yield write_rollback(number)
    yield from (rows_hold(spec, bundle.specs) for spec in bundle.filled.values())
    yield from (as_site(), "set constraints all immediate;", as_ourselves())


DROP = block("""
declare
  made text;
begin
  for made in select c.relname from pg_class as c
      where c.relnamespace = pg_my_temp_schema() and c.relname like 'maulstick\\_%' and c.relkind = 'r' loop
    execute format('drop table pg_temp.%I', made);
  end loop;
end""")
"""The SQL that makes room for the temporary tables of another rollback in the same transaction."""


def _diff(bundle: BundleTables) -> Iterator[str]:
    """Yield the SQL that finds what to restore and what to delete, and every reason not to."""
    specs, filled = bundle.specs, bundle.filled.values()
    inserted = f"{CHANGES} where c.action = 'insert'"
    wanted = f"(select c.table_name, c.key from {inserted}) as p"
    yield from stage_before_images(bundle)
    yield from (odd_keys(spec) for spec in bundle.staged.values())
    yield from (reserve_ids(spec) for spec in filled if spec.id)
    yield from (differing(spec, specs) for spec in filled)
    yield decide(specs)
    yield from (look_up(spec, specs, _keys(spec, inserted)) + only_as_left(spec) for spec in filled)
    yield from (mark_deletes(spec, specs, wanted, "true") for spec in filled)
    yield f"create index on {DOOMED} (table_name);"  # each table asks several times whether it has any
    yield since(CHANGES)
    yield from (rows_to_write(spec, specs) for spec in filled)
    yield clashes(bundle)
    yield left_behind(bundle)


def _write(bundle: BundleTables) -> Iterator[str]:
    """Yield the SQL that restores rows, and deletes those that the release inserted."""
    filled = bundle.filled.values()
    yield write_rows(bundle)
    yield from (keep_ahead(spec) for spec in filled)
    for spec in filled:
        yield restore_times(spec, CHANGES)
        yield restore_unreleased(spec, CHANGES)
    yield delete(bundle.specs, NAMED)
    yield from (remember_unreleased(spec) for spec in filled)


def _keys(spec: TableSpec, changes: str) -> str:
    return f"select c.key from {changes} and c.table_name = {literal(spec.label)}"


def _take_changes(number: int) -> str:
    """Compose the SQL that takes the release's changes from the ledger, once.

    The ledger's own statistics may be older than the release: then one row would be expected where ten
    thousand come, and each join would go through all of them once for each.
    """
    left_out = f"select from {EXCEPT} where x.table_name = c.table_name and x.key = c.key"
    return (
        f"create temp table {UNDOING} on commit drop as\n"
        f"  select c.* from maulstick.change as c where c.release = {number} and not exists ({left_out});\n"
        f"create index on {UNDOING} (table_name, key);\n"
        f"analyze {UNDOING} (release, table_name, key, action, was);"
    )
