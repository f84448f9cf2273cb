"""Values that two rows would hold under one unique index or exclusion constraint."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import BACK, PUT_ASIDE, formatted, is_held, key_there, whose
from maulstick.postgres.sql.session import THERE
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, HELD, PROBLEM, by_id, keys, ready, real
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

FREED = f"exists (select from {DOOMED} as d where d.o = t.tableoid and d.c = t.ctid)"
"""The SQL of whether the row `t` is deleted, and with it all that it holds."""


def clashes(brought: BundleTables, *, freed: str = "false") -> str:
    """Return the SQL that lists rows whose new values another row holds at the end.

    The indexes are the target's own. `freed` says of another row `t` that it gives its values away before any
    is written. A row that gives them away only later is put aside first, where the index is checked at once.
    An index whose expression needs a column that no row brings is left to the constraint itself, which then
    stops the transaction at the write.
    """
    rows = ",\n      ".join(_row(spec, brought.specs) for spec in brought.filled.values())
    if not rows:
        return ""
    return (
        block(f"""
declare
  one record;
  way record;
  written text;
  moved text;
  held text;
  forbidden text;
  referred text;
  ends text;
begin
  for one in
    select s.*, i.* from (values
      {rows}
    ) as s(label, real, ready, keys, whose, there, holder, is_mine, is_held, key, joins, brought, travels,
      bound)
    cross join lateral ({UNIQUE}) as i
    where i.columns && s.brought order by s.label, i.name
  loop
    delete from {HELD};
    begin
      written := {formatted(WRITTEN)};
      execute {formatted(_taken(freed), "written")};
    exception when undefined_column then
      begin
        written := {formatted(WHOLE)};
        execute {formatted(_taken(freed), "written")};
      exception when undefined_column or undefined_function or undefined_table then
        continue;
      end;
    when undefined_function or undefined_table then  -- it needs the site's path: the index itself asks
      continue;
    end;
    execute {formatted(TWICE, "written")};
    insert into {PROBLEM} select 'clash', one.label, h.wants_key,
        case when h.later then format('%s would be that of %s too (index %s)', one.says, h.key, one.name)
          else format('%s is taken in %s by %s (index %s)', one.says, {THERE}, h.key, one.name) end
      from {HELD} as h where h.clash;
    if one.now and exists (select from {HELD} as h where not h.clash) then
      {PUT_ASIDE}
    end if;
  end loop;
  {BACK}
