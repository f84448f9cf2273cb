"""Section diff: the staged rows against the target's against base, into one table of changes."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.image import array_key, as_json, image, key_image, rewrite_json
from maulstick.ledger import PLANNING, read_ledger, setting
from maulstick.quote import block, literal, literals, name, names, template
from maulstick.sections.decide import decide, read_takes
from maulstick.sections.doom import prune
from maulstick.sections.temporary import (
    CHANGE,
    DEFAULTS,
    DIFFERS,
    KNOWN,
    PROBLEM,
    RENAMES,
    keys,
    ready,
    real,
    stage,
)
from maulstick.shapes import Shape, Shapes


def diff(subject: str, as_of: str, digest: str, shapes: Shapes) -> str:
    """Return the section that finds every staged row in production and says what differs."""
    travelling = [shape for shape in shapes.values() if shape.travels]
    parts = [
        read_renames(),
        *(text for shape in shapes.values() for text in (key_map(shape, shapes), renamed(shape, shapes))),
        *(reserve_ids(shape) for shape in travelling if shape.surrogate),
        *(odd_keys(shape, shapes) for shape in shapes.values()),
        *(constant_defaults(shape) for shape in travelling),
        read_ledger(subject, as_of, digest, shapes),
        read_takes(),
        *(differing(shape, shapes, subject) for shape in travelling),
        decide(),
        *(gone(shape, shapes, subject) for shape in travelling),
        prune(shapes),
        *(rows_to_write(shape, shapes) for shape in travelling),
    ]
    return "\n".join(parts) + "\n"


def key_map(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that gives each staged row its key as text and its row in production."""
    parts = [_staged_part(shape, shapes, column) for column in shape.key]
    text = array_key(parts, is_value=shape.key_is_value, plain=f"s.{name(shape.key[0])}::text")
    surrogate = f", t.{name(shape.surrogate)}" if shape.surrogate else ""
    return (
        f"insert into {keys(shape)}\n"
        f"  select s.ctid, {text}, t.ctid is not null{surrogate}\n"
        f"  from {stage(shape)} as s{production_join(shape, shapes, kind='left join')};\n"
        f"analyze {keys(shape)};"
    )


def read_renames() -> str:
    """Return the SQL that reads which rows the user says were renamed."""
    fields = "table_name text, old text, new text"
    return (
        f"insert into {RENAMES} select * from jsonb_to_recordset({setting('rename')}::jsonb) as r({fields});"
    )


