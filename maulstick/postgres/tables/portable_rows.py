"""The SQL that shows a row in its portable form: every value as text, every reference as a key.

The same text runs on both sides, so what is compared was made by one expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from maulstick.postgres.quoting import fitting, literal, name, names
from maulstick.postgres.tables.equality import INTEGERS, equal
from maulstick.postgres.tables.hidden_ids import AS_TEXT, NOWHERE, FarEnd, FarEndOf, is_id, portable
from maulstick.postgres.tables.json_paths import rewrite_json
from maulstick.postgres.tables.specs import Reference, TableSpec, TableSpecs


@dataclass(frozen=True, slots=True)
class PortableRow:
    """A table's rows in portable form: SQL for the key, for each column, and the joins they need."""

    key: str
    columns: dict[str, str]
    joins: str


def portable_row(spec: TableSpec, specs: TableSpecs, alias: str) -> PortableRow:
    """Compose the SQL that shows `spec`'s rows, read as `alias`, in portable form."""
    joins = list(_joins(spec, specs, alias, spec.columns))
    columns = {column: _text(spec, specs, alias, column) for column in spec.columns}
    return PortableRow(key_text(spec, specs, alias), columns, "".join(joins))


def row_hash(one: PortableRow, columns: Sequence[str]) -> str:
    """Compose the SQL of a 64-bit hash of a row's columns; a table's rows are compared by the sum of theirs.

    The bytes of an array of texts keep lengths and nulls apart. As one value, they go through the server's
    hash whole: a record of many columns hashes to a sum of them, and two rows may have swapped a value.
    """
    texts = ", ".join(one.columns[column] for column in columns)
    return f"hash_record_extended(row(array_send(array[{texts}]::text[])), 0)"


def portable_key(spec: TableSpec, specs: TableSpecs, alias: str) -> PortableRow:
    """Compose the SQL of the key alone, with the joins that it needs."""
    return PortableRow(key_text(spec, specs, alias), {}, "".join(_joins(spec, specs, alias, spec.stem)))


def key_text(spec: TableSpec, specs: TableSpecs, alias: str) -> str:
    """Compose the SQL of a row's key as text: the value itself, or a JSON array if it may be more."""
    if spec.up is not None:
        return _path(spec, specs, alias, spec.up)
    parts = [_key_part(spec, specs, alias, column) for column in spec.key]
    plain = f'({name(alias, spec.key[0])}::text collate "C")'  # a column's own may call two texts one
    return array_key(parts, is_value=spec.key_is_value, plain=plain)


def array_key(parts: list[str], *, is_value: bool, plain: str) -> str:
    """Compose the SQL of a key from its parts as JSON."""
    return plain if is_value else f"array_to_json(array[{', '.join(parts)}]::json[])::text"


def as_json(specs: TableSpecs, table: str, text: str) -> str:
    """Compose the SQL of a key text as JSON: a string, or the array that it is."""
    return f"to_json({text})" if specs[table].key_is_value else f"({text})::json"


def _text(spec: TableSpec, specs: TableSpecs, alias: str, column: str) -> str:
    reference = spec.references.get(column)
    if reference is not None:
        return _pointed_key(specs, reference.table, join_alias(alias, column), name(alias, column))
    if column in spec.pointing:
        return f'{portable(spec, alias, column, _far_end_of(specs))} collate "C"'
    found = [one for one in spec.json_references if one.column == column]
    if not found:
        return f'{name(alias, column)}::text collate "C"'
    whole = rewrite_json(f"{name(alias, column)}::jsonb", found, _key_of_id(specs))
    return f'({whole})::text collate "C"'


def _far_end_of(specs: TableSpecs) -> FarEndOf:
    def far_end(table: str, alias: str) -> FarEnd:
        pointed = specs[table]
        one = portable_key(pointed, specs, alias)
        rows = f"{name(pointed.schema, pointed.name)} as {name(alias)}{one.joins}"
        return FarEnd(rows, name(alias, pointed.surrogate or ""), one.key)

    return far_end


def _key_of_id(specs: TableSpecs) -> Callable[[str, str], str]:
    def key_of_id(table: str, value: str) -> str:
        far = _far_end_of(specs)(table, "pointed")
        key = f"to_jsonb({far.key})"
        wrapped = f"jsonb_build_object({literal(AS_TEXT)}, {far.key})"
        shown = f"case when to_jsonb({far.id}) = {value} then {key} else {wrapped} end"
        same = _is_id_in_json(far.id, value, specs[table].id_type)
        nowhere = f"jsonb_build_object({literal(NOWHERE)}, {value})"
        return f"coalesce((select {shown} from {far.rows} where {same}), {nowhere})"

    return key_of_id


