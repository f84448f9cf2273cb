"""Trees whose keys are paths: rows are found from the roots down, since a child is found by its parent."""

from __future__ import annotations

from maulstick.postgres.quoting import block, fitting, literal, name
from maulstick.postgres.sql.identity.keys import (
    UNHEARD,
    analyse_stage,
    followed,
    old_rows,
    production_join,
    staged_part,
)
from maulstick.postgres.sql.temp_tables import PROBLEM, RENAMES, keys, stage
from maulstick.postgres.tables.portable_rows import array_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def path_map(spec: TableSpec, specs: TableSpecs, up: str) -> str:
    """Compose the SQL that finds the rows of a tree level by level, and follows the user's renames.

    What is below a renamed row is found below it: so a whole branch keeps its rows.
    """
    text = array_key([staged_part(spec, specs, one) for one in spec.key], is_value=False, plain="")
    known, rows, ours = keys(spec), stage(spec), f"r.table_name = {literal(spec.label)}"
    old = old_rows(spec)
    id_ = f", t.{name(spec.id)}" if spec.id else ""
    rename = f"""
    update {known} as k set found = true, id = t.id from {old} join {RENAMES} as r on {ours} and r.old = t.key
      where k.key = r.new and not k.found;"""
    by_user = spec.travels and spec.surrogate
    mapped = block(f"""
begin
  loop
    insert into {known}
      select s.ctid, {text}, t.ctid is not null{id_}
      from {rows} as s{production_join(spec, specs, kind="left join")}
      where not exists (select from {known} as k where k."row" = s.ctid)
        and (s.{name(up)} is null or {name(fitting("k." + up))}.key is not null);
    exit when not found;{rename if by_user else ""}
  end loop;
  insert into {PROBLEM} select 'circle', {literal(spec.label)}, s.{name(up)}, 'is above itself, or not here'
    from {rows} as s where not exists (select from {known} as k where k."row" = s.ctid);
end""")
    told = [_unheard(spec)] if by_user else []
    follow = [followed(spec, specs)] if spec.travels else []
    return "\n".join([analyse_stage(spec), mapped, f"analyze {known};", *told, *follow])


def _unheard(spec: TableSpec) -> str:
    """Report the renames that no row could follow, and forget them."""
    label, known, old = literal(spec.label), keys(spec), old_rows(spec)
    ours = f"r.table_name = {label}"
    there = f"exists (select from {old} where t.key = r.old)"
    done = (
        f"exists (select from {known} as k join {old} on t.id = k.id where k.key = r.new and t.key = r.old)"
    )
    return block(f"""
begin
  if not exists (select from {RENAMES} as r where {ours}) then
    return;
  end if;
  insert into {PROBLEM} select 'rename', {label}, r.new, {UNHEARD}
    from {RENAMES} as r join {known} as k on k.key = r.new
    where {ours} and k.found = {there} and not {done};
  delete from {RENAMES} as r where {ours} and not {done};
end""")
