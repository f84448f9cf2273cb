"""Rows that swap unique values: each is given a spare value first, before another gets what it holds."""

from __future__ import annotations

import re

from maulstick.postgres.quoting import block, literal, name
from maulstick.postgres.search_path import OURS as PATH
from maulstick.postgres.search_path import SAME, SITES
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.temp_tables import ASIDE, CHANGE, HELD, PROBLEM, RENAMES, real
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.tables.equality import equal, is_plain
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

TOKEN = re.compile(r"<('?)([a-z_.]+)\1>")


def formatted(text: str, *more: str) -> str:
    """Return the SQL that fills `<field>` of a template with what `one` holds; `<'field'>` becomes a literal.

    Those in `more`, and `<record.field>`, are variables of their own.
    """
    used = [*dict.fromkeys(found for _, found in TOKEN.findall(text))]

    def place(token: re.Match[str]) -> str:
        return f"%{used.index(token[2]) + 1}${'L' if token[1] else 's'}"

    filled = TOKEN.sub(place, text.replace("%", "%%"))
    arguments = [field if field in more or "." in field else f"one.{field}" for field in used]
    return f"format({', '.join([literal(filled), *arguments])})"


OURS = "a.table_name = <'label'> and a.index_name = <'name'>"
PENDING = f"{OURS} and a.changes is null"
TABLE = "(select <whose> as maulstick_whose, t.* from <real> as t<joins>)"
PICK = f"""update {ASIDE} as a set changes = v.changes
        from (select a.c, jsonb_build_object(<'way.column_name'>, (<way.value>)::<way.type>::text) as changes
          from (select a.ctid as c, o.n + row_number() over (order by a.id) as n from {ASIDE} as a,
            (select count(*) as n from {ASIDE} as o
              where o.table_name = <'label'> and o.changes is not null) as o
            where {PENDING}) as a) as v
        where v.c = a.ctid"""
"""Number the rows after those that got their numbers for another index."""
ALSO = f"""update {ASIDE} as a set changes = b.changes from {ASIDE} as b
      where {PENDING} and b.table_name = a.table_name and b.id = a.id and b.changes is not null"""
"""Try the values that were found for another index."""
END = f"""update {ASIDE} as a set changes = v.changes
      from (select a.c, jsonb_object_agg(e.key, e.value) as changes
        from (select a.ctid as c, a.holder from {ASIDE} as a where {PENDING}) as a
        join <ready> as w on w.maulstick_row = a.holder
        cross join lateral (select e.key, e.value from jsonb_each(jsonb_build_object(<ends>)) as e
          where e.value = 'null' or e.key <> all (<'bound'>::text[])) as e
        group by a.c) as v
      where v.c = a.ctid"""
"""Set what the row will hold at the end: that may already take it out of a partial index."""
FREE = f"""update {ASIDE} as a set changes = null where a.ctid in (
        with w(c, <names>) as (select maulstick_aside, <says> from <moved> as m where <only>)
        select w.c from w join (select <says> from <real> where <only>
          union all select <names> from <written> as r(c, <names>)) as u(<names>) on <same>
        union select w.c from w join w as u on u.c <> w.c and <same>
        union select m.maulstick_aside from <moved> as m where <forbidden>
        union select a.ctid from {ASIDE} as a join {TABLE} as t on <is_held>
          where {OURS} and (<referred>))"""
"""Take back values that are not free, that a check forbids, or that referencing rows would lose."""

MOVED = """select string_agg(case when f.attname = any (one.columns) and f.attname = any (one.travels)
          then format('case when a.changes ? %L then (a.changes ->> %1$L)::%s else t.%I end as %3$I',
            f.attname, format_type(f.atttypid, f.atttypmod), f.attname)
          else format('t.%I', f.attname) end, ', ' order by f.attnum)
        from pg_attribute as f where f.attrelid = one.real::regclass and f.attnum > 0
          and not f.attisdropped"""
ENDS = """select string_agg(format('%L, w.%I::text', f, f), ', ') from unnest(one.columns) as f
        where f = any (one.travels)"""
FORBIDDEN = """coalesce((select string_agg(format('(%s) is false', pg_get_expr(c.conbin, c.conrelid)), ' or ')
        from pg_constraint as c where c.contype = 'c' and c.conrelid = one.real::regclass), 'false')"""
REFERRED = """coalesce((select string_agg(
          format('a.changes ?| %L::text[] and exists (select from %s as r where %s)',
          f.columns, c.conrelid::regclass, f.same), ' or ')
        from pg_constraint as c cross join lateral (
          select array_agg(p.attname::text) as columns,
            string_agg(format('t.%I operator(%s.%s) r.%I', p.attname, q.oprnamespace::regnamespace, q.oprname,
              o.attname), ' and ') as same
          from unnest(c.conkey, c.confkey, c.conpfeqop) as k(own, pointed, same)
          join pg_operator as q on q.oid = k.same
          join pg_attribute as o on (o.attrelid, o.attnum) = (c.conrelid, k.own)
          join pg_attribute as p on (p.attrelid, p.attnum) = (c.confrelid, k.pointed)) as f
        where c.contype = 'f' and c.confrelid = one.real::regclass and c.confupdtype <> 'c'
          and not (c.confupdtype = 'a' and c.condeferrable)), 'false')"""
OVER = f"""(select a.ctid as maulstick_aside, <moved> from {ASIDE} as a join <held> as t
        on <is_held> where {OURS} and a.changes is not null)"""
