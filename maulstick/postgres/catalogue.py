"""What a database's catalogue says of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Query = Callable[..., Sequence[Sequence[Any]]]
"""Runs one SQL text with its parameters and returns the rows: the door in `postgres.py`."""

CATALOGUE = """
with path as materialized (
  select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) as is_safe)
select n.nspname, c.relname,
  case when c.relkind = 'v' then 'a view' when c.relkind = 'm' then 'a materialized view'
    when c.relkind = 'f' then 'a foreign table'
    when c.relispartition then 'a partition of ' || (
        select string_agg(regexp_replace(i.inhparent::regclass::text, '^public[.]', ''), ', ')
      from pg_inherits i where i.inhrelid = c.oid)
    when c.relkind = 'r' and exists (select from pg_inherits i where i.inhparent = c.oid)
      then 'a table that others inherit from' end,
  c.relkind in ('r', 'p') and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'),
  (select json_agg(json_build_array(a.attname,
      case when m.is_near and starts_with(m.name, m.schema) then substr(m.name, length(m.schema) + 1)
        else m.name end,
      a.attnotnull and not exists (select from pg_constraint o where o.conrelid = c.oid
        and o.contype = 'n' and a.attnum = any (o.conkey) and not o.convalidated),
      pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', a.attidentity <> '',
      a.attidentity = 'a', m.name) order by a.attnum)
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_type y on y.oid = a.atttypid left join pg_type e on e.oid = y.typelem and e.typarray = y.oid
    join pg_namespace s on s.oid = coalesce(e.typnamespace, y.typnamespace)
    cross join lateral (select format_type(a.atttypid, a.atttypmod) as name,
      quote_ident(s.nspname) || '.' as schema, s.nspname = 'public' or exists (
        select from pg_depend x where x.classid = 'pg_type'::regclass and x.deptype = 'e'
          and x.objid = coalesce(e.oid, y.oid)) as is_near) m
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  (select json_agg(a.attname order by k.n)
    from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary),
  (select json_agg(json_build_array(f.conname,
      (select json_agg(a.attname order by k.n) from unnest(f.conkey) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
      rn.nspname, r.relname,
      (select json_agg(a.attname order by k.n) from unnest(f.confkey) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum),
      coalesce((to_jsonb(f) ->> 'conperiod')::boolean, false)) order by f.conname)
    from pg_constraint f join pg_class r on r.oid = f.confrelid
    join pg_namespace rn on rn.oid = r.relnamespace
    where f.conrelid = c.oid and f.contype = 'f' and not exists (  -- one more for each partition it leads to
      select from pg_constraint p where p.oid = f.conparentid and p.conrelid = f.conrelid)),
  (select json_agg(g.tgname order by g.tgname) from pg_trigger g  -- before insert, for each row
    where g.tgrelid = c.oid and g.tgenabled in ('O', 'A') and g.tgtype & 7 = 7 and not g.tgisinternal)
from path join pg_class c on path.is_safe is not null join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'maulstick')
order by 1, 2
"""
"""Types are named the same on every server: those of an extension without the schema that it is in, those
of `public` too, and others with theirs.
"""

MIGRATIONS = "schema_migrations"
VERSIONS = """
do $$begin
  if has_schema_privilege('public', 'usage')
      and has_table_privilege(to_regclass('public.schema_migrations'), 'select') then
    perform pg_catalog.set_config('maulstick.versions',
      (select json_agg(version::text)::text from public.schema_migrations), true);
  end if;
end$$;
select json_array_elements_text(nullif(current_setting('maulstick.versions', true), '')::json)
"""
"""The migrations that Ecto says have run, none where there is no such table, or none that may be read."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue has it; `default` is the expression's text.

    `type` is named alike on both sides; `here` is the same type as this database writes it.
    """

    name: str
    type: str
    not_null: bool
    default: str | None
    generated: bool
    identity: bool
    always: bool
    here: str

    @property
    def fills_itself(self) -> bool:
        """Return whether an insert may leave the column out although it is not null."""
        return self.default is not None or self.identity or self.generated

    @property
    def counted(self) -> bool:
        """Return whether its values come from a sequence, be it with something around the number."""
        return self.identity or "nextval(" in (self.default or "")

    @property
    def counts_itself(self) -> bool:
        """Return whether its values come from a sequence, or are uuids that the database makes."""
        return self.counted or (self.type == "uuid" and "(" in (self.default or ""))

    @property
    def is_integer(self) -> bool:
        """Return whether it holds whole numbers."""
        return self.type in ("smallint", "integer", "bigint")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; `table` is the qualified name of the table that it points at.

    With `period` its last column is a span of time, which rows there cover together.
    """

    name: str
    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]
    period: bool = False


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table of one database; `before_insert` are its triggers that may fill a new row."""

    schema: str
    name: str
    columns: Mapping[str, Column]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    before_insert: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a database by name; tables outside `public` are named `schema.table`.

    `others` says what else has a name that is no table of its own: a view, a partition.
    """

    tables: Mapping[str, TableSchema]
    migrations: frozenset[str]
    others: Mapping[str, str] = field(default_factory=dict)


def table_name(schema: str, name: str) -> str:
    """Return the name by which declarations call a table."""
    return name if schema == "public" else f"{schema}.{name}"


def read_schema(query: Query) -> Schema:
    """Read the catalogue in one question, and the migrations that Ecto says have run in a second."""
    tables, others = {}, {}
    for schema, plain, other, _, columns, primary, foreign, triggers in query(CATALOGUE):
        name = table_name(schema, plain)
        if other is not None:
            others[name] = str(other)
            continue
        tables[name] = TableSchema(
            schema,
            plain,
            {row[0]: Column(*row) for row in columns or ()},
            tuple(primary or ()),
            tuple(
                ForeignKey(row[0], tuple(row[1]), table_name(row[2], row[3]), tuple(row[4]), row[5])
                for row in foreign or ()
            ),
            tuple(triggers or ()),
        )
    return Schema(tables, frozenset(row[0] for row in query(VERSIONS)), others)
