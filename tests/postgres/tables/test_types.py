"""Values of every type: released exactly, known as equal, and told apart where they differ."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.deciding import undone
from tests.databases.places import both, export, plan, release

MORE = """
create extension if not exists citext;
create type mood as enum ('sad', 'it''s ok', 'happy');
create domain percent as numeric check (value between 0 and 100);
create type pair as (x integer, y text);
"""
PAIRS = [
    ("numeric", "'1.0'", "'1.00'"),
    ("numeric(10,2)", "'1.00'", "'1.01'"),
    ("numeric", "'NaN'", "'Infinity'"),
    ("double precision", "'0.1'", "'0.10000000000000002'"),
    ("double precision", "'0'", "'-0'"),
    ("real", "'1e10'", "'1.0000001e10'"),
    ("json", """'{"a": 1}'""", """'{"a":1}'"""),
    ("json", """'{"a": 1, "a": 2}'""", """'{"a": 2}'"""),
    ("jsonb", """'{"a": [1, "é\\u0001"]}'""", """'{"a": [1, "é"]}'"""),
    ("jsonb", "'null'", "null"),
    ("jsonb", "'1.0'", "'1.00'"),
    ("citext", "'Anna'", "'ANNA'"),
    ("bytea", "'\\x00ff0a5c'", "'\\x00ff0a5d'"),
    ("timestamptz", "'infinity'", "'-infinity'"),
    ("timestamptz", "'2025-03-30 01:30:00.123456+01'", "'2025-03-30 01:30:00.123457+01'"),
    ("timestamp", "'0044-03-15 12:00 BC'", "'0044-03-15 12:00'"),
    ("date", "'infinity'", "'2025-02-28'"),
    ("time with time zone", "'12:00+01'", "'11:00+00'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("interval", "'1 year 2 mons -3 days 04:05:06.7'", "'1 year'"),
    ("character(5)", "'ab'", "'abc'"),
    ('"char"', "'a'", "'b'"),
    ("boolean", "true", "false"),
    ("text", "''", "null"),
    ("text", "'\\N'", "null"),
    ("text[]", "'{}'", "'{null}'"),
    ("text[]", """array['a,b', '"', '\\', null, 'null', '']""", "array['a']"),
    ("integer[]", "'{{1,2},{3,4}}'", "'{1,2,3,4}'"),
    ("integer[]", "'[0:1]={1,2}'", "'{1,2}'"),
    ("int4range", "'[1,5)'", "'(1,5)'"),
    ("tstzrange", "'[2025-01-01, infinity]'", "'[2025-01-01,)'"),
    ("nummultirange", "'{[1,2),[3,4)}'", "'{}'"),
    ("mood", "'it''s ok'", "'sad'"),
    ("mood[]", "'{sad,happy}'", "'{happy,sad}'"),
    ("percent", "99.90", "99.9"),
    ("pair", "row(1, 'it''s, (\"odd\") \\ ')", "row(1, null)"),
    ("pair[]", "array[row(1, 'a')::pair]", "array[row(2, 'a')::pair]"),
    ("uuid", "'3f9c2e1a-0000-4000-8000-000000000001'", "'3f9c2e1a-0000-4000-8000-000000000002'"),
    ("inet", "'10.0.0.1/8'", "'10.0.0.1'"),
    ("money", "'12.34'", "'12.35'"),
    ("bit varying", "B'101'", "B'1010'"),
    ("point", "'(1,2)'", "'(1,3)'"),
    ("box", "'(1,1),(0,0)'", "'(2,0.5),(0,0)'"),
    ("tsvector", "'a:1 b:2'", "'a b'"),
    ("oid", "1", "2"),
    ("name", "'a'", "'b'"),
    ("pg_lsn", "'0/1'", "'0/2'"),
    ("bigint", "9223372036854775807", "9223372036854775806"),
]

OIDS = tuple(f"c{n}" for n, (kind, _, _) in enumerate(PAIRS) if kind == "oid")
THING = Table("thing", key="slug")
EVERY = Table("thing", key="slug", plain=OIDS)


@pytest.fixture
def columns(source, production):
    """A table with a column for each pair, its first value in the source."""
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _, _) in enumerate(PAIRS))
    both(
        source,
        production,
        MORE + f"create table thing (id serial primary key, slug text unique not null, {columns})",
    )
    source.run(f"insert into thing values (1, 'a', {', '.join(one for _, one, _ in PAIRS)})")
    release(source, production, EVERY, key="a")


def test_every_value_arrives_exactly(columns, source, production):
    assert source.value("select t::text from thing t") == production.value("select t::text from thing t")


def test_every_value_is_known_as_equal(columns, source, production):
    assert release(source, production, EVERY, key="a").word == "unchanged"


def test_every_pair_is_told_apart_and_arrives(columns, source, production):
    second = ", ".join(f"c{n} = {two}" for n, (_, _, two) in enumerate(PAIRS))
    source.run(f"update thing set {second}")
    assert release(source, production, EVERY, key="a").says == "1 updated"
    changed = production.value("select after from maulstick.change order by release desc limit 1")
    equal_by_value = [kind for n, (kind, _, _) in enumerate(PAIRS) if f"c{n}" not in changed]
    assert equal_by_value == []
    assert source.value("select t::text from thing t") == production.value("select t::text from thing t")


def test_jsonb_is_compared_by_value(source, production):
    both(source, production, "create table thing (id serial primary key, slug text unique not null, j jsonb)")
    source.run("""insert into thing values (1, 'a', '{"a":1,  "b":2}')""")
    production.run("""insert into thing values (1, 'a', '{"b":2, "a":1}')""")
    assert release(source, production, THING, key="a").says.startswith("1 row equal")


def test_generated_columns_do_not_travel(source, production):
    text = "n integer, twice integer generated always as (n * 2) stored"
    both(source, production, f"create table thing (id serial primary key, slug text unique not null, {text})")
    source.run("insert into thing (slug, n) values ('a', 4)")
    release(source, production, THING, key="a")
    source.run("update thing set n = 5")
    assert release(source, production, THING, key="a").says == "1 updated"
    assert production.value("select twice from thing") == 10


@pytest.mark.parametrize(
    "setting",
    [
        "datestyle = 'German'",
        "intervalstyle = 'iso_8601'",
        "timezone = 'Asia/Tokyo'",
        "bytea_output = 'escape'",
        "extra_float_digits = 0",
        "lc_monetary = 'C'",
        "array_nulls = off",
        "default_transaction_isolation = 'serializable'",
        "default_transaction_read_only = on",
        "search_path = 'pg_catalog'",
    ],
)
def test_settings_of_either_side_change_nothing(columns, source, production, setting):
    source.run(f"alter database {source.database} set {setting}")
    assert release(source, production, EVERY, key="a").word == "unchanged"
    source.run(f"alter database {source.database} reset all")
    production.run(f"alter database {production.database} set {setting}")
    assert release(source, production, EVERY, key="a").word == "unchanged"


@pytest.mark.parametrize(
    "key",
    ["citext", "numeric(4,1)", "date", "uuid", "timestamptz", "character(4)", "bytea", "boolean", "mood"],
)
def test_a_key_may_have_any_type(source, production, key):
    value = next(one for kind, one, _ in PAIRS if kind.startswith(key.partition("(")[0]))
    both(
        source,
        production,
        MORE + f"create table thing (id serial primary key, slug {key} not null unique, n integer)",
    )
    source.run(f"insert into thing values (7, {value}, 1)")
    text = source.value("select slug::text from thing")
    for n, says in ((1, "1 inserted"), (1, "1 row equal"), (2, "1 updated")):
        source.run(f"update thing set n = {n}")
        assert release(source, production, THING, key=text).says == says


def test_types_of_another_schema_travel(source, production):
    both(
        source,
        production,
        "create schema kinds; create type kinds.mood as enum ('sad', 'happy');"
        "create table thing (id serial primary key, slug text unique not null, m kinds.mood default 'sad')",
    )
    source.run("insert into thing (slug, m) values ('a', 'happy')")
    production.run("insert into thing (slug) values ('a')")
    assert release(source, production, THING, key="a").says == "1 updated"
    assert export(source, THING, key="a").manifest.specs["thing"].types["m"] == "kinds.mood"


def test_a_null_in_an_array_arrives_where_arrays_have_none(library, source, production):
    both(source, production, "alter table book add column tags text[]")
    source.run("update book set tags = array['a', null]")
    production.run(f"alter database {production.database} set array_nulls = off")
    release(source, production)
    assert production.rows("select tags from book") == [(["a", None],)] * 2


def test_a_text_of_ten_megabytes_is_released_edited_and_undone(released_once, source, production):
    long = "repeat(%s, 1000) || repeat(md5('x') || E'\\n\\\\\\t', 300000)"
    text = f"update book set title = {long} where isbn = '1'"
    source.run(text, "one\r\n")
    assert release(source, production).says == "1 updated"
    digest = "select md5(title), length(title) from book where isbn = '1'"
    assert production.rows(digest) == source.rows(digest)
    assert production.value("select length(title) from book where isbn = '1'") > 10_000_000
    assert release(source, production).word == "unchanged"
    source.run(text, "two\r\n")
    production.run("update book set title = title || '.' where isbn = '1'")
    [reason] = plan(export(source), production).reasons()
    assert len(reason) < 5000
    production.run("update book set title = left(title, -1) where isbn = '1'")
    undone(production, 2)
    assert production.value("select title from book where isbn = '1'") == "Poems"