def renamed(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that finds a renamed row in production by its old key."""
    if not shape.surrogate or not shape.travels:
        return ""
    one = key_image(shape, shapes, "t")
    label = literal(shape.label)
    return block(f"""
begin
  if exists (select from {RENAMES} as r where r.table_name = {label}) then
    update {keys(shape)} as k set found = true, id = old.id
      from (select {one.key} as key, t.{name(shape.surrogate)} as id
        from {real(shape)} as t{one.joins}) as old
      join {RENAMES} as r on r.table_name = {label} and r.old = old.key
      where k.key = r.new and not k.found;
  end if;
end""")


def production_join(shape: Shape, shapes: Shapes, *, kind: str) -> str:
    """Return the join of staged rows `s` with the target's rows `t` on the typed natural key."""
    pointed = [column for column in shape.key if column in shape.references]
    joins = "".join(
        f"\n    left join {keys(shapes[shape.references[column].table])} as {name('k.' + column)}"
        f" on {name('k.' + column)}.key = s.{name(column)}"
        for column in pointed
    )
    same = " and ".join(_same(shape, column) for column in shape.key)
    return f"{joins}\n    {kind} {real(shape)} as t on {same}"


def reserve_ids(shape: Shape) -> str:
    """Return the SQL that takes ids for new rows from the target's own default or sequence.

    A plan takes none: it compares by key, and a sequence would move.
    """
    column, table = literal(shape.surrogate), literal(real(shape))
    update = (
        f"update {template(keys(shape))} as k set id = %s where not k.found and exists (select\n"
        f'    from {template(stage(shape))} as s where s.ctid = k."row" and s.maulstick_matched is null)'
    )
    return block(f"""
declare
  next text;
begin
  if {PLANNING} then
    return;
  end if;
  select coalesce(pg_get_expr(d.adbin, d.adrelid),
      format('nextval(%L)', pg_get_serial_sequence({table}, {column}))) into next
    from pg_attribute as a left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = {table}::regclass and a.attname = {column};
  execute format({literal(update)}, next);
end""")


def odd_keys(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that lists keys that name several rows and matched rows that are not there."""
    label, several = literal(shape.label), literal("%s rows in production share this key")
    missing = literal("is referred to and is not in production")
    return (
        f"insert into {PROBLEM} select 'ambiguous', {label}, k.key, format({several}, count(*))\n"
        f'  from {keys(shape)} as k group by k."row", k.key having count(*) > 1;\n'
        f"insert into {PROBLEM} select 'missing', {label}, k.key, {missing}\n"
        f'  from {keys(shape)} as k join {stage(shape)} as s on s.ctid = k."row"\n'
        f"  where s.maulstick_matched and not k.found;"
    )


def constant_defaults(shape: Shape) -> str:
    """Return the SQL that learns the target's constant column defaults as text (adoption, design §3)."""
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
end""")


def differing(shape: Shape, shapes: Shapes, subject: str) -> str:
    """Return the SQL that keeps the rows whose text differs from production's, or from base."""
    theirs = [column for column in shape.columns if column in shape.theirs]
    compared = [column for column in shape.columns if column not in shape.theirs]
    there = image(shape, shapes, "t")
    local = _object(shape.columns, [staged_text(shape, column) for column in shape.columns])
    less = f" - {literals(theirs)}" if theirs else ""
    was = f"{RENAMES} as r on r.table_name = {literal(shape.label)} and r.new = k.key"
    production = _object(compared, [there.columns[column] for column in compared])
    texts = ", ".join(staged_text(shape, column) for column in compared)
    others = ", ".join(there.columns[column] for column in compared)
    return (
        f"insert into {DIFFERS}\n"
        f'  select {literal(shape.label)}, k.key, k."row",\n'
        f"    case when k.found or b.key is not null then {local}{less} else {local} end,\n"
        f"    case when k.found then {production} end, b.values{less}, coalesce(b.subjects, '{{}}'), r.old,\n"
        f"    {times_of(shape)}\n"
        f'  from {keys(shape)} as k join {stage(shape)} as s on s.ctid = k."row"'
        f"{_found(shape, shapes)}{there.joins}\n"
        f"  left join {was}\n"
        f"  left join {KNOWN} as b on b.table_name = {literal(shape.label)}\n"
        f"    and b.key = coalesce(r.old, k.key)\n"
        f"  where s.maulstick_matched is null and (not k.found or b.key is null\n"
        f"    or not b.subjects @> array[{literal(subject)}]\n"
        f"    or row({texts}) is distinct from row({others})\n"
        f"    or (b.values{less}) is distinct from ({local}{less}));"
    )


def times_of(shape: Shape) -> str:
    """Return the SQL of a target row's own times, which a rollback puts back."""
    pairs = ", ".join(f"{literal(time)}, t.{name(time)}::text" for time in shape.times)
    return f"case when t.ctid is not null then jsonb_build_object({pairs}) end"


def staged_text(shape: Shape, column: str) -> str:
    """Return the SQL of a staged value in portable form."""
    if column in shape.references:
        return f's.{name(column)} collate "C"'
    if any(reference.column == column for reference in shape.json_references):
        return f's.{name(column)}::jsonb::text collate "C"'
    return f's.{name(column)}::text collate "C"'


def gone(shape: Shape, shapes: Shapes, subject: str) -> str:
    """Return the SQL that names rows released before, still in production and not in this bundle."""
    one = key_image(shape, shapes, "t")
    return (
        f"insert into {CHANGE} (table_name, key, action)\n"
        f"  select b.table_name, b.key, case when b.subjects = array[{literal(subject)}]"
        f" then 'gone' else 'left' end\n"
        f"  from {KNOWN} as b where b.table_name = {literal(shape.label)}"
        f" and b.subjects @> array[{literal(subject)}]\n"
        f"    and not exists (select from {keys(shape)} as k where k.key = b.key)\n"
        f"    and not exists (\n"
        f"      select from {RENAMES} as r where (r.table_name, r.old) = (b.table_name, b.key))\n"
        f"    and b.key in (select {one.key} from {real(shape)} as t{one.joins});"
    )


def rows_to_write(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that makes the rows to write, with production's ids for every reference."""
    joins = "".join(
        f"\n  left join {keys(shapes[reference.table])} as {name('k.' + column)}"
        f" on {name('k.' + column)}.key = s.{name(column)}"
        for column, reference in shape.references.items()
    )
    values = ", ".join(_ready(shape, shapes, column) for column in shape.columns)
    return (
        f"insert into {ready(shape)} (maulstick_row, {names(shape.columns)})\n"
        f"  select s.ctid, {values}\n  from {stage(shape)} as s{joins}\n"
        f'  join {CHANGE} as c on c."row" = s.ctid and c.table_name = {literal(shape.label)}'
        f" and c.action in ('insert', 'update');"
    )


def _ready(shape: Shape, shapes: Shapes, column: str) -> str:
    if column in shape.references:
        return f"{name('k.' + column)}.id"
    found = [one for one in shape.json_references if one.column == column]
    if not found:
        return f"s.{name(column)}"
    return f"({rewrite_json(f's.{name(column)}::jsonb', found, _id_of_key(shapes))})::{shape.types[column]}"


def _id_of_key(shapes: Shapes) -> Callable[[str, str], str]:
    def id_of_key(table: str, value: str) -> str:
        rows = f"{keys(shapes[table])} as pointed"
        return f"(select to_jsonb(pointed.id) from {rows} where pointed.key = {value} #>> '{{}}')"

    return id_of_key


def _found(shape: Shape, shapes: Shapes) -> str:
    if shape.surrogate:
        return f"\n  left join {real(shape)} as t on k.found and t.{name(shape.surrogate)} = k.id"
    return production_join(shape, shapes, kind="left join")


def _object(columns: list[str] | tuple[str, ...], texts: list[str]) -> str:
    return f"jsonb_object({literals(columns)}, array[{', '.join(texts)}]::text[])"


def _staged_part(shape: Shape, shapes: Shapes, column: str) -> str:
    if column in shape.references:
        return as_json(shapes, shape.references[column].table, f"s.{name(column)}")
    return f"to_json(s.{name(column)}::text)"


def _same(shape: Shape, column: str) -> str:
    staged, there = f"s.{name(column)}", f"t.{name(column)}"
    if column in shape.references:
        key = name("k." + column)
        same = f"array[{there}] = array[{key}.id]" if column in shape.nullable else f"{there} = {key}.id"
        return f"({staged} is null or {key}.found) and {same}"
    return f"array[{there}] = array[{staged}]" if column in shape.nullable else f"{there} = {staged}"
