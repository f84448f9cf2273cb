"""Equality is the type's own: wherever its schema is, and whatever the search path finds."""

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Match, Query, Table
from tests.databases.deciding import released, undone
from tests.databases.places import actions, apply, both, export, plan, release

ART = Table("art", key="slug")
EXTENSIONS = "create schema extensions; create extension {0} schema extensions;"
CITEXT = EXTENSIONS.format("citext")


def art(source, production, column="slug extensions.citext not null unique", more=""):
    both(source, production, f"create table art (id bigserial primary key, {column}, title text{more})")


@pytest.fixture
def citext(source, production):
    both(source, production, CITEXT)


def spelt(source, production, here, there, title="Lamp"):
    source.run("insert into art (slug, title) values (%s, %s)", here, title)
    production.run("insert into art (slug, title) values (%s, %s)", there, title)


@pytest.mark.parametrize(
    "path", ["public, extensions", "public", "extensions", "''", "pg_catalog, extensions"]
)
def test_a_key_that_is_only_spelt_otherwise_is_the_same_row(citext, source, production, path):
    for place in (source, production):
        place.run(f"alter database {place.database} set search_path = {path}")
    art(source, production)
    spelt(source, production, "Lamp", "lamp")
    bundle = export(source, ART, key="Lamp")
    assert actions(plan(bundle, production)) == {("art", "Lamp"): "conflict"}
    assert released(bundle, source, production, take=("local",)).says == "1 updated"
    assert production.rows("select slug::text from art") == [("Lamp",)]
    assert release(source, production, ART, key="Lamp").word == "unchanged"


@pytest.fixture
def extension_elsewhere(source, production):
    source.run("create extension citext")
    production.run("create schema extensions; create extension citext schema extensions")


def test_a_type_may_be_in_another_schema_there(extension_elsewhere, source, production):
    for place, schema in ((source, "public"), (production, "extensions")):
        place.run(
            f"create table art (id bigserial primary key, slug {schema}.citext not null unique,"
            f" tags {schema}.citext[], title text)"
        )
    spelt(source, production, "Lamp", "lamp")
    source.run("update art set tags = '{A,b}', title = 'The lamp'")
    production.run("update art set tags = '{A,b}', title = null")
    released(export(source, ART, key="Lamp"), source, production, take=("production:art.Lamp.slug",))
    assert production.rows("select slug::text, tags::text, title from art") == [("lamp", "{A,b}", "The lamp")]


@pytest.mark.parametrize(
    ("extension", "type_", "here", "there"),
    [
        ("citext", "domain", "Lamp", "LAMP"),
        ("citext", "extensions.citext[]", "{Lamp,b}", "{lamp,B}"),
        ("ltree", "extensions.ltree", "a.b", "a.b"),
        ("hstore", "extensions.hstore", "b=>1, a=>2", "a=>2, b=>1"),
    ],
)
def test_a_key_of_an_extensions_type_finds_its_row(source, production, extension, type_, here, there):
    both(source, production, EXTENSIONS.format(extension))
    if type_ == "domain":
        both(source, production, "create domain word as extensions.citext check (value <> '')")
    art(source, production, f"slug {'word' if type_ == 'domain' else type_} not null")
    spelt(source, production, here, there)
    key = source.value("select slug::text from art")
    changes = actions(plan(export(source, ART, key=key), production))
    assert "insert" not in changes.values()


def test_a_key_of_two_columns_is_compared_each_by_its_type(citext, source, production):
    art(source, production, "slug extensions.citext not null, size numeric not null, unique (slug, size)")
    source.run("insert into art (slug, size) values ('Lamp', 1.0)")
    production.run("insert into art (slug, size) values ('lamp', 1.00), ('lamp', 2)")
    bundle = export(source, Table("art", key=("slug", "size")), key="Lamp")
    assert [*actions(plan(bundle, production)).values()] == ["conflict"]


