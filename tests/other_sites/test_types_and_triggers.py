"""Sites with extension types, generated columns, triggers that fill and ids of their own, as typed."""

import pytest

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("artworks", key="slug"{more})
"""
LAMP = ("--artwork", "lamp")
ARTWORKS = "create table artworks (id bigserial primary key, slug text not null unique, title text{})"


def test_a_citext_key_in_a_schema_of_extensions_is_one_row(other_site):
    both = "create schema extensions; create extension citext schema extensions;"
    table = "create table artworks (id bigserial primary key, slug extensions.citext not null, title text);"
    row = "insert into artworks (slug, title) values ('{}', 'Lamp')"
    site = other_site(
        both + table, local=row.format("Lamp"), live=row.format("lamp"), plugin=PLUGIN.format(more="")
    )
    for side in (site.dev, site.live):
        name = side.info.dbname
        side.execute(f"alter database {name} set search_path = public, extensions")
    assert site.invoke("export", "--artwork", "Lamp").code == 0
    assert site.invoke("apply", "--artwork", "Lamp", "--without-media").code == 3  # whose spelling?
    taken = site.invoke("apply", "--artwork", "Lamp", "--without-media", "--take", "local")
    assert (taken.code, site.rows("select slug::text from artworks")) == (0, [("Lamp",)])


def test_what_is_generated_there_is_named_before_anything_is_sent(other_site, storage):
    site = other_site(
        "select 1",
        local=ARTWORKS.format(", w integer, area integer")
        + "; insert into artworks (slug, w, area) values ('lamp', 2, 4)",
        live=ARTWORKS.format(", w integer, area integer generated always as (w * w) stored"),
        plugin=PLUGIN.format(more=""),
        storage=storage,
    )
    assert site.invoke("export", *LAMP).code == 0
    for words in (("plan", *LAMP), ("plugins.check",)):
        typed = site.invoke(*words)
        assert (typed.code, "artworks.area: is generated in live" in typed.said) == (3, True)


STAMP = """
create function stamp() returns trigger language plpgsql as
  $$ begin new.edition := gen_random_uuid(); return new; end $$;
create trigger stamp before insert or update on artworks for each row execute function stamp();
"""


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ("", 4, 'theirs="…", or skip="…"'),
        (', skip="edition"', 0, "1 inserted"),
        (', theirs="edition"', 0, "1 inserted"),
    ],
)
def test_a_column_that_a_trigger_fills(other_site, more, code, says):
    site = other_site(
        f"{ARTWORKS.format(', edition uuid not null')};{STAMP}",
        local="insert into artworks (slug) values ('lamp')",
        plugin=PLUGIN.format(more=more),
    )
    assert site.invoke("export", *LAMP).code == 0
    typed = site.invoke("apply", *LAMP, "--without-media")
    assert (typed.code, says in typed.said) == (code, True)


UUIDS = """
create table media (id uuid primary key, url text not null unique, alt text);
create table artworks (id uuid primary key, slug text not null unique, media_id uuid references media (id));
"""
OURS = "aaaaaaaa-0000-4000-8000-000000000001"
MEDIA = '    yield Table("media", key="url", skip="id")\n'


def test_ids_of_the_site_s_own_stay_at_home(other_site, storage):
    site = other_site(
        UUIDS,
        local=f"insert into media values ('{OURS}', '/a.jpg', 'A');"
        f"insert into artworks values (gen_random_uuid(), 'lamp', '{OURS}')",
        live="insert into media values (gen_random_uuid(), '/a.jpg', 'A')",
        plugin=PLUGIN.format(more=', skip="id"') + MEDIA.replace(', skip="id"', ""),
        storage=storage,
    )
    assert site.invoke("export", *LAMP).code == 0
    typed = site.invoke("plan", *LAMP)
    assert (typed.code, 'skip="id" leaves them at home' in typed.said) == (3, True)
    site.plugin(PLUGIN.format(more=', skip="id"') + MEDIA)
    assert site.invoke("export", *LAMP).code == 0
    assert site.invoke("plan", *LAMP).code == 0
    assert site.invoke("apply", *LAMP, "--without-media").code == 0
    joined = "select m.url from artworks as a join media as m on m.id = a.media_id"
    assert site.rows(joined) == [("/a.jpg",)]