def _is_id_in_json(id_: str, value: str, type_: str) -> str:
    """Compose the SQL of whether an id is the one in a JSON number or text, so that its index serves."""
    text = f"{value} #>> '{{}}'"
    if type_ in INTEGERS:
        number = f"trim_scale(({value})::numeric)::text"
        return is_id(id_, f"(case jsonb_typeof({value}) when 'number' then {number} else {text} end)", type_)
    is_text = f"jsonb_typeof({value}) = 'string'"
    if type_ == "uuid":
        return f"{is_text} and {is_id(id_, f'({text})', type_)}"
    return f"(to_jsonb({id_}) = {value} or {is_text} and {id_}::text = {text})"


def _key_part(spec: TableSpec, specs: TableSpecs, alias: str, column: str) -> str:
    reference = spec.references.get(column)
    if column in spec.pointing:
        return f"({portable(spec, alias, column, _far_end_of(specs))})::json"
    if reference is None:
        return f"to_json({name(alias, column)}::text)"
    text = _pointed_key(specs, reference.table, join_alias(alias, column), name(alias, column))
    return as_json(specs, reference.table, text)


def _pointed_key(specs: TableSpecs, table: str, alias: str, column: str) -> str:
    text = key_text(specs[table], specs, alias)
    return f'(case when {column} is not null then {text} end) collate "C"'


def join_alias(alias: str, column: str) -> str:
    """Return the alias of the row that an alias's column references."""
    return fitting(f"{alias}.{column}")


def _joins(spec: TableSpec, specs: TableSpecs, alias: str, columns: tuple[str, ...]) -> Iterator[str]:
    for column in columns:
        reference = spec.references.get(column)
        if reference is None:
            continue
        pointed, inner = specs[reference.table], join_alias(alias, column)
        same = leads_to(reference, pointed, (alias, column), inner)
        yield f"\n  left join {name(pointed.schema, pointed.name)} as {name(inner)} on {same}"
        yield from _joins(pointed, specs, inner, pointed.stem)


def leads_to(reference: Reference, pointed: TableSpec, here: tuple[str, str], there: str) -> str:
    """Compose the SQL of whether the column `here`, an alias and a name, references the row `there`."""
    alias, column = here
    pairs = [(column, pointed.id or ""), *reference.beside]
    types = [pointed.types.get(two, "bigint") for _, two in pairs]  # old bundles do not name those of ids
    return " and ".join(
        equal(name(there, two), name(alias, one), type_)
        for (one, two), type_ in zip(pairs, types, strict=True)
    )


DEEPEST = 100
"""Levels of a tree that a key may have."""


def _path(spec: TableSpec, specs: TableSpecs, alias: str, up: str) -> str:
    """Compose the SQL of a key that contains its parent's, and so on up to the root.

    From the row upwards, what stands before and behind the parent's key is gathered. A row whose way up never
    ends at a root has no key: NULL.
    """
    reference = spec.references[up]
    carried = [up, *(here for here, _ in reference.beside)]
    columns = [name(f"c{n}") for n in range(len(carried))]
    there = [spec.id or "", *(two for _, two in reference.beside)]
    same = " and ".join(f"{name('up', one)} = climb.{two}" for one, two in zip(there, columns, strict=True))
    joins = "".join(_joins(spec, specs, "up", spec.stem))
    return f"""((with recursive climb(n, {", ".join(columns)}, ahead, behind) as (
    select 0, {names(carried, alias)}, {", ".join(_around(spec, specs, alias, up))}
    union all select climb.n + 1, {names(carried, "up")}, {", ".join(_around(spec, specs, "up", up))}
      from climb join {name(spec.schema, spec.name)} as up on {same}{joins} where climb.n < {DEEPEST})
  select case when bool_or(climb.c0 is null) then string_agg(climb.ahead, '' order by climb.n) || 'null'
    || string_agg(climb.behind, '' order by climb.n desc) end from climb) collate "C")"""


def _around(spec: TableSpec, specs: TableSpecs, alias: str, up: str) -> tuple[str, str]:
    """Compose the SQL of what comes before and after the parent's key in a row's own."""
    at = spec.key.index(up)
    parts = [f"coalesce({_key_part(spec, specs, alias, one)}::text, 'null')" for one in spec.stem]
    ahead = [f"{part} || ','" for part in parts[:at]]
    behind = [f"',' || {part}" for part in parts[at:]]
    return " || ".join(["'['", *ahead]), " || ".join([*behind, "']'"])
