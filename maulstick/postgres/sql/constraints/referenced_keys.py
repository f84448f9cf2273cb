"""Rows that reference another by a column that changes: it cannot change unless they follow."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import formatted, key_there, whose
from maulstick.postgres.sql.temp_tables import DOOMED, PROBLEM, keys, ready, real
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.tables.equality import is_plain
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def left_behind(bundle: BundleTables) -> str:
    """Compose the SQL that lists rows whose old values are still referenced at the end.

    Those whose foreign key follows a change by itself are not asked.
    """
    rows = ",\n      ".join(_row(spec, bundle.specs) for spec in bundle.filled.values())
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
    select s.*, f.*, r.* from s cross join lateral ({sql_file("referencing_keys")}) as f
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
