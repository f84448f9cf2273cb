"""Section diff: the staged rows against the target's against base, into one table of changes."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.postgres.ledger import older, read_ledger
from maulstick.postgres.quoting import block, fitting, literal, literals, name, names
from maulstick.postgres.sql.brought import Brought
from maulstick.postgres.sql.deletes import prune
from maulstick.postgres.sql.find import at, find
from maulstick.postgres.sql.identity import (
    found,
    id_of_key,
    key_map,
    may_be_spelt_apart,
    odd_keys,
    other_equality,
    read_renames,
    renamed,
    same_by_key,
)
from maulstick.postgres.sql.missing_references import (
    absent,
    absent_values,
    ready_value,
    typed,
    under_removed,
    unless_absent,
)
from maulstick.postgres.sql.sequences import reserve_ids
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DEFAULTS,
    DIFFERS,
    FOUND,
    KNOWN,
    RENAMES,
    by_id,
    keys,
    ready,
    real,
    stage,
)
from maulstick.postgres.sql.three_way import decide, read_takes
from maulstick.postgres.sql.trees import path_map
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.hidden_ids import AS_TEXT, NOWHERE, from_portable, key_of_leaf
from maulstick.postgres.tables.json_paths import rewrite_json
from maulstick.postgres.tables.portable_rows import image
from maulstick.postgres.tables.tables import Shape, Shapes


def diff(subject: str, as_of: str, digest: str, brought: Brought) -> str:
    """Return the section that finds every staged row in production and says what differs."""
    shapes, staged, filled = brought.shapes, brought.staged.values(), brought.filled.values()
    parts = [
        read_renames(but=[shape.label for shape in brought.travelling if shape.label not in brought.staged]),
        *(_known(shape, shapes) for shape in staged),
        *(reserve_ids(shape) for shape in filled if shape.id),
        *(other_equality(shape) for shape in staged),
        *(odd_keys(shape) for shape in staged),
        *(absent(shape, brought.staged) for shape in staged),
        *(constant_defaults(shape) for shape in filled),
        read_ledger(subject, brought.staged),
        read_takes(),
        *(differing(shape, shapes, subject) for shape in filled),
        older(subject, as_of, digest),
        decide(brought.filled),
        *(under_removed(shape, shapes) for shape in filled),
        *(absent_values(shape, shapes) for shape in filled),
        gone(subject, brought),
        *(edited(shape, shapes) for shape in brought.travelling),
        prune(shapes),
        *(rows_to_write(shape, shapes) for shape in filled),
    ]
    return "\n".join(parts) + "\n"


def _known(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that knows a table's rows: by their keys, or in a tree by the way down from its root."""
    if shape.up is not None:
        return path_map(shape, shapes, shape.up)
    return "\n".join([key_map(shape, shapes), renamed(shape, shapes)])


def constant_defaults(shape: Shape) -> str:
    """Return the SQL that learns the target's constant column defaults as text (adoption, design §3)."""
    lists = [one.column for one in shape.pointers if one.is_array]
    return block(f"""
declare
  one record;
begin
  for one in select a.attname, pg_get_expr(d.adbin, d.adrelid) as says,
      format_type(a.atttypid, a.atttypmod) as type
    from pg_attribute as a join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = {literal(real(shape))}::regclass and a.attname = any ({literals(shape.columns)})
  loop
    if one.says not like '%(%' then
      execute format('insert into {DEFAULTS} select %L, %L, (%s)::%s::text',
        {literal(shape.label)}, one.attname, one.says, one.type);
    end if;
  end loop;
  update {DEFAULTS} as d set value = '[]' where d.table_name = {literal(shape.label)} and d.value = '{{}}'
    and d.column_name = any ({literals(lists)});
end""")


