"""Rows found again by their keys' texts, through an index where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maulstick.postgres.quoting import literal, name
from maulstick.postgres.tables.portable_rows import join_alias
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

TEXTS = re.compile(r"(text|character varying)(\(\d+\))?")
TYPES = re.compile(
    r"(bigint|integer|smallint|numeric|uuid|date|time(stamp)?(\(\d\))? with(out)? time zone)(\([\d,]+\))?"
)
"""Types of which a value's text is read as a value that is equal to it, by their own `=`."""


def by_values(spec: TableSpec, specs: TableSpecs, alias: str, key: str) -> str:
    """Return the SQL, to stand behind a condition, of what holds for every row that has a key.

    An index may find rows by it. It holds for other rows too, whose values are equal and spelt otherwise: the
    text of the key must be compared beside it. `alias` is that of the rows, whose joins are those of `image`.
    """
    return "".join(f"\n    and {one}" for one in _conditions(spec, specs, alias, key, ()))


def _conditions(
    spec: TableSpec, specs: TableSpecs, alias: str, key: str, path: tuple[int, ...]
) -> Iterator[str]:
    if spec.up is not None:
        return
    if spec.key_is_value:
        yield from _condition(spec, alias, spec.key[0], f"({key}::jsonb {_at(path)})" if path else key)
        return
    for number, column in enumerate(spec.key):
        there = (*path, number)
        if column in spec.nullable or column in spec.pointing or not spec.travels:
            continue
        if column in spec.references:
            pointed = specs[spec.references[column].table]
            yield from _conditions(pointed, specs, join_alias(alias, column), key, there)
        else:
            yield from _condition(spec, alias, column, f"({key}::jsonb {_at(there)})")


def _condition(spec: TableSpec, alias: str, column: str, text: str) -> Iterator[str]:
    type_ = spec.types.get(column, "")
    if TEXTS.fullmatch(type_):
        yield f"{name(alias, column)} operator(pg_catalog.=) {text}"
    elif TYPES.fullmatch(type_):
        yield f"{name(alias, column)} operator(pg_catalog.=) {text}::{type_}"


def _at(path: tuple[int, ...]) -> str:
    return f"#>> {literal('{' + ','.join(map(str, path)) + '}')}"