STILL = f"select from {ASIDE} as a where a.changes is null"


BACK = f"""update {CHANGE} as c set sets = array(
        select jsonb_object_keys(c.after) union select jsonb_object_keys(a.changes) order by 1)
      from (select a.table_name, a.holder, jsonb_object_agg(e.key, null) as changes
        from {ASIDE} as a cross join lateral jsonb_each(a.changes) as e group by 1, 2) as a
      where (c.table_name, c."row") = (a.table_name, a.holder);"""
"""Write back every column that a row gave away, even those that do not change."""


def put_aside() -> str:
    """Compose the statements that find spare values for each row that holds what another is to get."""
    return f"""insert into {ASIDE} (table_name, index_name, id, key, holder)
        select distinct on (h.id) one.label, one.name, h.id, h.key, h.holder
        from {HELD} as h where not h.clash;
      held := {formatted(TABLE)};
      moved := ({MOVED});
      moved := {formatted(OVER, "moved", "held")};
      forbidden := {FORBIDDEN};
      referred := {REFERRED};
      ends := ({ENDS});
      execute {formatted(ALSO)};
      execute {formatted(FREE, "moved", "forbidden", "referred", "written")};
      if ends <> '' then
        execute {formatted(END, "ends")};
        execute {formatted(FREE, "moved", "forbidden", "referred", "written")};
      end if;
      for way in
        {sql_file("spare_values")}
      loop
        exit when not exists ({STILL});
        begin
          execute {formatted(PICK)};
          execute {formatted(FREE, "moved", "forbidden", "referred", "written")};
        exception when others then
          null;  -- this column's type has no such value
        end;
      end loop;
      insert into {PROBLEM} select 'aside', one.label, a.key, format(
          'cannot give up its %s for another row: no value is free to put it aside (index %s)',
          one.says, one.name)
        from {ASIDE} as a where (a.table_name, a.index_name) = (one.label, one.name) and a.changes is null;"""


def move_aside(bundle: BundleTables) -> str:
    """Compose the SQL that writes the spare values of each row; its own change or delete comes later."""
    rows = ", ".join(
        f"({', '.join(map(literal, _row(spec, bundle.specs)))})" for spec in bundle.filled.values()
    )
    if not rows:
        return ""
    sets = (
        "format('%I = (a.changes operator(pg_catalog.->>) %1$L::pg_catalog.text)::%s', f.attname,"
        " format_type(f.atttypid, f.atttypmod))"
    )
    return block(f"""
declare
  one record;
  moves text;
begin
  for one in
    select distinct s.*, c.columns, (select string_agg({sets}, ', ') from pg_attribute as f
        where f.attrelid = s.real::regclass and f.attname = any (c.columns)) as sets
      from {WHOLE} as a
      join (values {rows}) as s(label, real, whose, joins, is_held) on s.label = a.table_name
      cross join lateral (select {COLUMNS} as columns) as c
  loop
    execute {formatted(PLACE)};
    moves := {formatted(MOVE)};
    {SITES}
    execute moves;
    {PATH}
  end loop;
end""")


WHOLE = f"""(select a.table_name, a.id, a.o, a.c,
          pg_catalog.jsonb_object_agg(e.key, e.value order by a.index_name) as changes
        from {ASIDE} as a cross join lateral pg_catalog.jsonb_each(a.changes) as e group by 1, 2, 3, 4)"""
COLUMNS = "array(select pg_catalog.jsonb_object_keys(a.changes) order by 1)"
PLACE = f"""update {ASIDE} as a set o = t.maulstick_o, c = t.maulstick_c
      from (select <whose> as maulstick_whose, t.tableoid as maulstick_o, t.ctid as maulstick_c, t.*
        from <real> as t<joins>) as t
      where a.table_name = <'label'> and <is_held>"""
"""Note where the rows are: under the site's path nothing is asked but that."""
MOVE = f"""update <real> as t set <sets> from {WHOLE} as a
      where a.table_name {SAME} <'label'> and t.tableoid {SAME} a.o and t.ctid {SAME} a.c
        and {COLUMNS} {SAME} <'columns'>::pg_catalog.text[]"""
"""Write one set of columns, each row once, for however many indexes it is in the way."""


def _row(spec: TableSpec, specs: TableSpecs) -> tuple[str, ...]:
    other = portable_key(spec, specs, "t")
    return spec.label, real(spec), whose(spec, other.key), other.joins, is_held(spec)


def whose(spec: TableSpec, key: str) -> str:
    """Compose the SQL of a text that identifies the row `t` within its table."""
    return f"t.{name(spec.surrogate)}::text" if spec.surrogate else key


def is_held(spec: TableSpec) -> str:
    """Compose the SQL of whether a row `t`, identified by `whose`, is the one that is put aside as `a`."""
    if not (spec.surrogate and is_plain(spec.id_type)):
        return f"t.maulstick_whose {SAME} a.id"
    own = f"a.table_name {SAME} {literal(spec.label)}"
    id_ = f"(case when {own} then a.id::{spec.id_type} end)"
    return equal(f"t.{name(spec.surrogate)}", id_, spec.id_type)


def key_there(spec: TableSpec, alias: str) -> str:
    """Compose the SQL of the key that a staged row has in the target: the old one if it is renamed."""
    renamed = f"(r.table_name, r.new) = ({literal(spec.label)}, {alias}.key)"
    return f"coalesce((select r.old from {RENAMES} as r where {renamed}), {alias}.key)"