def differing(shape: Shape, shapes: Shapes, subject: str) -> str:
    """Return the SQL that keeps the rows whose text differs from production's, or from base."""
    theirs = [column for column in shape.columns if column in shape.theirs]
    there = image(shape, shapes, "t")
    here = {column: staged_text(shape, shapes, column, there.columns[column]) for column in shape.columns}
    spelt, as_here = _spelt_as_here(shape, shapes, there.columns)
    local = _object(shape.columns, [here[column] for column in shape.columns])
    less = f" - {literals(theirs)}" if theirs else ""
    was = f"{RENAMES} as r on r.table_name = {literal(shape.label)} and r.new = k.key"
    production = _object(shape.compared, [spelt[column] for column in shape.compared])
    texts = ", ".join(here[column] for column in shape.compared)
    others = ", ".join(spelt[column] for column in shape.compared)
    return (
        f"insert into {DIFFERS}\n"
        f'  select {literal(shape.label)}, k.key, k."row",\n'
        f"    case when k.found or b.key is not null then {local}{less} else {local} end,\n"
        f"    case when k.found then {production} end, b.values, coalesce(b.subjects, '{{}}'), r.old,\n"
        f"    {times_of(shape)}\n"
        f'  from {keys(shape)} as k join {stage(shape)} as s on s.ctid = k."row"'
        f"{found(shape, shapes)}{there.joins}{as_here}\n"
        f"  left join {was}\n"
        f"  left join {KNOWN} as b on b.table_name = {literal(shape.label)}\n"
        f"    and b.key = coalesce(r.old, k.key)\n"
        f"  where s.maulstick_matched is null and (not k.found or b.key is null\n"
        f"    or not b.subjects @> array[{literal(subject)}]\n"
        f"    or row({texts}) is distinct from row({others})\n"
        f"    or (b.values @> ({local}{less})) is not true);"
    )


