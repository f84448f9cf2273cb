"""Values that two rows would share under a unique index or an exclusion constraint."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import BACK, formatted, is_held, key_there, put_aside, whose
from maulstick.postgres.sql.session import THERE
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, HELD, PROBLEM, by_id, keys, ready, real
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

FREED = f"exists (select from {DOOMED} as d where d.o = t.tableoid and d.c = t.ctid)"
"""The SQL of whether the row `t` will be deleted, which frees its values."""


def clashes(bundle: BundleTables, *, freed: str = "false") -> str:
    """Compose the SQL that lists rows whose new values another row will hold at the end.

    The indexes are the target's own. `freed` says of another row `t` that it gives its values away before any
    is written. A row that gives them away only later is put aside first, where the index is checked at once.
    An index whose expression needs a column that no row brings is left to the constraint itself, which then
    stops the transaction at the write.
    """
    rows = ",\n      ".join(_row(spec, bundle.specs) for spec in bundle.filled.values())
    if not rows:
        return ""
    whole = block(f"""
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
    cross join lateral ({sql_file("unique_indexes")}) as i
    where i.columns && s.brought order by s.label, i.name
  loop
    {_held_by_others(freed)}
    if one.now and exists (select from {HELD} as h where not h.clash) then
      {put_aside()}
    end if;
  end loop;
  {BACK}
end""")
    return f"{whole}\n"


def _held_by_others(freed: str) -> str:
    """Compose the statements that record what rows hold under the index `one` that others are to get."""
    return f"""delete from {HELD};
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
      from {HELD} as h where h.clash;"""


def _row(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL fragments for a table: `t` is a row of it, `k` a staged one, `h` a rewritten one."""
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
    """Compose the SQL of the rows that now hold what others are to get."""
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
"""Only the updated rows, including the columns that do not travel, as production has them."""

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
"""The SQL of pairs of written rows with equal values; a pair of new rows is left to the index itself."""
