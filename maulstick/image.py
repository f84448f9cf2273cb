"""The SQL that shows a row in its portable form: every value as text, every reference as a key.

The same text runs on both sides, so what is compared was made by one expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from maulstick.equality import equal
from maulstick.json_paths import rewrite_json
from maulstick.quote import fitting, literal, name
from maulstick.shapes import Shape, Shapes


@dataclass(frozen=True, slots=True)
class Image:
    """A table's rows in portable form: SQL for the key, for each column, and the joins they need."""

    key: str
    columns: dict[str, str]
    joins: str


def image(shape: Shape, shapes: Shapes, alias: str) -> Image:
    """Return the SQL that shows `shape`'s rows, read as `alias`, in portable form."""
    joins = list(_joins(shape, shapes, alias, shape.columns))
    columns = {column: _text(shape, shapes, alias, column) for column in shape.columns}
    return Image(key_text(shape, shapes, alias), columns, "".join(joins))


def row_hash(one: Image, columns: Sequence[str]) -> str:
    """Return the SQL of a 64-bit hash of a row's columns; the rows of a table are told by the sum of theirs.

    The bytes of an array of texts keep lengths and nulls apart. As one value, they go through the server's
    hash whole: a record of many columns hashes to a sum of them, and two rows may have swapped a value.
    """
    texts = ", ".join(one.columns[column] for column in columns)
    return f"hash_record_extended(row(array_send(array[{texts}]::text[])), 0)"


def key_image(shape: Shape, shapes: Shapes, alias: str) -> Image:
    """Return the SQL of the key alone, with the joins that it needs."""
    return Image(key_text(shape, shapes, alias), {}, "".join(_joins(shape, shapes, alias, shape.key)))


def key_text(shape: Shape, shapes: Shapes, alias: str) -> str:
    """Return the SQL of a row's key as text: the value itself, or a JSON array where it may be more."""
    parts = [_key_part(shape, shapes, alias, column) for column in shape.key]
    plain = f'({name(alias, shape.key[0])}::text collate "C")'  # a column's own may call two texts one
    return array_key(parts, is_value=shape.key_is_value, plain=plain)


def array_key(parts: list[str], *, is_value: bool, plain: str) -> str:
    """Return the SQL of a key from its parts as JSON."""
    return plain if is_value else f"array_to_json(array[{', '.join(parts)}]::json[])::text"


def as_json(shapes: Shapes, table: str, text: str) -> str:
    """Return the SQL of a key text as JSON: a string, or the array that it is."""
    return f"to_json({text})" if shapes[table].key_is_value else f"({text})::json"


def _text(shape: Shape, shapes: Shapes, alias: str, column: str) -> str:
    reference = shape.references.get(column)
    if reference is not None:
        return _pointed_key(shapes, reference.table, _join_alias(alias, column), name(alias, column))
    found = [one for one in shape.json_references if one.column == column]
    if not found:
        return f'{name(alias, column)}::text collate "C"'
    whole = rewrite_json(f"{name(alias, column)}::jsonb", found, _key_of_id(shapes))
    return f'({whole})::text collate "C"'


NOWHERE = "no row"
"""What an id in JSON becomes that names no row: an object of this one name, which no key is."""


def _key_of_id(shapes: Shapes) -> Callable[[str, str], str]:
    def key_of_id(table: str, value: str) -> str:
        pointed = shapes[table]
        one = key_image(pointed, shapes, "pointed")
        rows = f"{name(pointed.schema, pointed.name)} as pointed{one.joins}"
        same = f"to_jsonb(pointed.{name(pointed.surrogate or '')}) = {value}"
        nowhere = f"jsonb_build_object({literal(NOWHERE)}, {value})"
        return f"coalesce((select to_jsonb({one.key}) from {rows} where {same}), {nowhere})"

    return key_of_id


def _key_part(shape: Shape, shapes: Shapes, alias: str, column: str) -> str:
    reference = shape.references.get(column)
    if reference is None:
        return f"to_json({name(alias, column)}::text)"
    text = _pointed_key(shapes, reference.table, _join_alias(alias, column), name(alias, column))
    return as_json(shapes, reference.table, text)


def _pointed_key(shapes: Shapes, table: str, alias: str, column: str) -> str:
    text = key_text(shapes[table], shapes, alias)
    return f'(case when {column} is not null then {text} end) collate "C"'


def _join_alias(alias: str, column: str) -> str:
    return fitting(f"{alias}.{column}")


def _joins(shape: Shape, shapes: Shapes, alias: str, columns: tuple[str, ...]) -> Iterator[str]:
    for column in columns:
        reference = shape.references.get(column)
        if reference is None:
            continue
        pointed, inner = shapes[reference.table], _join_alias(alias, column)
        table, id_there = name(pointed.schema, pointed.name), name(inner, pointed.surrogate or "")
        same = equal(id_there, name(alias, column), pointed.id_type)
        yield f"\n  left join {table} as {name(inner)} on {same}"
        yield from _joins(pointed, shapes, inner, pointed.key)