def _spelt_as_here(shape: Shape, shapes: Shapes, there: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return production's values, and the joins they need: a reference to the same row is the same reference.

    Where local spells the key of that row otherwise since it was released, it is an update as ever.
    """
    spelt, joins = dict(there), ""
    for column, reference in shape.references.items():
        pointed = shapes[reference.table]
        if pointed.id is None or not may_be_spelt_apart(pointed, shapes):
            continue
        alias = fitting(f"q.{column}")
        same = equal(name(alias, "id"), name("t", column), pointed.types.get(pointed.id, "bigint"))
        as_base = f"(b.key is null or b.values ->> {literal(column)} = s.{name(column)})"
        joins += f"\n  left join {keys(pointed)} as {name(alias)} on {name(alias, 'key')} = s.{name(column)}"
        spelt[column] = (
            f"(case when {name(alias, 'found')} and {same} and {as_base} then s.{name(column)}"
            f' else {there[column]} end) collate "C"'
        )
    return spelt, joins


def times_of(shape: Shape) -> str:
    """Return the SQL of a target row's own times, which a rollback puts back."""
    pairs = ", ".join(f"{literal(time)}, t.{name(time)}::text" for time in shape.times)
    return f"case when t.ctid is not null then jsonb_build_object({pairs}) end"


def staged_text(shape: Shape, shapes: Shapes, column: str, there: str) -> str:
    """Return the SQL of a staged value in portable form; `there` is the value in production."""
    return unless_absent(shape, shapes, column, _staged_text(shape, column), there)


def _staged_text(shape: Shape, column: str) -> str:
    if column in shape.references or column in shape.pointing:
        return f's.{name(column)} collate "C"'
    if any(reference.column == column for reference in shape.json_references):
        return f's.{name(column)}::jsonb::text collate "C"'
    return f's.{name(column)}::text collate "C"'


def gone(subject: str, brought: Brought) -> str:
    """Return the SQL that names rows released before, still in production and not in this bundle."""
    ours = f"b.subjects @> array[{literal(subject)}]"
    action = f"case when b.subjects = array[{literal(subject)}] then 'gone' else 'left' end"
    tables = literals(shape.label for shape in brought.travelling)
    here = [f"select r.table_name, r.old from {RENAMES} as r"]
    here += [
        f"select {literal(shape.label)}, k.key from {keys(shape)} as k" for shape in brought.staged.values()
    ]
    parts = [
        f"insert into {CHANGE} (table_name, key, action)\n"
        f"  select b.table_name, b.key, {action}\n"
        f"  from {KNOWN} as b where b.table_name = any ({tables}) and {ours} and not exists (\n"
        f"    select from ({' union all '.join(here)}) as k(table_name, key)\n"
        f"    where (k.table_name, k.key) = (b.table_name, b.key));",
        *(find(shape, brought.shapes, _gone_of(shape)) for shape in brought.travelling),
        f"delete from {CHANGE} as c where c.action in ('gone', 'left') and not exists (\n"
        f"  select from {FOUND} as f where (f.table_name, f.key) = (c.table_name, c.key));",
    ]
    return "\n".join(parts)


def _gone_of(shape: Shape) -> str:
    label = literal(shape.label)
    return f"select c.key from {CHANGE} as c where c.table_name = {label} and c.action in ('gone', 'left')"


def edited(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that says of rows that are gone what production holds that base does not."""
    now, label = image(shape, shapes, "t"), literal(shape.label)
    rows = f"{FOUND} as f join {real(shape)} as t on {at()}{now.joins} where f.table_name = {label}"
    values = _object(shape.columns, [now.columns[column] for column in shape.columns])
    cell = "jsonb_build_object('action', 'gone', 'base', e.value, 'production', n.values -> e.key)"
    return block(f"""
begin
  if not exists (select from {CHANGE} as c where c.table_name = {label} and c.action = 'gone') then
    return;
  end if;
  update {CHANGE} as c set columns = (select jsonb_object_agg(e.key, {cell})
      from jsonb_each(b.values) as e where n.values -> e.key <> e.value)
    from {KNOWN} as b, (select f.key, {values} as values from {rows}) as n
    where c.table_name = {label} and c.action = 'gone'
      and (b.table_name, b.key) = (c.table_name, c.key) and n.key = c.key;
end""")


def rows_to_write(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that makes the rows as they will be, with production's ids for every reference.

    An updated row keeps what is not written, so that only what will be there can clash with other rows.
    """
    joins = "".join(
        f"\n  left join {keys(shapes[reference.table])} as {name(fitting('k.' + column))}"
        f" on {name(fitting('k.' + column))}.key = s.{name(column)}"
        for column, reference in shape.references.items()
    )
    new = {column: _ready(shape, shapes, column) for column in shape.columns}
    updated = [
        f"case when c.after ? {literal(column)} then {value} else t.{name(column)} end"
        for column, value in new.items()
    ]
    same = by_id(shape) if shape.surrogate else same_by_key(shape, shapes)
    there = f'{joins}\n  join {keys(shape)} as k on k."row" = s.ctid join {real(shape)} as t on {same}'
    rows = "\n".join(
        f"insert into {ready(shape)} (maulstick_row, {names(shape.columns)})\n"
        f"  select s.ctid, {', '.join(values)}\n  from {stage(shape)} as s{found_by}\n"
        f'  join {CHANGE} as c on c."row" = s.ctid and c.table_name = {literal(shape.label)}'
        f" and c.action = {literal(action)};"
        for action, values, found_by in (("insert", new.values(), joins), ("update", updated, there))
    )
    return f"{rows}\nanalyze {ready(shape)} (maulstick_row);"


def _ready(shape: Shape, shapes: Shapes, column: str) -> str:
    if column in shape.references:
        return ready_value(shape, shapes, column, f"{name(fitting('k.' + column))}.id")
    if column in shape.pointing:
        value = from_portable(shape, column, f"s.{name(column)}", id_of_key(shapes))
        return ready_value(shape, shapes, column, value)
    found = [one for one in shape.json_references if one.column == column]
    if not found:
        return ready_value(shape, shapes, column, f"s.{name(column)}")
    return typed(shape, column, rewrite_json(f"s.{name(column)}::jsonb", found, _leaf_of_key(shapes)))


def _leaf_of_key(shapes: Shapes) -> Callable[[str, str], str]:
    def leaf_of_key(table: str, value: str) -> str:
        is_text = f"jsonb_typeof({value} -> {literal(AS_TEXT)}) = 'string'"
        id_ = f"case when {is_text} then to_jsonb(pointed.id::text) else to_jsonb(pointed.id) end"
        rows = f"{keys(shapes[table])} as pointed where pointed.key = {key_of_leaf(value)}"
        return f"coalesce((select {id_} from {rows}), {value} -> {literal(NOWHERE)}, 'null')"

    return leaf_of_key


def _object(columns: list[str] | tuple[str, ...], texts: list[str]) -> str:
    return f"jsonb_object({literals(columns)}, array[{', '.join(texts)}]::text[])"
