"""The staged rows as they will be in the target: with production's ids instead of keys."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.postgres.quoting import fitting, literal, name, names
from maulstick.postgres.sql.identity.keys import id_of_key, same_by_key
from maulstick.postgres.sql.missing_references import ready_value, typed, unless_missing
from maulstick.postgres.sql.temp_tables import CHANGE, by_id, keys, ready, real, stage
from maulstick.postgres.tables.hidden_ids import AS_TEXT, NOWHERE, from_portable, key_of_leaf
from maulstick.postgres.tables.json_paths import rewrite_json
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def times_of(spec: TableSpec) -> str:
    """Compose the SQL of a target row's own times, which a rollback restores."""
    pairs = ", ".join(f"{literal(time)}, t.{name(time)}::text" for time in spec.times)
    return f"case when t.ctid is not null then jsonb_build_object({pairs}) end"


def staged_text(spec: TableSpec, specs: TableSpecs, column: str, there: str) -> str:
    """Compose the SQL of a staged value in portable form; `there` is the value in production."""
    return unless_missing(spec, specs, column, _staged_text(spec, column), there)


def _staged_text(spec: TableSpec, column: str) -> str:
    if column in spec.references or column in spec.pointing:
        return f's.{name(column)} collate "C"'
    if any(reference.column == column for reference in spec.json_references):
        return f's.{name(column)}::jsonb::text collate "C"'
    return f's.{name(column)}::text collate "C"'


def rows_to_write(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that makes the rows to write, with production's ids in every reference.

    An updated row keeps what is not written, so that only what will be there can clash with other rows.
    """
    joins = "".join(
        f"\n  left join {keys(specs[reference.table])} as {name(fitting('k.' + column))}"
        f" on {name(fitting('k.' + column))}.key = s.{name(column)}"
        for column, reference in spec.references.items()
    )
    new = {column: _ready(spec, specs, column) for column in spec.columns}
    updated = [
        f"case when c.after ? {literal(column)} then {value} else t.{name(column)} end"
        for column, value in new.items()
    ]
    same = by_id(spec) if spec.surrogate else same_by_key(spec, specs)
    there = f'{joins}\n  join {keys(spec)} as k on k."row" = s.ctid join {real(spec)} as t on {same}'
    rows = "\n".join(
        f"insert into {ready(spec)} (maulstick_row, {names(spec.columns)})\n"
        f"  select s.ctid, {', '.join(values)}\n  from {stage(spec)} as s{found_by}\n"
        f'  join {CHANGE} as c on c."row" = s.ctid and c.table_name = {literal(spec.label)}'
        f" and c.action = {literal(action)};"
        for action, values, found_by in (("insert", new.values(), joins), ("update", updated, there))
    )
    return f"{rows}\nanalyze {ready(spec)} (maulstick_row);"


def _ready(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    if column in spec.references:
        return ready_value(spec, specs, column, f"{name(fitting('k.' + column))}.id")
    if column in spec.pointing:
        value = from_portable(spec, column, f"s.{name(column)}", id_of_key(specs))
        return ready_value(spec, specs, column, value)
    found = [one for one in spec.json_references if one.column == column]
    if not found:
        return ready_value(spec, specs, column, f"s.{name(column)}")
    return typed(spec, column, rewrite_json(f"s.{name(column)}::jsonb", found, _leaf_of_key(specs)))


def _leaf_of_key(specs: TableSpecs) -> Callable[[str, str], str]:
    def leaf_of_key(table: str, value: str) -> str:
        is_text = f"jsonb_typeof({value} -> {literal(AS_TEXT)}) = 'string'"
        id_ = f"case when {is_text} then to_jsonb(pointed.id::text) else to_jsonb(pointed.id) end"
        rows = f"{keys(specs[table])} as pointed where pointed.key = {key_of_leaf(value)}"
        return f"coalesce((select {id_} from {rows}), {value} -> {literal(NOWHERE)}, 'null')"

    return leaf_of_key
