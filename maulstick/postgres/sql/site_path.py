"""The search path of the site, as a new session of its role has it: which schemas in it can be trusted."""

from __future__ import annotations

from collections.abc import Iterable

from maulstick.postgres.quoting import block, literals, name
from maulstick.postgres.tables.specs import TableSpec

LAST = 1000
"""The position of `public` if the site's path does not name it: a plugin's SQL may need it."""


def learn_path(specs: Iterable[TableSpec]) -> str:
    """Return the SQL that remembers the site's path for the rest of the transaction."""
    return block(f"""
begin
  perform set_config('maulstick.path', coalesce(string_agg(quote_ident(p.name), ', ' order by p.place)
      filter (where p.stays and not (p.name = 'pg_catalog' and p.is_open)) || ', ', '') || 'pg_temp', true)
    from ({schemas(specs)}) as p;
end""")


def schemas(specs: Iterable[TableSpec]) -> str:
    """Return the query of the schemas in the site's path: place, name, whether it stays, who is a stranger.

    It is the path that a new session of the role that logs in has, whatever a pool left in this one. A
    stranger is a role that may create objects there and is neither a superuser nor, or of, an owner: of the
    schema, the database or a table to write. A schema with strangers stays only where such a table is in it,
    and behind `pg_catalog`. `is_open` says whether any of those that stay has some.
    """
    tables = literals(sorted(name(spec.schema, spec.name) for spec in specs if spec.travels))
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
        where r.rolname !~ '^pg_' and not r.rolsuper and r.rolname not in (current_user, session_user)
          and has_schema_privilege(r.oid, s.oid, 'create') and not pg_has_role(r.oid, s.nspowner, 'member')
          and not pg_has_role(r.oid, (select datdba from pg_database where datname = current_database()),
            'member')
          and not exists (select from unnest({tables}) as t(name) join pg_class as c
            on c.oid = to_regclass(t.name) and pg_has_role(r.oid, c.relowner, 'member'))) as x) as j"""
