"""SQL as text is quoted here and nowhere else, by psycopg's own rules."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql


def name(*parts: str) -> str:
    """Return an identifier, each part quoted: `"public"."artworks"`."""
    return sql.Identifier(*parts).as_string(None)


def literal(value: str | int | bool | None) -> str:
    """Return a value as an SQL literal."""
    return sql.Literal(value).as_string(None).strip()


def names(columns: Iterable[str], alias: str | None = None) -> str:
    """Return identifiers joined by commas, each behind `alias` where one is given."""
    return ", ".join(name(column) if alias is None else name(alias, column) for column in columns)


def literals(values: Iterable[str | None]) -> str:
    """Return an SQL text array of the values."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def block(body: str) -> str:
    """Return an anonymous plpgsql block; its dollar quote is one that the body does not hold."""
    tag = "$maulstick$"
    while tag in body:
        tag = tag[:-1] + "_$"
    return f"do {tag}\n{body.strip()}\n{tag};"
