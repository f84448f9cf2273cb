"""The types of generated columns, each with values that could be mistaken for one another or for SQL."""

from __future__ import annotations

from hypothesis import strategies as st

TYPES = """
create schema extensions;
create extension citext schema extensions;
create extension ltree schema extensions;
create domain word as extensions.citext check (value <> 'never');
create type mood as enum ('sad', 'it''s ok', 'happy');
create domain percent as numeric check (value between 0 and 100);
create type pair as (x integer, y text);
"""

HOSTILE = (
    "\\.",
    "\\N",
    "\n\\.\n",
    "'; drop table t0; --",
    "$maulstick$ $$ $1",
    ":name \"q\" 'q' `ls`",
    "\\! touch x\n\\gexec",
    "-- maulstick: end\ncommit;\n",
    "%s %I %L %%",
    "\t\r\x01\x08\x0b\x1b[31m\x7f\u2028\U0001f3a8",
    "NULL",
    " ",
    "",
)
CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
TEXTS = st.one_of(st.sampled_from(("a", "b", "A", *HOSTILE)), st.text(CHARACTERS, max_size=6))

VALUES = {
    "text": TEXTS,
    "integer": st.sampled_from(("0", "1", "-1", "2147483647")),
    "numeric": st.sampled_from(("0", "1.0", "1.00", "-0.5", "NaN", "1e-20", "99999999999999999999")),
    "boolean": st.sampled_from(("true", "false")),
    "timestamp without time zone": st.sampled_from(("2025-01-02 03:04:05", "infinity", "0044-03-15 BC")),
    "timestamp with time zone": st.sampled_from(("2025-03-30 01:30:00.123456+01", "-infinity")),
    "date": st.sampled_from(("2025-02-28", "0001-01-01", "infinity")),
    "interval": st.sampled_from(("1 day", "24 hours", "-1 year 2 days")),
    "double precision": st.sampled_from(("0", "-0", "0.1", "0.10000000000000002", "NaN", "1e300")),
    "jsonb": st.sampled_from(('{"a": 1}', '{"a": 1.0}', "null", '[{"b": "\\u00e9\\\\"}]', '"x"')),
    "json": st.sampled_from(('{"a":1}', '{"a": 1}', '{"a":1,"a":2}', "[]")),
    "bytea": st.binary(max_size=4).map(lambda found: "\\x" + found.hex()),
    "extensions.citext": st.sampled_from(("Anna", "ANNA", "a\\b")),
    "extensions.citext[]": st.sampled_from(("{Anna,NULL}", "{ANNA,NULL}", "{}")),
    "word": st.sampled_from(("Anna", "ANNA", "")),
    "extensions.ltree": st.sampled_from(("a.b", "a.B", "a", "")),
    "mood": st.sampled_from(("sad", "it's ok", "happy")),
    "percent": st.sampled_from(("0", "99.9", "99.90")),
    "pair": st.sampled_from(('(1,"it\'s, (""odd"") \\\\ ")', "(1,)", "(,a)")),
    "text[]": st.sampled_from(("{}", "{NULL}", '{"NULL",""}', '{"a,b","\\"","\\\\"}', "{{a},{b}}")),
    "integer[]": st.sampled_from(("{1,2}", "[0:1]={1,2}", "{}")),
    "int4range": st.sampled_from(("[1,5)", "empty", "(,3)")),
    "uuid": st.sampled_from((f"{'0' * 8}-0000-4000-8000-{'0' * 12}", f"{'f' * 8}-0000-4000-8000-{'0' * 12}")),
}
"""Values by the name of their type, as a table is made with it."""

KEYS = {
    "text": st.one_of(st.sampled_from(("a", "b", "c")), TEXTS),
    "integer": st.sampled_from(("0", "1", "2", "-1")),
    "date": st.sampled_from(("2025-02-28", "2025-03-01", "infinity")),
    "mood": VALUES["mood"],
    "uuid": VALUES["uuid"],
    "boolean": VALUES["boolean"],
    "bytea": st.sampled_from(("\\x", "\\x00", "\\x5c2e")),
    "text[]": st.sampled_from(("{}", "{NULL}", "{a}")),
    "extensions.ltree": st.sampled_from(("a.b", "a.B", "a")),
}
"""Values of columns that are part of a key: few, so that both sides often name the same row."""

DEFAULTS = {"text": "hall", "integer": "0", "numeric": "1.0", "boolean": "false", "mood": "sad"}
"""Constant defaults that a column of the type may have, as PostgreSQL prints them."""
