"""Ids of other rows that no foreign key shows: inside JSON, and in columns with pointers.

They travel as keys, as references do. The same place is looked at by ids in a database's own rows, and by
keys in staged ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from maulstick.postgres.quoting import braced, fitting, literal, name
from maulstick.postgres.tables.equality import INTEGERS
from maulstick.postgres.tables.json_paths import leaves
from maulstick.postgres.tables.specs import Pointing, TableSpec
from maulstick.project.declarations import JsonReference, Missing

NOWHERE = "no row"
"""What an id of no row becomes: an object with this single name, which no key is."""
PLAIN = "as it is"
"""What a value becomes that its plugin calls plain: an object with this single name."""
AS_TEXT = "as text"
"""What an id stored as text in JSON becomes: an object with this single name, holding the key."""


@dataclass(frozen=True, slots=True)
class FarEnd:
    """The rows that ids name, as SQL: the FROM item, and a row's id and key."""

    rows: str
    id: str
    key: str


FarEndOf = Callable[[str, str], FarEnd]
"""Returns the far end of a table by its name, its rows under an alias."""
IdOf = Callable[[str, str], str]
"""Returns the SQL of the id, as text, of the row of a table with a key."""


@dataclass(frozen=True, slots=True)
class HiddenIds:
    """A place in a row that holds ids of rows of `table`.

    `ids` and `keys` give a query of one column, text, from the alias of a row: of a real or a staged one.
    """

    column: str
    table: str
    says: str
    ids: Callable[[str], str]
    keys: Callable[[str], str]
    missing: Missing = "error"


def hidden_ids(spec: TableSpec) -> Iterator[HiddenIds]:
    """Yield every place in a table's rows that holds ids of other rows."""
    for reference in spec.json_references:
        yield _in_json(reference)
    for pointing in spec.pointers:
        if pointing.table:
            yield _in_column(spec, pointing)


def key_of_leaf(value: str) -> str:
    """Compose the SQL of the key in a staged value inside JSON, as text."""
    return f"coalesce({value} ->> {literal(AS_TEXT)}, {value} #>> '{{}}')"


def is_id(id_: str, text: str, type_: str) -> str:
    """Compose the SQL of whether an id of some type is the one in a text."""
    if type_ in INTEGERS:
        whole = f"{text} ~ '^(0|-?[1-9][0-9]{{0,18}})$'"
        fits = f"case when abs({text}::numeric) < 9223372036854775808 then {text}::bigint end"
        return f"{id_} = (case when {whole} then {fits} end)"
    if type_ == "uuid":
        whole = f"{text} ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'"
        return f"{id_} = (case when {whole} then {text}::uuid end)"
    return f"{id_}::text = {text}"


def holds(pointing: Pointing, spec: TableSpec, alias: str) -> str:
    """Compose the SQL of whether a row, read as `alias`, meets a pointer's condition."""
    if pointing.where is None:
        return "true"
    return (
        f"exists (select from (select {name(alias)}.*) as {name(spec.name)} where {braced(pointing.where)})"
    )


def portable(spec: TableSpec, alias: str, column: str, far_end: FarEndOf) -> str:
    """Compose the SQL of a column with pointers in portable form: each id as `{"table": key}`."""
    value, inner = name(alias, column), fitting(f"{alias}.{column}")
    ways = [one for one in spec.pointers if one.column == column]
    branches = "".join(
        f" when {holds(one, spec, alias)} then {_whole(one, value, inner, far_end)}" for one in ways
    )
    return f"(case when {value} is null then null{branches} else {_object(NOWHERE, value)} end)::text"