end""")
        + "\n"
    )


def _row(spec: TableSpec, specs: TableSpecs) -> str:
    """Return what is asked of a table: `t` is a row of it, `k` a staged one, `h` one that is rewritten."""
    other = portable_key(spec, specs, "t")
    if spec.surrogate:
        id_ = f"t.{name(spec.surrogate)}"
        there, is_mine = f"({equal(id_, 'k.id', spec.id_type)}) is not true", by_id(spec)
        holder = equal("h.id", id_, spec.id_type)
    else:
        mine = key_there(spec, "k")
        is_mine = f"t.maulstick_whose = {mine}"
        there, holder = f"{other.key} is distinct from {mine}", f"{key_there(spec, 'h')} = {other.key}"
    tables = (spec.label, real(spec), ready(spec), keys(spec))
    texts = (*tables, whose(spec, other.key), there, holder, is_mine, is_held(spec), other.key, other.joins)
    travels = [column for column in spec.columns if spec.surrogate or column not in spec.key]
    bound = [*spec.references, *(column for link in spec.links for column in link.columns)]
    lists = (literals(columns) for columns in (spec.columns, travels, bound))
    return f"({', '.join([*map(literal, texts), *lists])})"


def _taken(freed: str) -> str:
    """Return the SQL of the rows that hold now what others are to have."""
    return f"""
      insert into {HELD} select w.maulstick_row, k.key, h."row", <whose>, <key>,
          h."row" is null and not {FREED}, false
        from <written> as w(maulstick_row, <names>)
        join <keys> as k on k."row" = w.maulstick_row
        join (select ctid, tableoid, <says> from <real> where <only>) as u(c, o, <names>) on <same>
        join <real> as t on t.ctid = u.c and t.tableoid = u.o<joins>
        left join (select k.* from <keys> as k join <ready> as r on r.maulstick_row = k."row"
          where k.found) as h on <holder>
        where <there> and not {freed}"""


WRITTEN = "(select maulstick_row, <says> from <ready> where <only>)"
WHOLE = """(select maulstick_row, <says> from (select r.*, <rest> from <ready> as r
        join <keys> as k on k."row" = r.maulstick_row and k.found
        join (select <whose> as maulstick_whose, t.* from <real> as t<joins>) as t
          on <is_mine>
      ) as r where <only>)"""
"""The updated rows alone, with the columns that do not travel too, as production has them."""

TWICE = f"""
      with pairs as (
        select w.maulstick_row as wants, k.key as wants_key, u.maulstick_row as holder, o.key
          from <written> as w(maulstick_row, <names>)
          join <written> as u(maulstick_row, <names>)
            on <same> and u.maulstick_row <> w.maulstick_row
          join <keys> as k on k."row" = w.maulstick_row
          join <keys> as o on o."row" = u.maulstick_row and o.found
          where exists (select from {CHANGE} as c where c.table_name = <'label'> and c.action = 'update')),
      taken as (
        update {HELD} as h set clash = true from pairs as p where h.wants = p.wants and h.holder = p.holder)
      insert into {HELD} select p.wants, p.wants_key, p.holder, null, p.key, true, true
        from pairs as p join <keys> as k on k."row" = p.wants
        where (not k.found or p.wants > p.holder)
          and not exists (select from {HELD} as h where (h.wants, h.holder) in
            ((p.wants, p.holder), (p.holder, p.wants)))"""
"""The SQL of the pairs of written rows that would hold the same; a pair of new rows is left to the index."""

UNIQUE = """select x.relname as name, i.indimmediate as now,
      coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') as only,
      coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as nulls_same,
      string_agg(coalesce('(' || pg_get_expr(g.adbin, g.adrelid) || ')',
        pg_get_indexdef(i.indexrelid, n, true)), ', ' order by n) as says,
      string_agg('e' || n, ', ' order by n) as names,
      string_agg(case when to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' and not i.indisexclusion
        then format('array[w.e%1$s] = array[u.e%1$s]', n)
        else format('w.e%s operator(%s.%s) u.e%1$s', n, o.oprnamespace::regnamespace, o.oprname) end,
        ' and ' order by n) as same,
      array(select a.attname::text from pg_attribute as a where a.attrelid = i.indrelid
        and (a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) or exists (
          select from pg_depend as d
          where (d.classid, d.objid) = ('pg_class'::regclass, i.indexrelid) and d.refclassid = d.classid
            and (d.refobjid, d.refobjsubid) = (i.indrelid, a.attnum)) or exists (
          select from pg_depend as d join pg_attribute as m on m.attrelid = i.indrelid
            and m.attnum = any (i.indkey) and m.attgenerated <> ''
          left join pg_attrdef as e on (e.adrelid, e.adnum) = (m.attrelid, m.attnum)
          where (d.refclassid, d.refobjid, d.refobjsubid) = ('pg_class'::regclass, i.indrelid, a.attnum)
            and (d.classid = 'pg_attrdef'::regclass and d.objid = e.oid
              or d.classid = d.refclassid and (d.objid, d.objsubid) = (m.attrelid, m.attnum))))) as columns,
      (select string_agg(format('t.%I', a.attname), ', ') from pg_attribute as a
        where a.attrelid = i.indrelid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          and a.attname <> all (s.brought)) as rest
    from pg_index as i join pg_class as x on x.oid = i.indexrelid
    cross join generate_series(1, i.indnkeyatts) as n
    left join pg_attribute as m on m.attrelid = i.indrelid and m.attnum = i.indkey[n - 1]
      and m.attgenerated <> ''
    left join pg_attrdef as g on (g.adrelid, g.adnum) = (m.attrelid, m.attnum)
    left join pg_constraint as c on c.conindid = i.indexrelid and c.contype in ('x', 'p', 'u')
      and i.indisexclusion
    join pg_opclass as p on p.oid = i.indclass[n - 1]
    join pg_operator as o on o.oid = coalesce(c.conexclop[n], (select m.amopopr from pg_amop as m
      where m.amopfamily = p.opcfamily and m.amopstrategy = 3
        and (m.amoplefttype, m.amoprighttype) = (p.opcintype, p.opcintype)))
    where i.indrelid = s.real::regclass and (i.indisunique or i.indisexclusion) and i.indisvalid
    group by i.indexrelid, x.relname, i.indimmediate, i.indpred, i.indrelid, i.indisexclusion, i"""
"""The SQL of a table's indexes that let no two rows be the same: what each is of, and when two are.

A column that is generated is what it is made of, so that it is known of rows that are not written yet.
"""
