"""Rows that name another by a column that changes: where they do not follow, it cannot change."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import formatted, key_there, whose
from maulstick.postgres.sql.temp_tables import DOOMED, PROBLEM, keys, ready, real
from maulstick.postgres.tables.equality import is_plain
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def left_behind(brought: BundleTables) -> str:
    """Return the SQL that lists rows whose old values others still name at the end.

    Those whose foreign key follows a change by itself are not asked.
    """
    rows = ",\n      ".join(_row(spec, brought.specs) for spec in brought.filled.values())
    if not rows:
        return ""
    return (
        block(f"""
declare
  one record;
  follows text;
begin
  for one in
    with s(label, real, ready, keys, whose, mine, key, joins, travels) as (values
      {rows})
    select s.*, f.*, r.* from s cross join lateral ({POINTING}) as f
    left join lateral (select o.whose as own, o.joins as own_joins, o.keys as own_keys, o.ready as own_ready,
      o.mine as own_mine from s as o where o.real::regclass = f.child and f.columns <@ o.travels) as r on true
    order by s.label, f.name
  loop
    follows := 'true';
    if one.own is not null then
      follows := {formatted(FOLLOWS)};
    end if;
    execute {formatted(LEFT, "follows")};
  end loop;
end""")
        + "\n"
    )


def _row(spec: TableSpec, specs: TableSpecs) -> str:
    other = portable_key(spec, specs, "t")
    own, mine = whose(spec, other.key), "k.id::text" if spec.surrogate else key_there(spec, "k")
    if spec.surrogate and is_plain(spec.id_type):
        own, mine = f"t.{name(spec.surrogate)}", "k.id"
    texts = (spec.label, real(spec), ready(spec), keys(spec), own, mine)
    return f"({', '.join(map(literal, (*texts, other.key, other.joins)))}, {literals(spec.columns)})"


POINTING = """select c.conname as name, c.conrelid::regclass as child,
        regexp_replace(c.conrelid::regclass::text, '^public[.]', '') as called,
        v.columns, v.named, v.old, v.new,
        v.same, v.fresh, case c.confupdtype when 'a' then v.given else 'false' end as given
      from pg_constraint as c cross join lateral (
        select array_agg(o.attname::text) as columns, string_agg(p.attname, ', ' order by k.n) as named,
          string_agg(format('t.%I', p.attname), ', ' order by k.n) as old,
          string_agg(format(case when p.attname = any (s.travels) then 'w.%I' else 't.%I' end, p.attname),
            ', ' order by k.n) as new,
          string_agg(format('x.%I', o.attname), ', ' order by k.n) as fresh,
          string_agg(format('t.%I operator(%s.%s) r.%I', p.attname, q.oprnamespace::regnamespace, q.oprname,
            o.attname), ' and ') as same,
          format('exists (select from %s as o where %s)', s.ready, string_agg(
            case when p.attname = any (s.travels) then format('array[o.%I] = array[t.%1$I]', p.attname)
              else 'true' end,
            ' and ')) as given, bool_or(p.attname = any (s.travels)) as changes
        from unnest(c.conkey, c.confkey, c.conpfeqop) with ordinality as k(own, pointed, same, n)
        join pg_operator as q on q.oid = k.same
        join pg_attribute as o on (o.attrelid, o.attnum) = (c.conrelid, k.own)
        join pg_attribute as p on (p.attrelid, p.attnum) = (c.confrelid, k.pointed)) as v
      where c.contype = 'f' and c.confrelid = s.real::regclass and c.confupdtype in ('a', 'r') and v.changes
        and c.conparentid = 0 and to_jsonb(c) ->> 'conperiod' is distinct from 'true'
        and to_jsonb(c) ->> 'conenforced' is distinct from 'false'"""
"""The SQL of the foreign keys to a table that refuse a change of what they name."""

FOLLOWS = """not exists (select from (select <own> as whose, t.tableoid as o, t.ctid as c
          from <child> as t<own_joins>) as q
        join <own_keys> as k on <own_mine> = q.whose and k.found
        join <own_ready> as x on x.maulstick_row = k."row"
        where (q.o, q.c) = (r.tableoid, r.ctid) and row(<fresh>) is distinct from row(<old>))"""
LEFT = f"""insert into {PROBLEM} select 'referred', <'label'>, w.maulstick_key, format(
          '%s is referred to by %s of %s (%s)', <'named'>,
          case count(*) when 1 then '1 row' else count(*) || ' rows' end, <'called'>, <'name'>)
      from (select k.key as maulstick_key, <mine> as maulstick_whose, w.* from <ready> as w
        join <keys> as k on k."row" = w.maulstick_row and k.found) as w
      join (select <whose> as maulstick_whose, t.* from <real> as t<joins>) as t
        on t.maulstick_whose = w.maulstick_whose
      join <child> as r on <same>
      where row(<old>) is distinct from row(<new>) and not <given> and <follows>
        and not exists (select from {DOOMED} as d where d.o = r.tableoid and d.c = r.ctid)
      group by w.maulstick_key"""