def from_portable(spec: TableSpec, column: str, value: str, id_of: IdOf) -> str:
    """Compose the SQL of a column's value from its portable form."""
    ways = [one for one in spec.pointers if one.column == column]
    tables = [*dict.fromkeys(one.table for one in ways if one.table)]
    staged, type_ = f"({value}::jsonb)", spec.types[column]
    if not any(one.is_array for one in ways):
        return f"({_back(tables, staged, id_of)})::{type_}"
    items = f"jsonb_array_elements({staged}) with ordinality as item(value, n)"
    each = f"array_agg({_back(tables, 'item.value', id_of)} order by item.n)"
    array = f"(select coalesce({each}, '{{}}') from {items})::{type_}"
    other = f"({_back([], staged, id_of)})::{type_}"
    return f"(case when jsonb_typeof({staged}) = 'array' then {array} else {other} end)"


def _whole(one: Pointing, value: str, alias: str, far_end: FarEndOf) -> str:
    if not one.table:
        return _object(PLAIN, value)
    if not one.is_array:
        return _key(one, value, alias, far_end)
    inner = f"case when item.value is not null then {_key(one, 'item.value', alias, far_end)} end"
    items = f"unnest({value}) with ordinality as item(value, n)"
    array = f"(select coalesce(jsonb_agg({inner} order by item.n), '[]') from {items})"
    return f"case when {is_odd(value)} then {_object(NOWHERE, value)} else {array} end"


def is_odd(array: str) -> str:
    """Compose the SQL of whether an array is not a plain list that starts at 1: it cannot be followed."""
    return f"(array_ndims({array}) > 1 or array_lower({array}, 1) <> 1)"


def _key(one: Pointing, value: str, alias: str, far_end: FarEndOf) -> str:
    far = far_end(one.table, alias)
    same = is_id(far.id, f"({value}::text)", one.compared) if one.compared else f"{far.id} = {value}"
    key = f"(select jsonb_build_object({literal(one.table)}, {far.key}) from {far.rows} where {same})"
    return f"coalesce({key}, {_object(NOWHERE, value)})"


def _object(key: str, value: str) -> str:
    return f"jsonb_build_object({literal(key)}, {value}::text)"


def _back(tables: Iterable[str], value: str, id_of: IdOf) -> str:
    ids = [id_of(table, f"{value} ->> {literal(table)}") for table in tables]
    return f"coalesce({', '.join([*ids, *(f'{value} ->> {literal(one)}' for one in (NOWHERE, PLAIN))])})"


def _in_json(reference: JsonReference) -> HiddenIds:
    def inside(alias: str) -> str:
        return leaves(f"{name(alias, reference.column)}::jsonb", reference.path)

    def ids(alias: str) -> str:
        number = "trim_scale((leaf.value)::numeric)::text"
        text = f"case jsonb_typeof(leaf.value) when 'number' then {number} else leaf.value #>> '{{}}' end"
        return f"select {text} from {inside(alias)}"

    def keys(alias: str) -> str:
        wrapped = f"leaf.value -> {literal(AS_TEXT)}"
        named = f"jsonb_typeof(leaf.value) = 'string' or jsonb_typeof({wrapped}) = 'string'"
        return f"select {key_of_leaf('leaf.value')} from {inside(alias)} where {named}"

    return HiddenIds(reference.column, reference.table, f"{reference.column} {reference.path}", ids, keys)


def _in_column(spec: TableSpec, one: Pointing) -> HiddenIds:
    earlier = [way for way in spec.pointers if way.column == one.column]
    earlier = earlier[: earlier.index(one)]

    def ids(alias: str) -> str:
        first = [holds(one, spec, alias), *(f"not {holds(way, spec, alias)}" for way in earlier)]
        value = name(alias, one.column)
        rows = f"unnest({value}) as item(value)" if one.is_array else f"(select {value}) as item(value)"
        return f"select item.value::text from {rows} where item.value is not null and {' and '.join(first)}"

    def keys(alias: str) -> str:
        staged = f"({name(alias, one.column)}::jsonb)"
        items = f"case jsonb_typeof({staged}) when 'array' then {staged} else jsonb_build_array({staged}) end"
        key = f"item.value ->> {literal(one.table)}"
        return f"select {key} from jsonb_array_elements({items}) as item(value) where {key} is not null"

    return HiddenIds(one.column, one.table, one.column, ids, keys, one.missing)
