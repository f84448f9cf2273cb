"""What a release must know about a database: is it read-only, is it a replica, and what do triggers set."""

from __future__ import annotations

from collections.abc import Iterable

from maulstick.errors import Problem, refused
from maulstick.plan.changes import Changes
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, literals, name
from maulstick.postgres.sql.trust.site_path import LAST, schemas
from maulstick.postgres.tables.specs import TableSpec
from maulstick.text import at_most

OWN = "select reset_val from pg_settings where name = 'default_transaction_read_only'"
OF_ANOTHER = """
coalesce((select split_part(c, '=', 2)
  from pg_db_role_setting as s left join pg_roles as r on r.oid = s.setrole
  cross join unnest(s.setconfig) as c
  where c like 'default_transaction_read_only=%' and (s.setrole = 0 or r.rolname = {role})
    and s.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
  order by s.setrole <> 0 desc, s.setdatabase <> 0 desc limit 1), 'off')
"""
READ_ONLY = "is set to be only read (default_transaction_read_only = on)"
HINT = "ask whoever set it: a full disk, a copy, maintenance? although_read_only = true releases all the same"
UNPUBLISHED = "its updates are published, and it has no replica identity: PostgreSQL refuses them"
SETS = """
select t.name, lower(coalesce(m[1], m[2])), string_agg(distinct g.tgname, ', ' order by g.tgname),
  bool_or(g.tgtype & 4 > 0), bool_or(g.tgtype & 16 > 0)
from unnest({}) as t(name) join pg_trigger as g on g.tgrelid = to_regclass(t.name)
join pg_proc as p on p.oid = g.tgfoid
cross join regexp_matches(p.prosrc, 'new[.]"?(\\w+)"?\\s*:=|into\\s+(?:strict\\s+)?new[.]"?(\\w+)', 'gi') as m
where g.tgenabled in ('O', 'A') and g.tgtype & 3 = 3 group by 1, 2 order by 1, 2
"""
"""The columns that BEFORE ROW triggers set, according to the source of their functions."""
LOOKED_AT = 1000
TRY = "--check tells whether it differs"
REPLICA = "is a replica: only its primary can be written to"


def unwritable(database: Database, *, although: bool, role: str | None = None) -> Problem | None:
    """Describe the problem of a database that must not be written to (exit 3), None if it may be.

    `role` is the role that releases, where it is another than the one that asks; "" where nobody knows it.
    """
    setting = OWN if role is None else OF_ANOTHER.format(role=literal(role))
    ((replica, read_only),) = database.query(f"select pg_is_in_recovery(), ({setting})::boolean")
    if replica:
        return refused("database", f"{REPLICA}; nothing was changed", "name the primary in DATABASE_URL")
    if read_only and not although:
        return refused("database", f"{READ_ONLY}; nothing was changed", HINT)
    return None


def strangers(database: Database, specs: Iterable[TableSpec]) -> list[str]:
    """Return a line for each schema of the site's search path in which somebody else may create objects."""
    asked = f"""select j.name, j.stays, j.strangers, exists (select from pg_namespace as n
      cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
      where n.nspname = j.name and a.grantee = 0 and a.privilege_type = 'CREATE')
    from ({schemas(specs)}) as j where j.strangers is not null and j.place < {LAST} order by j.place"""
    return [_line(*row) for row in database.query(asked)]


def unpublishable(database: Database, specs: Iterable[TableSpec]) -> list[tuple[str, str]]:
    """Return each published table without a replica identity, with a line: PostgreSQL refuses its updates."""
    tables = {name(spec.schema, spec.name): spec.label for spec in specs}
    found = database.query(
        f"""select distinct t.name from unnest({literals(tables)}) as t(name)
    join pg_class as c on c.oid = to_regclass(t.name)
    join pg_namespace as n on n.oid = c.relnamespace
    join pg_publication_tables as p on p.schemaname = n.nspname and p.tablename = c.relname
    join pg_publication as b on b.pubname = p.pubname and b.pubupdate
    where c.relreplident = 'n' or c.relreplident = 'd' and not exists (
      select from pg_index as i where i.indrelid = c.oid and i.indisprimary) order by 1"""
    )
    return [(tables[table], f"{tables[table]}: {UNPUBLISHED}") for (table,) in found]


def rewritten(database: Database, specs: Iterable[TableSpec], changes: Changes) -> list[str]:
    """Return a line for each column to write that a trigger of the target sets as well.

    A trigger's text shows what it sets, not when, nor whether that differs: only running it does.
    """
    inserted: set[str] = set()
    updated: set[tuple[str, str]] = set()
    for change in changes:
        if change.action == "insert":
            inserted.add(change.table)
        elif change.action == "update" and len(updated) < LOOKED_AT:
            updated |= {
                (change.table, one) for one, cell in change.columns.items() if cell["action"] == "update"
            }
    if not inserted and not updated:
        return []
    where = "the local database" if changes.is_pull else "production"
    return [
        f"{spec.label}.{column}: is set by a trigger of {where} too ({trigger}): {TRY}"
        for spec, column, trigger, at_insert, at_update in triggers(database, specs)
        if column in spec.compared
        if (at_insert and spec.label in inserted) or (at_update and (spec.label, column) in updated)
    ]


def triggers(database: Database, specs: Iterable[TableSpec]) -> list[tuple[TableSpec, str, str, bool, bool]]:
    """List the columns that triggers set, with the trigger, and whether at inserts and at updates."""
    tables = {name(one.schema, one.name): one for one in specs}
    found = database.query(SETS.format(literals(tables)))
    return [(tables[table], *rest) for table, *rest in found]


def _line(schema: str, stays: bool, roles: list[str], everybody: bool) -> str:
    who = " and ".join(at_most(1, (f'the role "{role}"' for role in roles), "{} more"))
    then = "and triggers run what is there" if stays else "which is left out for triggers"
    whom = "public" if everybody else ", ".join(_plain(role) for role in roles)
    revoke = f"revoke create on schema {_plain(schema)} from {whom};"
    return f"search_path: {who} may create objects in the schema {schema}, {then}: {revoke}"


def _plain(word: str) -> str:
    return word if word.isidentifier() and word == word.lower() else name(word)