def test_a_clash_is_one_by_the_operators_of_the_index(citext, source, production):
    art(source, production, "slug text not null unique, code extensions.citext unique")
    source.run("insert into art (slug, code) values ('lamp', 'AB')")
    production.run("insert into art (slug, code) values ('vase', 'ab')")
    with pytest.raises(Problem, match=r"lamp: code is taken in production by vase"):
        release(source, production, ART, key="lamp")


def test_a_row_that_an_exclusion_forbids_is_named_by_the_plan(source, production):
    exclude = ", during daterange, exclude using gist (during with &&)"
    art(source, production, "slug text not null unique", exclude)
    source.run("insert into art (slug, during) values ('lamp', '[2026-01-01,2026-02-01)')")
    production.run("insert into art (slug, during) values ('vase', '[2026-01-15,2026-03-01)')")
    [obstacle] = plan(export(source, ART, key="lamp"), production).obstacles
    assert (obstacle.key, obstacle.says.partition(" (")[0]) == (
        "lamp",
        "during is taken in production by vase",
    )


def test_an_operator_that_somebody_made_is_not_used(citext, source, production):
    art(source, production)
    for type_ in ("extensions.citext", "text", "bigint", "text[]"):
        production.run(
            f"create function public.fails({type_}, {type_}) returns boolean language plpgsql"
            " as $$ begin raise 'was used'; end $$;"
            f"create operator public.= (leftarg = {type_}, rightarg = {type_}, function = public.fails)"
        )
    production.run(
        "create function public.now() returns timestamptz language plpgsql"
        " as $$ begin raise 'was used'; end $$;"
        "create function public.to_json(text) returns json language plpgsql"
        " as $$ begin raise 'was used'; end $$"
    )
    production.run(f"alter database {production.database} set search_path = public, pg_catalog, extensions")
    source.run("insert into art (slug) values ('Lamp')")
    assert release(source, production, ART, key="Lamp").says == "1 inserted"
    source.run("update art set title = 'The lamp'")
    assert release(source, production, ART, key="Lamp").says == "1 updated"


def test_a_reference_by_an_extensions_type_finds_its_row(citext, source, production):
    both(
        source,
        production,
        "create table room (name extensions.citext primary key);insert into room values ('Hall')",
    )
    art(source, production, "slug text not null unique", ", room extensions.citext references room")
    production.run("update room set name = 'HALL'")
    source.run("insert into art (slug, room) values ('lamp', 'hall')")
    table = Table("art", key="slug", references={"room": Match(key=("name",))})
    assert release(source, production, table, key="lamp").says == "1 inserted"
    assert production.value("select room::text from art") == "hall"


def test_a_plugins_sql_sees_what_the_site_sees(citext, source, production):
    for place in (source, production):
        place.run(f"alter database {place.database} set search_path = public, extensions")
    art(source, production)
    source.run("insert into art (slug, title) values ('Lamp', 'x'), ('Vase', 'y')")
    table = Table("art", key="slug", where="slug in ('lamp'::citext, 'VASE')")
    asked = [Query("two", "select count(*) from art where slug = 'lamp' or slug = 'vase'", "2")]
    assert apply(export(source, table, key="Lamp", asked=asked), production).says == "2 inserted"


def test_an_undo_writes_types_of_another_schema(extension_elsewhere, source, production):
    for place, schema in ((source, "public"), (production, "extensions")):
        place.run(
            f"create table art (id bigserial primary key, slug {schema}.citext not null unique,"
            f" tag {schema}.citext, title text)"
        )
    source.run("insert into art (slug, tag) values ('Lamp', 'old')")
    release(source, production, ART, key="Lamp")
    source.run("update art set tag = 'new'")
    release(source, production, ART, key="Lamp")
    undone(production, 2)
    assert production.value("select tag::text from art") == "old"


def test_what_is_equal_is_unchanged(citext, source, production):
    art(source, production)
    spelt(source, production, "Lamp", "Lamp")
    assert actions(plan(export(source, ART, key="Lamp"), production)) == {}
