"""Section write: plain inserts, and updates by id of the columns that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maulstick.postgres.quoting import block, fitting, literal, literals, name, names, template
from maulstick.postgres.search_path import OURS, SAME, SITES, as_ourselves, as_site
from maulstick.postgres.sql.bundle_tables import MEETS, SETS, BundleTables, linking_columns, links_change
from maulstick.postgres.sql.columns.hiding import hide
from maulstick.postgres.sql.columns.unreleased_columns import remember_unreleased
from maulstick.postgres.sql.constraints.swaps import move_aside
from maulstick.postgres.sql.deletes import delete
from maulstick.postgres.sql.sequences import keep_ahead, step_over
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, keys, ready, real, written
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.portable_rows import portable_row
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs, groups


def write(bundle: BundleTables) -> str:
    """Compose the section that deletes the rows to prune, which may free values, and writes rows."""
    specs, filled = bundle.specs, bundle.filled.values()
    became = [_as_became(spec, specs) for spec in filled if spec.theirs]
    after = [text for spec in filled for text in (keep_ahead(spec), remember_unreleased(spec))]
    before = [*(hide(spec) for spec in bundle.published), *(step_over(spec) for spec in filled)]
    return "\n".join([delete(specs), *before, write_rows(bundle), *became, *after]) + "\n"


def write_rows(bundle: BundleTables) -> str:
    """Compose the SQL that inserts new rows, parents first, and updates the columns that differ.

    Whatever holds a value that another row is to have is put aside first, and constraints that can wait do.
    """
    aside = ["set constraints all deferred;", move_aside(bundle)]
    updates = [_update(spec, bundle.specs) for spec in bundle.filled.values()]
    return "\n".join([*aside, as_site(), *_inserts(bundle), as_ourselves(), *updates])


def _inserts(bundle: BundleTables) -> list[str]:
    """Return the inserts, together with updates of the columns by which new rows reference others.

    Renamed columns and those that follow them are one statement: a foreign key holds before and after it.
    """
    specs, parts = bundle.specs, groups(bundle.specs)
    led = [n for n, group in enumerate(parts) if any(linking_columns(spec, specs) for spec in group)]
    if not led:
        filled = ([spec for spec in group if spec.label in bundle.filled] for group in parts)
        return [_insert_group(group) for group in filled if group]
    first, last = led[0], led[-1] + 1
    together = [spec for group in parts[first:last] for spec in group]
    apart = "\n  ".join(_insert_group(group, into=" 1 into done") for group in parts[first:last])
    leads = {f"lead {one.label}": _lead(one, specs) for one in together if linking_columns(one, specs)}
    whole = _in_one({**_all_inserts(together), **leads, **_followed(together, specs)}, into=" 1 into done")
    either = f"""
declare
  done integer;
begin
  if {links_change(specs)} then
  {whole}
  else
  {apart}
  end if;
end"""
    return [*map(_insert_group, parts[:first]), block(either), *map(_insert_group, parts[last:])]


def _as_became(spec: TableSpec, specs: TableSpecs) -> str:
    """Record what production put into its own columns of new rows: a trigger may have filled them."""
    now = portable_row(spec, specs, "t")
    texts = ", ".join(now.columns[column] for column in spec.theirs)
    return (
        f"update {CHANGE} as c set after = coalesce(c.after, d.local)"
        f" || jsonb_object({literals(spec.theirs)}, array[{texts}]::text[])\n"
        f'  from {keys(spec)} as k join {ready(spec)} as w on w.maulstick_row = k."row"\n'
        f'  join {DIFFERS} as d on d.table_name = {literal(spec.label)} and d."row" = k."row"\n'
        f"  join {real(spec)} as t on {written(spec)}{now.joins}\n"
        f"  where c.table_name = {literal(spec.label)} and c.action = 'insert'"
        f' and c."row" = k."row";'
    )


def _insert_group(group: Sequence[TableSpec], into: str = "") -> str:
    return f"{_insert(group[0])};" if len(group) == 1 else _in_one(_all_inserts(group), into=into)


def _all_inserts(group: Sequence[TableSpec]) -> dict[str, str]:
    return {f"insert {spec.label}": _insert(spec) for spec in group}


def _in_one(statements: Mapping[str, str], *, into: str) -> str:
    parts = ",\n".join(f"{name(fitting(label))} as ({text})" for label, text in statements.items())
    return f"with {parts}\nselect{into};"


def _insert(spec: TableSpec) -> str:
    id_ = [spec.id] if spec.id else []
    ids = ["k.id"] if spec.id else []
    columns = names([*id_, *spec.columns, *spec.times])
    parents_first = " order by octet_length(k.key)" if spec.up else ""  # a key holds its parent's
    values = ", ".join([*ids, names(spec.columns, "w"), *(now_in(spec, time) for time in spec.times)])
    return (
        f"insert into {real(spec)} ({columns}) overriding system value\n"
        f"  select {values} from {ready(spec)} as w\n"
        f'  join {keys(spec)} as k on k."row" {SAME} w.maulstick_row and not k.found{parents_first}'
    )


def now_in(spec: TableSpec, column: str) -> str:
    """Compose the SQL of the current second in the type of a time column."""
    zoned = "pg_catalog.date_trunc('second'::pg_catalog.text, pg_catalog.now())"
    return zoned if "with time zone" in spec.times[column] else f"{zoned} at time zone 'UTC'"


def _update(spec: TableSpec, specs: TableSpecs) -> str:
    """Update each set of differing columns with one statement, so that no other column is written."""
    linking = linking_columns(spec, specs)
    apart = f"not (x = any ({literals(linking)}) and {links_change(specs)})"
    columns = f"array(select x from unnest({SETS}) as x where {apart})" if linking else SETS
    return block(f"""
