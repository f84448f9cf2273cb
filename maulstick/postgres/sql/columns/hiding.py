"""The rows that a release writes hidden: those that it would make public; another transaction publishes them.

What is hidden in a row stands in the ledger as written. Of a row that was there base stays as it was: local
differs from it as before, so that the same bundle finds the same row to publish.
"""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, name
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, HIDDEN, RESULT, ready
from maulstick.postgres.tables.publishing import hides_by, ignores_case, is_boolean
from maulstick.postgres.tables.specs import TableSpec

COUNT = f"select count(*) from {HIDDEN};\n"
PUBLISHES = block(f"""
begin
  update maulstick.release set kind = 'publish' where number = (select r.number from {RESULT} as r);
end""")
"""The SQL that records that a release made rows public which were there."""


def hidden_rows() -> str:
    """Compose the SQL of the table of hidden rows."""
    return f'create temp table {HIDDEN} (table_name text, "row" tid, is_new boolean) on commit drop;'


def hide(spec: TableSpec) -> str:
    """Compose the SQL that has rows written hidden, where the run's setting `hidden` says so.

    It comes behind the guard: what was planned and sealed is what the rows become once they are public.
    """
    column, key, value = name(spec.publish or ""), literal(spec.publish), literal(hides_by(spec))
    hidden = f"jsonb_build_object({key}, {value}::text)"
    ours = '(h.table_name, h."row") = (c.table_name, c."row")'
    this = f"c.table_name = {literal(spec.label)}"
    here = f"h.table_name = {literal(spec.label)}"
    kept = "exists (select from jsonb_each(c.columns) as e where e.value ->> 'action' = 'kept')"
    return block(f"""
begin
  if {setting("hidden")} is null then
    return;
  end if;
  insert into {HIDDEN} select c.table_name, c."row", c.action = 'insert'
    from {CHANGE} as c join {ready(spec)} as w on w.maulstick_row = c."row"
    where {to_hide(spec)};
  update {ready(spec)} as w set {column} = {value}
    from {HIDDEN} as h where {here} and h."row" = w.maulstick_row;
  update {DIFFERS} as d set local = case when h.is_new then d.local || {hidden} else d.local - {key} end
    from {HIDDEN} as h where {here} and (h.table_name, h."row") = (d.table_name, d."row");
  update {CHANGE} as c set after = c.after || {hidden}
    from {HIDDEN} as h where {ours} and {this} and h.is_new and c.after is not null;
  update {CHANGE} as c set after = c.after - {key}, before = c.before - {key},
      sets = array_remove(c.sets, {key})
    from {HIDDEN} as h where {ours} and {this} and not h.is_new;
  update {CHANGE} as c set after = null, before = null, sets = null,
      action = case when {kept} then 'kept' else 'unchanged' end
    from {HIDDEN} as h where {ours} and {this} and c.after = '{{}}';
end""")


def to_hide(spec: TableSpec) -> str:
    """Compose the SQL of whether a change `c`, whose row to write is `w`, makes a row of the table public."""
    key, column = literal(spec.publish), name(spec.publish or "")
    becomes, was = _public(spec, f"c.after ->> {key}", null=True), _public(spec, f"c.before ->> {key}")
    return f"""c.table_name = {literal(spec.label)}
      and (c.action = 'insert' and {_public(spec, f"w.{column}::text", null=True)}
        or c.action = 'update' and c.after ? {key} and {becomes} and not {was})"""


def _public(spec: TableSpec, text: str, *, null: bool = False) -> str:
    """Compose the SQL of whether a value, as text, makes a row public; see `is_public`."""
    if not spec.hidden:
        return f"coalesce({text} = 'true', false)" if is_boolean(spec) else f"({text} is not null)"
    hiding = spec.hidden
    if ignores_case(spec):
        text, hiding = f"lower({text})", tuple(value.lower() for value in hiding)
    return f"coalesce({text} <> all ({literals(hiding)}), {'true' if null else 'false'})"
