"""What anybody may plant in a schema of the site's path: overloads of PostgreSQL's functions and operators.

Each of them notes its number in a sequence, which no rollback takes back, and returns null.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import maulstick
from tests.databases.places import Place

SCALARS = ("text", "character varying", "name", "bigint", "integer", "smallint", "numeric", "jsonb")
MORE = ("character", "uuid", "date", "timestamp without time zone", "timestamp with time zone", "oid", "tid")
ARRAYS = ("text[]", "character varying[]", "bigint[]", "anyarray")
VALUED = ["||", "->", "->>", "+", "-", "*", "/", "%"]
OPERATORS = ["=", "<>", "<", ">", "<=", ">=", "@>", "<@", "&&", "?", "?|", "~", *VALUED]
COUNTER = "public.trap"


def plant(place: Place, own: tuple[str, ...] = ()) -> dict[int, str]:
    """Plant overloads, for types of the site's own too; return them by their numbers."""
    names = _names(place)
    calls = [(name, types) for name in names for types in _signatures(place, name, own)]
    pairs = [*itertools.product((*SCALARS, *own), repeat=2), *((one, one) for one in (*MORE, *ARRAYS))]
    operators = [(sign, pair) for sign in OPERATORS for pair in pairs]
    planted: dict[int, str] = {}
    text = [f"create sequence {COUNTER};"]
    for number, (name, types) in enumerate(calls, 1):
        planted[number] = f"{name}({', '.join(types)})"
        text.append(_function(f'public."{name}"', types, _result(types), number))
    for number, (sign, types) in enumerate(operators, len(calls) + 1):
        planted[number] = f"{types[0]} {sign} {types[1]}"
        result = types[0] if sign in VALUED else "boolean"
        text.append(_function(f"public.planted_{number}", types, result, number))
        text.append(
            f"create operator public.{sign} (leftarg = {types[0]}, rightarg = {types[1]},"
            f" function = public.planted_{number});"
        )
    place.run("\n".join(text))
    return planted


def sprung(place: Place, planted: dict[int, str]) -> str:
    """Return the last planted thing that ran, "" if none did."""
    number, was_called = place.rows(f"select last_value, is_called from {COUNTER}")[0]
    return planted[number] if was_called else ""


def _function(name: str, types: tuple[str, ...], result: str, number: int) -> str:
    return (
        f"create or replace function {name}({', '.join(types)}) returns {result} language plpgsql as"
        f" $$ begin perform pg_catalog.setval('{COUNTER}', {number}); return null; end $$;"
    )


def _result(types: tuple[str, ...]) -> str:
    return "anyelement" if "anyelement" in types else "text"


def _names(place: Place) -> list[str]:
    """Return the names of PostgreSQL's functions that stand in our own code."""
    code = Path(maulstick.__file__).parent
    files = [path for path in code.rglob("*") if path.suffix in (".py", ".sql")]
    words = {word for path in files for word in re.findall(r"\b[a-z_0-9]+(?=\()", path.read_text())}
    there = "select distinct proname::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace"
    return sorted(name for (name,) in place.rows(there) if name in words)


def _signatures(place: Place, name: str, own: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return signatures of up to three arguments that PostgreSQL would take before its own."""
    found = place.rows(
        "select array(select format_type(t, null) from unnest(proargtypes) as t) from pg_proc"
        " where proname = %s and pronamespace = 'pg_catalog'::regnamespace and pronargs between 1 and 3"
        " and prokind in ('f', 'a')",
        name,
    )
    other = {
        "text": ("text", "character varying", "name", *own),
        "bigint": ("bigint", "integer"),
        "integer": ("integer", "bigint"),
        "numeric": ("numeric", "integer"),
        '"any"': ("text", "character varying", "bigint", "name", *own),
        "anyelement": ("text", "character varying", "bigint", *own),
        "anyarray": ("text[]", "character varying[]", "bigint[]"),
        "anycompatible": ("text", "character varying"),
        "anycompatiblearray": ("text[]", "character varying[]"),
    }
    signatures = {
        tuple(types)
        for (declared,) in found
        for types in itertools.product(*(other.get(one, (one,)) for one in declared))
    }
    return {types for types in signatures if not any('"' in one or "internal" in one for one in types)}