declare
  one record;
  update text;
begin
  for one in
    select distinct {columns} as columns from {CHANGE} as c
    where c.table_name = {literal(spec.label)} and c.action = 'update'
  loop
    continue when cardinality(one.columns) = 0;
    update := format({
        literal(
            f"update {template(real(spec))} as t set %s{_touched(spec)} from {template(ready(spec))} as w"
            f' join {template(keys(spec))} as k on k."row" {SAME} w.maulstick_row'
            f' join {CHANGE} as c on c."row" {SAME} k."row" and c.table_name {SAME} %L'
            f" where {template(written(spec))} and c.action {SAME} " + "'update'"
            f" and {template(columns)} {SAME} %L::pg_catalog.text[]"
        )
    },
      (select string_agg(format('%I = w.%I', x, x), ', ') from unnest(one.columns) as x),
      {literal(spec.label)}, one.columns);
    {SITES}
    execute update;
    {OURS}
  end loop;
end""")


def _lead(spec: TableSpec, specs: TableSpecs) -> str:
    """Update the columns by which rows reference each other, in all rows where one of them changes."""
    led = linking_columns(spec, specs)
    sets = ", ".join(f"{name(column)} = w.{name(column)}" for column in led)
    return (
        f"update {real(spec)} as t set {sets}{_touched(spec)} from {ready(spec)} as w\n"
        f'  join {keys(spec)} as k on k."row" {SAME} w.maulstick_row\n'
        f'  join {CHANGE} as c on c."row" {SAME} k."row" and c.table_name {SAME} {literal(spec.label)}\n'
        f"  where {written(spec)} and c.action {SAME} 'update' and {SETS} {MEETS} {literals(led)}"
    )


def _followed(group: Sequence[TableSpec], specs: TableSpecs) -> dict[str, str]:
    """Update rows that are deleted only later and reference a row by a column that changes."""
    return {
        f"follow {n} {child.label}": _follow(child, specs[link.table], link)
        for child in group
        for n, link in enumerate(child.links)
        if child.surrogate and set(link.target) & set(linking_columns(specs[link.table], specs))
    }


def _follow(child: TableSpec, pointed: TableSpec, link: Link) -> str:
    pairs = [*zip(link.columns, link.target, strict=True)]
    known = [(own, to) for own, to in pairs if to in pointed.columns]
    sets = ", ".join(f"{name(own)} = w.{name(to)}" for own, to in known)
    types = {**child.types, **{own: pointed.types[to] for own, to in known}}
    same = " and ".join(
        equal(f"r.{name(own)}", f"t.{name(to)}", types.get(own, "bigint")) for own, to in pairs
    )
    return (
        f"update {real(child)} as r set {sets} from {DOOMED} as d, {ready(pointed)} as w\n"
        f'  join {keys(pointed)} as k on k."row" {SAME} w.maulstick_row and k.found\n'
        f"  join {real(pointed)} as t on {written(pointed)}\n"
        f"  where d.table_name {SAME} {literal(child.label)}\n"
        f"    and r.{name(child.surrogate or '')}::pg_catalog.text {SAME} d.id\n"
        f"    and {same}"
    )


def _touched(spec: TableSpec) -> str:
    return "".join(f", {name(time)} = {now_in(spec, time)}" for time in spec.times if time == "updated_at")
