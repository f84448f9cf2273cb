"""Columns that look like references and travel as plain values are named, and no others."""

from __future__ import annotations

import pytest

from maulstick.errors import Exit, Problem
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import connect
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.suspects import suspects
from maulstick.project.declarations import JsonReference, MediaColumn, Pointer, Subject, Table
from maulstick.redact import Secret
from tests.databases.deciding import planned
from tests.databases.places import WithoutMedia, export

COLUMNS = [
    ("owner_id integer", True),
    ("owner_id bigint", True),
    ("ownerId bigint", True),
    ("owner_ids bigint[]", True),
    ("related bigint[]", True),
    ("related integer[]", False),
    ("tag_ids integer[]", True),
    ("sizes smallint[]", False),
    ("external_id text", False),
    ("width integer, grid integer, valid integer, paid numeric", False),
    ("record_type text, record_id text", True),
    ("record_type text, record bigint", True),
    ("record_type text, record_id uuid", True),
    ("record_type_id int, record_id bigint", True),
    ("content_type_id text, object_id text", True),
    ("file_type text, file text", False),
    ("stripe_id uuid", False),
    ("owner_id integer default 1 references work (id)", False),
]


def schema_of(place) -> Schema:
    with connect(Secret(place.url), "here") as database:
        return read_schema(database)


def said(place, **declared) -> list[str]:
    schema = schema_of(place)
    return suspects(specs_of([Table("work", key="slug", **declared)], schema), schema)


@pytest.mark.parametrize(("columns", "suspected"), COLUMNS)
def test_what_looks_like_a_reference_is_named(source, columns, suspected):
    quoted = columns.replace("ownerId", '"ownerId"')
    source.run(f"create table work (id bigserial primary key, slug text not null, {quoted})")
    declared = {"references": {}}
    if "references work" in columns:
        declared = {}
    found = said(source, **declared)
    assert bool(found) is suspected
    assert all(one.startswith("work.") and "looks like ids of other rows" in one for one in found)


def test_a_uuid_is_suspected_where_the_database_makes_uuids(source):
    source.run("create table work (id uuid primary key default gen_random_uuid(), slug text, owner_id uuid)")
    assert len(said(source)) == 1


def test_what_is_declared_is_not_suspected(source):
    source.run(
        "create table work (id bigserial primary key, slug text not null, owner_id int, legacy_id int,"
        " left_id int, related bigint[])"
    )
    assert len(said(source)) == 4
    pointers = [Pointer("owner_id", "work"), Pointer("related", "work")]
    assert said(source, pointers=pointers, plain="legacy_id", skip="left_id") == []


def test_no_table_of_the_shipped_plugins_is_suspected(site_source):
    schema = schema_of(site_source)
    for kind in ("series", "artwork", "page"):
        tables = WithoutMedia().tables(Subject(kind, ""))
        assert suspects(specs_of(tables, schema), schema) == []


def test_a_plan_alone_says_it_too(source, production):
    for place in (source, production):
        place.run("create table work (id bigserial primary key, slug text not null unique, owner_id bigint)")
    source.run("insert into work (slug, owner_id) values ('lamp', 5)")
    bundle = export(source, Table("work", key="slug"), key="lamp")
    assert planned(bundle, source, production).counts()["insert"] == 1


@pytest.mark.parametrize("type_", ["oid", "lo"])
def test_a_large_object_is_refused_unless_its_column_stays_at_home(source, type_):
    source.run("create domain lo as oid")
    source.run(f"create table work (id bigserial primary key, slug text not null unique, essay {type_})")
    source.run("insert into work (slug, essay) values ('lamp', lo_from_bytea(0, 'An essay'))")
    with pytest.raises(Problem, match=f"work.essay: is {type_}, which names a large object") as caught:
        export(source, Table("work", key="slug"), key="lamp")
    assert caught.value.code == Exit.PLUGIN
    assert (
        "essay" not in export(source, Table("work", key="slug", skip="essay"), key="lamp").rows()["work"][0]
    )
    assert export(source, Table("work", key="slug", plain="essay"), key="lamp").rows()["work"][0]["essay"]


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"json_references": "number"}, "number: is integer, and a path leads into JSON"),
        (
            {"json_references": "meta", "skip": "meta"},
            "meta: does not travel: its JsonReference does nothing",
        ),
    ],
)
def test_a_json_reference_that_would_do_nothing_is_refused(source, declared, says):
    source.run("create table work (id bigserial primary key, slug text not null, number int, meta jsonb)")
    references = [JsonReference(declared.pop("json_references"), "$.a", "work")]
    with pytest.raises(Problem, match=says) as caught:
        export(source, Table("work", key="slug", json_references=references, **declared), key="lamp")
    assert caught.value.code == Exit.PLUGIN


def test_a_media_column_that_does_not_travel_is_refused(source):
    source.run("create table work (id bigserial primary key, slug text not null, url text)")
    media = [MediaColumn("url")]
    with pytest.raises(Problem, match="work.url: does not travel: its files would not either") as caught:
        export(source, Table("work", key="slug", media=media, skip="url"), key="lamp")
    assert caught.value.code == Exit.PLUGIN
