"""When two values of a type are equal: as the type itself says, in whatever schema its operators are."""

from __future__ import annotations

import re

PLAIN = re.compile(
    r'(text|character varying|character|"char"|name|bigint|integer|smallint|oid|numeric|real|double precision'
    r"|money|uuid|boolean|date|bytea|inet|cidr|macaddr8?|interval|bit( varying)?"
    r"|time(stamp)?(\(\d\))? with(out)? time zone)(\([\d,]+\))?"
)
"""Built-in types, whose operators are in `pg_catalog`."""

INTEGERS = ("smallint", "integer", "bigint")
TEXTS = ("text", "character varying", "character", "citext")


def is_plain(type_: str) -> bool:
    """Return whether `=` alone finds a type's equality; arrays use that of their elements."""
    return type_.endswith("[]") or PLAIN.fullmatch(type_) is not None


def equal(one: str, two: str, type_: str, other: str | None = None) -> str:
    """Compose the SQL of whether two expressions of these types are equal, null where one is.

    Arrays of them are compared by the types' default operator class, which no search path changes. A plain
    `=` would take a citext for a text, or run the operator of whoever made one.
    """
    other = type_ if other is None else other
    if is_plain(type_) or is_plain(other):
        return f"{one} operator(pg_catalog.=) {two}"
    if type_ == other:
        same = f"array[{one}] operator(pg_catalog.=) array[{two}]"
    else:  # a domain and what it rests on: an array of both is of what both are
        both = f"array[{one}, {two}]"
        same = f"({both})[1:1] operator(pg_catalog.=) ({both})[2:2]"
    return f"({one} is not null and {two} is not null and {same})"


def equal_or_null(one: str, two: str) -> str:
    """Compose the SQL of whether two expressions of one type are equal, or both null."""
    return f"array[{one}] operator(pg_catalog.=) array[{two}]"
