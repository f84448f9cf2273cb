"""Names of schemas, tables and columns that need quoting everywhere."""

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import JsonReference, Table
from tests.databases.deciding import undone
from tests.databases.places import apply, both, export, plan, release

HOSTILE = [
    "Mixed Case",
    "order",
    "it's",
    'dou"ble',
    "100%",
    "%s %I",
    "été",
    "a.b",
    "$maulstick$",
    "back\\slash",
    "x" * 63,
]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def make(place, name, schema="public"):
    """Make two tables of one name, nearly, that refer to each other, every column called likewise."""
    one, two, home = quoted(name), quoted(name[:-1] + "2"), quoted(schema)
    place.run(
        f"create table {home}.{one} ({one} text not null unique, id serial primary key, {two} jsonb,"
        f'  "row" text default $$d$$, "key" integer, "found" date, unique ("row", "key"));'
        f"create table {home}.{two} (id serial primary key, {two} text unique,"
        f"  {one} integer references {home}.{one} (id))"
    )


def tables_of(name, schema=""):
    two = name[:-1] + "2"
    own = Table(schema + name, key=name, json_references=[JsonReference(two, "$.id", schema + name)])
    return own, Table(schema + two, key=(two, name), via=name)


def fill(place, name, schema="public"):
    one, two = (quoted(part).replace("%", "%%") for part in (name, name[:-1] + "2"))
    place.run(f"insert into {quoted(schema)}.{one} ({one}, {two}) values (%s, %s)", name, '{"id": 1}')
    place.run(f"insert into {quoted(schema)}.{two} ({one}, {two}) values (1, %s)", name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_table_and_columns_of_any_name_travel(source, production, name):
    for place in (source, production):
        make(place, name)
    fill(source, name)
    bundle = export(source, *tables_of(name), key=name, kind="thing")
    assert plan(bundle, production).counts()["insert"] == 2
    assert apply(bundle, production).says == "2 inserted"
    assert apply(bundle, production).word == "unchanged"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_row_of_any_name_that_others_refer_to_is_not_undone(source, production, name):
    for place in (source, production):
        make(place, name)
    fill(source, name)
    apply(export(source, *tables_of(name), key=name, kind="thing"), production)
    one, two = quoted(name), quoted(name[:-1] + "2")
    production.run(f"insert into {two} ({one}) values (1)")
    production.run(f"""insert into {one} ({one}, {two}) values ('other', '{{"id": 1}}')""")
    with pytest.raises(Problem) as refused:
        undone(production)
    assert f"is referred to by 1 of {name} ({name[:-1]}2 $.id)" in refused.value.what
    assert refused.value.what.count("is referred to by 1 of ") == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_is_updated(source, production, name):
    for place in (source, production):
        make(place, name)
    fill(source, name)
    release_of(source, production, name)
    source.run(f"update {quoted(name)} set \"row\" = 'new', {quoted(name[:-1] + '2')} = null")
    assert release_of(source, production, name).says == "1 updated"
    assert production.value(f'select "row" from {quoted(name)}') == "new"


def release_of(source, production, name):
    return apply(export(source, *tables_of(name), key=name, kind="thing"), production)


def test_a_table_in_another_schema_travels(source, production):
    for place in (source, production):
        place.run('create schema "Other schema"')
        make(place, "thing", "Other schema")
        make(place, "thing")
    fill(source, "thing", "Other schema")
    production.run("insert into thing (thing) values ('public')")
    tables = tables_of("thing", "Other schema.")
    assert apply(export(source, *tables, key="thing", kind="thing"), production).says == "2 inserted"
    assert apply(export(source, *tables, key="thing", kind="thing"), production).word == "unchanged"
    assert production.rows("select thing from thing") == [("public",)]


def test_tables_of_one_name_in_two_schemas_travel_together(source, production):
    both(
        source,
        production,
        "create schema b; create table t (id serial primary key, slug text not null unique);"
        "create table b.t (id serial primary key, t_id integer not null references t, slug text not null)",
    )
    source.run("insert into t (slug) values ('a'); insert into b.t (t_id, slug) values (1, 'b')")
    assert release(
        source, production, Table("t", key="slug"), Table("b.t", key="slug", via="t_id"), key="a"
    ).says == ("2 inserted")


@pytest.mark.parametrize("name", ["it's", "%s %I", "$maulstick$"])
def test_a_hostile_name_is_safe_in_the_file_too(source, production, psql, name):
    for place in (source, production):
        make(place, name)
    fill(source, name)
    bundle = export(source, *tables_of(name), key=name, kind="thing")
    done = psql(production, bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert apply(bundle, production).word == "unchanged"
