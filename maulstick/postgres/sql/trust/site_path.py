"""The search path of the site, as a new session of its role has it: which schemas in it can be trusted."""

from __future__ import annotations

from collections.abc import Iterable

from maulstick.postgres.quoting import block, literals, name
from maulstick.postgres.search_path import as_ourselves, as_site
from maulstick.postgres.sqlstates import PLANTED
from maulstick.postgres.tables.specs import TableSpec

LAST = 1000
"""The position of `public` if the site's path does not name it: a plugin's SQL may need it."""


def learn_path(specs: Iterable[TableSpec]) -> str:
    """Compose the SQL that remembers the site's path for the rest of the transaction.

    It stops where a stranger has made a function or an operator in it under a name that another schema of
    the path, or PostgreSQL itself, has too: whatever runs under the path might run that instead. And where
    rows refer to ours by a type of a stranger, whose casts would run when they are looked for.
    """
    tables = _tables(specs)
    return block(f"""
declare
  planted text;
begin
  perform set_config('maulstick.path', coalesce(string_agg(quote_ident(p.name), ', ' order by p.place)
      filter (where p.stays and not (p.name = 'pg_catalog' and p.is_open)) || ', ', '') || 'pg_temp', true)
    from ({_schemas(tables)}) as p;
  with path as (
    select n.oid, n.nspowner, p.n from unnest(string_to_array(current_setting('maulstick.path'), ', '))
      with ordinality as p(name, n) join pg_namespace as n on quote_ident(n.nspname) = p.name
    union all select n.oid, n.nspowner, 0 from pg_namespace as n where n.nspname = 'pg_catalog'),
  made as (
    select p.oid as schema, p.nspowner, f.proowner as owner, f.proname as name, 0::oid as kind,
        'function ' || f.oid::regprocedure as says
      from path as p join pg_proc as f on f.pronamespace = p.oid
    union all select p.oid, p.nspowner, o.oprowner, o.oprname, 1, 'operator ' || o.oid::regoperator
      from path as p join pg_operator as o on o.oprnamespace = p.oid)
  select format('%s of %s may run instead of another of that name', m.says, r.rolname) into planted
    from made as m join pg_roles as r on r.oid = m.owner
    where {_is_stranger("m.nspowner", tables)} and exists (
      select from made as o where (o.name, o.kind) = (m.name, m.kind) and o.schema <> m.schema)
    order by 1 limit 1;
  planted := coalesce(planted, (
    select format('%s refers to %s by a type of %s, whose casts would run', f.conrelid::regclass,
        f.confrelid::regclass, r.rolname)
      from pg_constraint as f join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
      join pg_type as t on t.oid = a.atttypid join pg_namespace as n on n.oid = t.typnamespace
      join pg_roles as r on r.oid = t.typowner
      where f.confrelid in (select to_regclass(x.name) from unnest({tables}) as x(name))
        and {_is_stranger("n.nspowner", tables)} order by 1 limit 1));
  if planted is not null then
    raise exception using errcode = '{PLANTED}', message = planted || '; nothing was changed',
      hint = 'drop it, and revoke create on its schema';
  end if;
end""")


def opening_as_site(specs: Iterable[TableSpec]) -> str:
    """Compose the SQL that begins a transaction in which only a plugin's own SQL runs."""
    return f"{as_ourselves()}\n{learn_path(specs)}\n{as_site()}\n"


def _tables(specs: Iterable[TableSpec]) -> str:
    return literals(sorted(name(spec.schema, spec.name) for spec in specs if spec.travels))


def _is_stranger(owner: str, tables: str) -> str:
    """Compose the SQL of whether the role `r` is a stranger in a schema of that owner.

    A superuser is a member of every role.
    """
    return f"""r.rolname !~ '^pg_' and r.rolname not in (current_user, session_user)
          and not pg_has_role(r.oid, {owner}, 'member')
          and not pg_has_role(r.oid, (select datdba from pg_database where datname = current_database()),
            'member')
          and not exists (select from unnest({tables}) as t(name) join pg_class as c
            on c.oid = to_regclass(t.name) and pg_has_role(r.oid, c.relowner, 'member'))"""


def schemas(specs: Iterable[TableSpec]) -> str:
    """Compose the query of the schemas in the site's path: place, name, whether it stays, who is a stranger.

    It is the path that a new session of the role that logs in has, whatever a pool left in this one. A
    stranger is a role that may create objects there and is neither a superuser nor, or of, an owner: of the
    schema, the database or a table to write. A schema with strangers stays only where such a table is in it,
    and behind `pg_catalog`. `is_open` says whether any of those that stay has some.
    """
    return _schemas(_tables(specs))


def _schemas(tables: str) -> str:
    return rf"""select j.place, j.name, j.stays, j.strangers,
      bool_or(j.stays and j.strangers is not null) over () as is_open
    from (select s.place, s.name, x.strangers,
        x.strangers is null or s.holds and s.place < {LAST} as stays
      from (
        select min(l.place) as place, n.oid, n.nspname::text as name, n.nspowner,
          exists (select from unnest({tables}) as t(name) join pg_class as c on c.oid = to_regclass(t.name)
            where c.relnamespace = n.oid) as holds
        from (
          select p.place, case p.name when '$user' then session_user::text else p.name end as name
          from (
            select p.place, case when p.part[1] is null then lower(p.part[2])
              else replace(p.part[1], '""', '"') end as name
            from pg_settings as g
            cross join lateral regexp_matches(g.reset_val, '"((?:[^"]|"")*)"|([^,\s"]+)', 'g')
              with ordinality as p(part, place)
            where g.name = 'search_path') as p
          union all select {LAST}, 'public') as l
        join pg_namespace as n on n.nspname = l.name
        where n.nspname <> 'maulstick' and has_schema_privilege(n.oid, 'usage')
        group by n.oid, n.nspname, n.nspowner) as s
      cross join lateral (
        select array_agg(r.rolname::text order by r.rolname) as strangers from pg_roles as r
        where has_schema_privilege(r.oid, s.oid, 'create')
          and {_is_stranger("s.nspowner", tables)}) as x) as j"""
