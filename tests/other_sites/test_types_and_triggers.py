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


COUNTED = """
create table series (id bigserial primary key, slug text not null unique,
  artworks_count int not null default 0);
create table artworks (id bigserial primary key, slug text not null unique,
  series_id bigint not null references series);
create function counts() returns trigger language plpgsql as $$
  begin update series set artworks_count = artworks_count + 1 where id = new.series_id; return new; end $$;
create trigger counts after insert on artworks for each row execute function counts();
"""
SERIES = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("series", table="series", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("series", key="slug"{more})
    yield Table("artworks", key="slug", via="series_id")
"""


def test_what_a_trigger_counts_is_counted_once(other_site):
    local = "insert into series values (1, 'night'); insert into artworks (slug, series_id) values ('a', 1)"
    site = other_site(COUNTED, local=local, plugin=SERIES.format(more=""))
    assert site.invoke("export", "--series", "night").code == 0
    refused = site.invoke("apply", "--series", "night", "--without-media")
    assert (refused.code, "what a trigger counts needs skip" in refused.said) == (4, True)
    site.plugin(SERIES.format(more=', skip="artworks_count"'))
    for more in ("", ", ('b', 1)"):
        site.run_dev(f"insert into artworks (slug, series_id) values ('c{more.count('b')}', 1){more}")
        assert site.invoke("export", "--series", "night").code == 0
        assert site.invoke("apply", "--series", "night", "--without-media").code == 0
    assert site.rows("select artworks_count, (select count(*) from artworks) from series") == [(4, 4)]


WHERE = "title <> '' -- not those that have none yet"
POINTER = "pointers=[Pointer('other_id', 'artworks', where=\"other_type = 'Artwork' -- ours\")]"


@pytest.mark.parametrize("more", [f', where="{WHERE}"', f", {POINTER}"])
def test_a_condition_may_end_with_a_comment(other_site, more):
    site = other_site(
        ARTWORKS.format(", other_type text, other_id bigint"),
        local="insert into artworks (slug, title, other_type, other_id) values ('lamp', 'L', 'Artwork', 1)",
        plugin=PLUGIN.format(more=more).replace("import Kind,", "import Kind, Pointer,"),
    )
    assert site.invoke("export", *LAMP).code == 0
    for says in ("1 inserted", "unchanged"):
        applied = site.invoke("apply", *LAMP, "--without-media")
        assert (applied.code, says in applied.said) == (0, True)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("other_type = 'Artwork", "unterminated quoted string"),
        ("kind = 'Artwork'", 'column "kind" does not exist'),
        ("other_type", "must be type boolean"),
        ("other_type = 'a'; select 1", "syntax error"),
    ],
)
def test_a_condition_of_a_pointer_that_cannot_be_read_is_named(other_site, condition, says):
    pointer = f', pointers=[Pointer("other_id", "artworks", where="{condition}")]'
    site = other_site(
        ARTWORKS.format(", other_type text, other_id bigint"),
        local="insert into artworks (slug) values ('lamp')",
        plugin=PLUGIN.format(more=pointer).replace("import Kind,", "import Kind, Pointer,"),
    )
    typed = site.invoke("export", *LAMP)
    assert (typed.code, says in typed.said, "plugins/art.py" in typed.said) == (6, True, True)
    assert "artworks.other_id: where of its pointer" in typed.said
    assert "maulstick_pick" not in typed.said


@pytest.mark.parametrize("type_", ["json", "point", "polygon[]", "jsonpath"])
def test_a_key_that_cannot_be_compared_is_named(other_site, type_):
    site = other_site(
        f"create table artworks (id bigserial primary key, slug text not null, place {type_})",
        local="insert into artworks (slug) values ('lamp')",
        plugin=PLUGIN.format(more="").replace(
            'Table("artworks", key="slug"', 'Table("artworks", key="place"'
        ),
    )
    for words in (("export", *LAMP), ("plugins.check",)):
        typed = site.invoke(*words)
        assert (
            typed.code,
            f"artworks.place: is {type_}, which PostgreSQL does not compare" in typed.said,
        ) == (
            6,
            True,
        )


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
    kept = site.invoke("plan", *LAMP, "--take", "production")
    assert (kept.code, "is referred to and is not in live" in kept.said) == (3, True)
    assert 'media.id: the site itself makes these ids, and skip="id"' in kept.said
    site.plugin(PLUGIN.format(more=', skip="id"') + MEDIA)
    assert site.invoke("export", *LAMP).code == 0
    assert site.invoke("plan", *LAMP).code == 0
    assert site.invoke("apply", *LAMP, "--without-media").code == 0
    joined = "select m.url from artworks as a join media as m on m.id = a.media_id"
    assert site.rows(joined) == [("/a.jpg",)]
