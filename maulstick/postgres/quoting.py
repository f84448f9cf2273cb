"""SQL as text is quoted here and nowhere else, by psycopg's own rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from psycopg import sql

LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts off the rest of a name without an error."""


@lru_cache(4096)
def name(*parts: str) -> str:
    """Return an identifier, each part quoted: `"public"."artworks"`."""
    return sql.Identifier(*parts).as_string(None)


@lru_cache(1024, typed=True)
def literal(value: str | int | bool | None) -> str:
    """Return a value as an SQL literal."""
    return sql.Literal(value).as_string(None).strip()


def names(columns: Iterable[str], alias: str | None = None) -> str:
    """Return identifiers joined by commas, each behind `alias` where one is given."""
    return ", ".join(name(column) if alias is None else name(alias, column) for column in columns)


def literals(values: Iterable[str | None]) -> str:
    """Compose an SQL text array of the values."""
    return f"array[{', '.join(literal(value) for value in values)}]::text[]"


def braced(condition: str) -> str:
    """Return somebody's SQL in parentheses of its own; it may end with a comment."""
    return f"({condition}\n)"


def template(text: str) -> str:
    """Compose SQL for a template of PostgreSQL's `format()`: its own percent signs stay what they are."""
    return text.replace("%", "%%")


def fitting(text: str) -> str:
    """Return a name of ours that PostgreSQL does not cut off: the end of a long one becomes a digest."""
    whole = text.encode()
    if len(whole) <= LONGEST_NAME:
        return text
    digest = hashlib.sha256(whole).hexdigest()[:16]
    return whole[: LONGEST_NAME - 17].decode(errors="ignore") + "_" + digest


def block(body: str) -> str:
    """Return an anonymous plpgsql block; its dollar quote is one that the body does not hold."""
    tag = "$maulstick$"
    while tag in body:
        tag = tag[:-1] + "_$"
    return f"do {tag}\n{body.strip()}\n{tag};"
