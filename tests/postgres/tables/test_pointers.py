"""References that the catalogue does not know: polymorphic pairs, arrays of ids, ids as text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.bundle.manifest import read
from maulstick.bundle.trust import require_declared
from maulstick.errors import Exit, Problem
from maulstick.postgres.tables.keys import key_object, key_text
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Kind, Leave, Match, Pointer, Table
from tests.databases.deciding import contents, planned, released, undone
from tests.databases.places import Declared, Place, actions, apply, both, export, plan, release

TABLES = """
create table artworks (id bigserial primary key, slug text not null unique, series_id bigint);
create table series (id bigserial primary key, slug text not null unique);
create table blobs (id bigserial primary key, key text not null unique);
create table attachments (id bigserial primary key, name text not null, record_type text,
  record_id bigint, blob_id bigint references blobs);
"""
ARTWORKS = Table("artworks", key="slug", pointers=[Pointer("series_id", "series")])
SERIES = Table("series", key="slug")
BLOBS = Table("blobs", key="key")
OF_ARTWORK = Pointer("record_id", "artworks", where="record_type = 'Artwork'")
OF_SERIES = Pointer("record_id", "series", where="record_type = 'Series'")


def attachments(
    *pointers: Pointer, key: tuple[str, ...] = ("record_type", "record_id", "name"), **more
) -> Table:
    return Table("attachments", key=key, via="record_id", pointers=pointers, **more)


PAIRS = (ARTWORKS, SERIES, BLOBS, attachments(OF_ARTWORK, OF_SERIES))


@pytest.fixture
def gallery(source: Place, production: Place) -> None:
    """Artworks with attachments on both sides; the ids of the source mean other rows in production."""
    both(source, production, TABLES)
    source.run(
        "insert into series values (3, 'dusk'); insert into artworks values (7, 'nocturne', 3);"
        "insert into blobs values (3, 'k1'), (4, 'k2');"
        "insert into attachments values (1, 'image', 'Artwork', 7, 3), (2, 'cover', 'Series', 3, 4)"
    )
    production.run(
        "insert into artworks values (7, 'somebody-elses'); select setval('artworks_id_seq', 40);"
        "insert into series values (3, 'another'); select setval('series_id_seq', 50);"
        "insert into blobs values (3, 'other'); select setval('blobs_id_seq', 60)"
    )


SHOWN = """
select a.name, a.record_type, coalesce(w.slug, s.slug), b.key from attachments as a
left join artworks as w on a.record_type = 'Artwork' and w.id = a.record_id
left join series as s on a.record_type = 'Series' and s.id = a.record_id
left join blobs as b on b.id = a.blob_id order by 1
"""
RIGHT = [("cover", "Series", "dusk", "k2"), ("image", "Artwork", "nocturne", "k1")]


def test_a_polymorphic_pair_hangs_on_its_own_row(gallery, source, production):
    assert release(source, production, *PAIRS, key="nocturne").says.startswith("6 inserted")
    assert production.rows(SHOWN) == RIGHT
    assert release(source, production, *PAIRS, key="nocturne").word == "unchanged"


def test_the_bundle_names_the_table_with_the_key(gallery, source):
    bundle = export(source, *PAIRS, key="nocturne")
    rows = bundle.rows()["attachments"]
    assert sorted(row["record_id"] for row in rows) == ['{"artworks": "nocturne"}', '{"series": "dusk"}']
    assert (
        read(bundle.folder / "manifest.json", "").specs["attachments"] == bundle.manifest.specs["attachments"]
    )


def test_a_release_by_psql_alone_follows_pointers(gallery, source, production, psql):
    ran = psql(production, export(source, *PAIRS, key="nocturne"))
    assert ran.returncode == 0, ran.stderr
    assert production.rows(SHOWN) == RIGHT


def test_a_pointer_takes_part_in_the_three_ways(gallery, source, production):
    tables = (ARTWORKS, SERIES, BLOBS, attachments(OF_ARTWORK, OF_SERIES, key=("name",)))
    release(source, production, *tables, key="nocturne")
    production.run("update attachments set record_id = 7 where name = 'image'")
    bundle = export(source, *tables, key="nocturne")
    [change] = plan(bundle, production).changes
    assert dict(change.columns["record_id"]) == {
        "action": "kept",
        "base": '{"artworks": "nocturne"}',
        "local": '{"artworks": "nocturne"}',
        "production": '{"artworks": "somebody-elses"}',
    }
    source.run("update attachments set record_type = 'Series', record_id = 3 where name = 'image'")
    bundle = export(source, *tables, key="nocturne")
    [conflict] = plan(bundle, production).conflicts()
    assert conflict.conflicts() == ["record_id", "record_type"]


def test_a_pair_is_never_half_of_one_side(gallery, source, production):
    tables = (ARTWORKS, SERIES, BLOBS, attachments(OF_ARTWORK, OF_SERIES, key=("name",)))
    release(source, production, *tables, key="nocturne")
    production.run("update attachments set record_type = 'Series' where name = 'image'")
    source.run(
        "insert into artworks values (8, 'aubade', 3); update attachments set record_id = 8 where id = 1"
    )
    bundle = export(source, *tables, key="aubade")
    [conflict] = plan(bundle, production).conflicts()
    assert conflict.key == "image"


def test_a_rollback_puts_a_pointer_back(gallery, source, production):
    tables = (ARTWORKS, SERIES, BLOBS, attachments(OF_ARTWORK, OF_SERIES, key=("name",)))
    release(source, production, *tables, key="nocturne")
    before = contents(production)
    source.run("update attachments set record_type = 'Series', record_id = 3 where name = 'image'")
    number = release(source, production, *tables, key="nocturne").number
    assert production.value("select record_type from attachments where name = 'image'") == "Series"
    undone(production, number)
    assert contents(production) == before
    undone(production, 1)
    assert production.rows("select slug from artworks") == [("somebody-elses",)]


def test_a_row_that_is_pointed_at_is_not_taken_away(gallery, source, production):
    number = release(source, production, *PAIRS, key="nocturne").number
    site_s_own = "(select id from artworks where slug = 'nocturne')"
    production.run(f"insert into attachments values (99, 'own', 'Artwork', {site_s_own}, null)")
    with pytest.raises(Problem, match="is referred to by 1 of attachments"):
        undone(production, number)
    production.run("delete from attachments where id = 99")
    production.run("insert into artworks values (99, 'own', (select id from series where slug = 'dusk'))")
    with pytest.raises(Problem, match=r"is referred to by 1 of artworks \(series_id\)"):
        undone(production, number)


def test_rows_of_a_type_that_no_pointer_is_for_are_refused_by_name(gallery, source, production):
    source.run("insert into attachments values (9, 'other', 'Comment', 7, null)")
    everything = Table("attachments", key="name", where="true", pointers=(OF_ARTWORK, OF_SERIES))
    with pytest.raises(Problem) as caught:
        export(source, ARTWORKS, SERIES, BLOBS, everything, key="nocturne")
    assert str(caught.value).startswith("attachments.record_id: points by none of its pointers: other (7)")
    plain = Table(
        "attachments", key="name", where="true", pointers=(OF_ARTWORK, OF_SERIES), plain="record_id"
    )
    release(source, production, ARTWORKS, SERIES, BLOBS, plain, key="nocturne")
    assert production.value("select record_id from attachments where name = 'other'") == 7
    assert release(source, production, ARTWORKS, SERIES, BLOBS, plain, key="nocturne").word == "unchanged"


def test_rows_that_point_elsewhere_in_production_are_shown_and_left(gallery, source, production):
    release(source, production, *PAIRS, key="nocturne")
    production.run(
        "insert into attachments values (77, 'x', 'Comment', 5, null), (78, 'y', null, null, null)"
    )
    assert release(source, production, *PAIRS, key="nocturne").word == "unchanged"
    assert production.value("select count(*) from attachments") == 4


def test_the_pointed_table_may_be_matched(gallery, source, production):
    pointer = Pointer("record_id", "artworks", where="record_type = 'Artwork'", key="slug")
    rows = Table("attachments", key="name", via="blob_id", pointers=[pointer])
    tables = (BLOBS, rows)
    lost = plan(export(source, *tables, key="k1"), production).obstacles
    assert [str(one) for one in lost] == ["artworks nocturne: is referred to and is not in production"]
    production.run("insert into artworks values (15, 'nocturne')")
    release(source, production, *tables, key="k1")
    assert production.rows("select record_id from attachments") == [(15,)]


@pytest.mark.parametrize("where", [None, "record_type = 'Artwork'"])
def test_a_pointer_may_be_done_without(gallery, source, production, where):
    pointer = Pointer("record_id", "artworks", where=where, key="slug", missing="null")
    tables = (BLOBS, Table("attachments", key="name", via="blob_id", pointers=[pointer]))
    release(source, production, *tables, key="k1")
    assert production.rows("select name, record_id from attachments") == [("image", None)]
    assert release(source, production, *tables, key="k1").word == "unchanged"
    production.run("insert into artworks values (15, 'nocturne')")
    released(export(source, *tables, key="k1"), source, production)
    assert production.rows("select record_id from attachments") == [(15,)]


def test_a_database_without_foreign_keys_travels_as_one_with_them(source, production):
    both(
        source,
        production,
        "create table shelf (id serial primary key, name text not null unique, owner_id int);"
        "create table person (id bigserial primary key, email text not null unique);"
        "create table book (id serial primary key, isbn text, shelf_id int not null, next_id bigint)",
    )
    source.run(
        "insert into person values (5, 'a@b'); insert into shelf values (2, 'poetry', 5);"
        "insert into book values (1, '1', 2, 2), (2, '2', 2, 1)"
    )
    production.run("insert into person values (8, 'a@b'); select setval('book_id_seq', 20)")
    tables = (
        Table("shelf", key="name", pointers=[Pointer("owner_id", "person", key="email")]),
        Table(
            "book",
            key=("shelf_id", "isbn"),
            via="shelf_id",
            pointers=[Pointer("shelf_id", "shelf"), Pointer("next_id", "book")],
        ),
    )
    release(source, production, *tables)
    assert production.rows("select owner_id from shelf") == [(8,)]
    assert production.rows("select id, next_id, shelf_id from book order by 1") == [(21, 22, 1), (22, 21, 1)]
    assert release(source, production, *tables).word == "unchanged"
    source.run("update book set next_id = null where isbn = '1'")
    assert actions(plan(export(source, *tables), production)) == {("book", '["poetry","1"]'): "update"}
    number = release(source, production, *tables).number
    undone(production, number)
    undone(production, 1)
    assert production.value("select count(*) from book") == 0


def test_a_pointer_to_nothing_is_refused(gallery, source):
    source.run("update artworks set series_id = 77")
    with pytest.raises(Problem, match="artworks.series_id: names no row of series: 77"):
        export(source, *PAIRS, key="nocturne")
    source.run("update artworks set series_id = 3; update attachments set record_id = 78 where id = 2")
    everything = Table("attachments", key="name", where="true", pointers=(OF_ARTWORK, OF_SERIES))
    with pytest.raises(Problem, match="attachments.record_id: names no row of series: 78"):
        export(source, ARTWORKS, SERIES, BLOBS, everything, key="nocturne")


def test_a_generic_foreign_key_of_django_follows_its_content_type(source, production):
    both(
        source,
        production,
        "create table django_content_type (id serial primary key, app_label text, model text,"
        " unique (app_label, model));"
        "create table artwork (id bigserial primary key, slug text not null unique);"
        "create table tag (id bigserial primary key, name text not null unique);"
        "create table tagged (id bigserial primary key, tag_id bigint not null references tag,"
        " object_id text not null, content_type_id int not null references django_content_type)",
    )
    source.run(
        "insert into django_content_type values (4, 'gallery', 'artwork');"
        "insert into tag values (2, 'blue');"
        "insert into artwork values (7, 'lamp'); insert into tagged values (1, 2, '7', 4)"
    )
    production.run(
        "insert into django_content_type values (4, 'auth', 'user'), (9, 'gallery', 'artwork');"
        "insert into artwork values (7, 'other'); select setval('artwork_id_seq', 7)"
    )
    rows = "select id from django_content_type where app_label = 'gallery' and model = 'artwork'"
    tables = (
        Table("artwork", key="slug"),
        Table("tag", key="name"),
        Table(
            "tagged",
            key=("content_type_id", "object_id", "tag_id"),
            via="object_id",
            references={"content_type_id": Match(key=("app_label", "model"))},
            pointers=[Pointer("object_id", "artwork", where=f"content_type_id = ({rows})")],
        ),
    )
    release(source, production, *tables, key="lamp")
    assert production.rows("select object_id, content_type_id from tagged") == [("8", 9)]
    assert release(source, production, *tables, key="lamp").word == "unchanged"
    shown = plan(export(source, *tables, key="lamp"), production).to_json(
        export(source, *tables, key="lamp").manifest.specs
    )
    assert json.dumps(shown)


ARRAYS = """
create table artworks (id bigserial primary key, slug text not null unique,
  related bigint[] not null default '{}', more text[])
"""
RELATED = Table("artworks", key="slug", pointers=[Pointer("related", "artworks")])


@pytest.mark.parametrize(
    ("local", "there"),
    [
        ("{1}", [41]),
        ("{2,1,1}", [42, 41, 41]),
        ("{1,NULL,2}", [41, None, 42]),
        ("{}", []),
    ],
)
def test_ids_in_an_array_are_rewritten_in_their_order(source, production, local, there):
    both(source, production, ARRAYS)
    production.run("insert into artworks (slug) values ('a'); select setval('artworks_id_seq', 40)")
    production.run("delete from artworks")
    source.run(
        "insert into artworks values (1, 'one'), (2, 'two');"
        f"insert into artworks values (3, 'lamp', '{local}')"
    )
    every = Table("artworks", key="slug", where="true", pointers=[Pointer("related", "artworks")])
    release(source, production, every, key="lamp")
    found = {slug: id_ for id_, slug in production.rows("select id, slug from artworks")}
    ids = {1: found["one"], 2: found["two"], None: None}
    wanted = [ids[{41: 1, 42: 2, None: None}[one]] for one in there]
    assert production.value("select related from artworks where slug = 'lamp'") == wanted
    assert release(source, production, every, key="lamp").word == "unchanged"


def test_a_row_that_an_array_names_comes_with_it_or_must_be_there(source, production):
    both(source, production, ARRAYS)
    source.run(
        "insert into artworks (slug) values ('other');"
        "insert into artworks (slug, related) values ('lamp', '{1}')"
    )
    production.run("insert into artworks values (1, 'not-related'); select setval('artworks_id_seq', 1)")
    lost = plan(export(source, RELATED, key="lamp"), production).obstacles
    assert [str(one) for one in lost] == ["artworks other: is referred to and is not in production"]
    production.run("insert into artworks (slug) values ('other')")
    release(source, production, RELATED, key="lamp")
    assert production.rows("select r.slug from artworks a join artworks r on r.id = any (a.related)") == [
        ("other",)
    ]


def test_ids_as_text_in_an_array_of_rows_that_travel(source, production):
    both(source, production, ARRAYS + "; create table tag (id serial primary key, name text not null unique)")
    source.run(
        "insert into tag values (5, 'a'), (6, 'b'); insert into artworks values (1, 'lamp', '{}', '{6,5}')"
    )
    tables = (Table("artworks", key="slug", pointers=[Pointer("more", "tag")]), Table("tag", key="name"))
    bundle = export(source, *tables, key="lamp")
    assert bundle.rows()["artworks"][0]["more"] == '[{"tag": "b"}, {"tag": "a"}]'
    apply(bundle, production)
    names = production.rows(
        "select t.name from artworks a, unnest(a.more) with ordinality e(id, n)"
        " join tag t on t.id::text = e.id order by n"
    )
    assert names == [("b",), ("a",)]


def test_an_empty_list_that_production_has_by_default_is_taken_for_no_edit(source, production):
    both(source, production, ARRAYS)
    source.run(
        "insert into artworks (slug) values ('other');"
        "insert into artworks (slug, related) values ('lamp', '{1}')"
    )
    production.run("insert into artworks (slug) values ('other'), ('lamp')")
    assert actions(plan(export(source, RELATED, key="lamp"), production)) == {("artworks", "lamp"): "update"}


def test_an_array_of_two_dimensions_is_refused_and_one_in_production_is_an_edit(source, production):
    both(source, production, ARRAYS)
    source.run("insert into artworks (slug) values ('lamp'); update artworks set related = '{{1},{1}}'")
    with pytest.raises(
        Problem, match=r"artworks.related: is an array of several dimensions: lamp \(\{\{1\},\{1\}\}\)"
    ):
        export(source, RELATED, key="lamp")
    source.run("update artworks set related = '{1}'")
    release(source, production, RELATED, key="lamp")
    production.run("update artworks set related = '{{1},{1}}'")
    [change] = plan(export(source, RELATED, key="lamp"), production).changes
    assert change.action == "kept"


def test_a_rollback_puts_an_array_back(source, production):
    both(source, production, ARRAYS)
    source.run("insert into artworks (slug) values ('lamp')")
    release(source, production, RELATED, key="lamp")
    production.run("update artworks set related = '{99,1}'")
    before = contents(production)
    source.run("update artworks set related = '{1,1}'")
    bundle = export(source, RELATED, key="lamp")
    number = released(bundle, source, production, take=("local",)).number
    assert production.value("select related from artworks") == [1, 1]
    undone(production, number)
    assert contents(production) == before


def test_a_uuid_that_the_database_makes_is_followed(source, production):
    both(
        source,
        production,
        "create table artworks (id uuid primary key default gen_random_uuid(), slug text not null unique);"
        "create table note (id bigserial primary key, text text not null unique, artwork_id uuid,"
        " others uuid[])",
    )
    both(source, production, "insert into artworks (slug) values ('lamp')")
    source.run("insert into note (text, artwork_id, others) select 'hi', id, array[id, id] from artworks")
    note = Table(
        "note",
        key="text",
        via="artwork_id",
        pointers=[Pointer("artwork_id", "artworks"), Pointer("others", "artworks")],
    )
    release(source, production, Table("artworks", key="slug"), note, key="lamp")
    assert production.value("select others = array[artwork_id, artwork_id] from note")
    assert production.value("select a.slug from note n join artworks a on a.id = n.artwork_id") == "lamp"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            Table("attachments", key="name", references={"record_id": Match("slug")}),
            "record_id: is not a foreign key",
        ),
        (attachments(Pointer("recrd_id", "artworks")), "recrd_id: no such column"),
        (attachments(Pointer("record_id", "artwrks")), "artwrks: no such table"),
        (attachments(Pointer("blob_id", "blobs")), "blob_id: is a foreign key, which is followed"),
        (attachments(Pointer("record_id", "artworks", key="id")), "record_id: matches artworks by id"),
        (attachments(Pointer("record_id", "users")), 'record_id: points at "users", which does not travel'),
        (attachments(Pointer("record_id", "users", key="nme")), "users.nme: no such column"),
        (
            attachments(Pointer("record_id", "pairs", key=("a", "b"))),
            'record_id: points at "pairs", whose rows have no id',
        ),
        (
            attachments(Pointer("record_id", "uuids", key="slug")),
            "record_id: is bigint, and ids of uuids are uuid",
        ),
        (
            attachments(Pointer("record_id", "artworks"), OF_SERIES),
            "record_id: is pointed somewhere by the pointer",
        ),
        (
            attachments(Pointer("record_id", "artworks", where=" ")),
            "record_id: has a pointer with an empty condition",
        ),
        (
            Table("attachments", key="name", skip="record_id", pointers=[OF_ARTWORK]),
            "record_id: does not travel: its pointer does nothing",
        ),
        (
            Table("attachments", key="name", references={"record_id": Leave()}, pointers=[OF_ARTWORK]),
            "record_id: does not travel: its pointer does nothing",
        ),
        (Table("attachments", key="name", via="record_id"), "record_id: refers to no table that travels"),
        (attachments(OF_ARTWORK, plain="recrd_id"), "recrd_id: no such column"),
    ],
)
def test_a_pointer_that_would_do_nothing_is_refused(gallery, source, table, says):
    source.run(
        "create table users (id bigserial primary key, name text);"
        "create table pairs (a int, b int, primary key (a, b));"
        "create table uuids (id uuid primary key default gen_random_uuid(), slug text)"
    )
    with pytest.raises(Problem) as caught:
        export(source, Table("artworks", key="slug"), SERIES, BLOBS, table, key="nocturne")
    assert says in str(caught.value)
    assert caught.value.code == Exit.PLUGIN


def test_the_condition_of_a_pointer_is_any_sql_of_the_row(gallery, source, production):
    both(source, production, "alter table attachments add at timestamptz; create schema old")
    odd = "attachments.record_type like 'Art%work' and coalesce(\"at\", now()) is not null"
    tables = (ARTWORKS, SERIES, BLOBS, attachments(Pointer("record_id", "artworks", where=odd)))
    release(source, production, *tables, key="nocturne")
    assert production.value("select count(*) from attachments") == 1
    planned(export(source, *tables, key="nocturne"), source, production)


TAGS = """
create table artworks (id bigserial primary key, slug text not null unique);
create table essays (id bigserial primary key, slug text not null unique);
create table tags (id bigserial primary key, name text not null unique);
create table tagged (of_type text, of_id bigint, tag_id bigint references tags, note text,
  primary key (of_type, of_id, tag_id))
"""
TAGGED = Table(
    "tagged",
    key=("of_type", "of_id", "tag_id"),
    via="of_id",
    pointers=[
        Pointer("of_id", "artworks", where="of_type = 'artwork'"),
        Pointer("of_id", "essays", where="of_type = 'essay'", key="slug"),
    ],
)
TAGGING = (Table("artworks", key="slug"), Table("tags", key="name"), TAGGED)


@pytest.fixture
def tagged(source: Place, production: Place) -> None:
    """A join table without an id of its own, whose key is a polymorphic pair and a tag."""
    both(source, production, TAGS)
    source.run(
        "insert into artworks values (7, 'lamp'); insert into tags values (1, 'oil'), (2, 'blue');"
        "insert into tagged values ('artwork', 7, 1, 'a'), ('artwork', 7, 2, 'b'), ('essay', 7, 2, 'c')"
    )
    production.run(
        "insert into artworks values (7, 'other'); select setval('artworks_id_seq', 70);"
        "insert into tags values (1, 'blue'); select setval('tags_id_seq', 20);"
        "insert into tagged values ('artwork', 7, 1, 'the site''s own')"
    )


def test_a_pair_in_a_primary_key_names_the_row(tagged, source, production):
    before = contents(production)
    release(source, production, *TAGGING, key="lamp")
    joined = "join artworks a on a.id = of_id join tags t on t.id = tag_id"
    shown = f"select a.slug, t.name, x.note from tagged x {joined}"
    assert production.rows(f"{shown} order by 1, 2") == [
        ("lamp", "blue", "b"),
        ("lamp", "oil", "a"),
        ("other", "blue", "the site's own"),
    ]
    assert release(source, production, *TAGGING, key="lamp").word == "unchanged"
    source.run("update tagged set note = 'new' where tag_id = 1; delete from tagged where tag_id = 2")
    bundle = export(source, *TAGGING, key="lamp")
    gone = [change.key for change in plan(bundle, production).changes if change.action in ("gone", "left")]
    assert '["artwork",{"artworks": "lamp"},"blue"]' in gone
    number = released(bundle, source, production, prune=True).number
    assert production.value("select count(*) from tagged") == 2
    undone(production, number)
    assert production.rows(f"{shown} order by 1, 2")[:2] == [("lamp", "blue", "b"), ("lamp", "oil", "a")]
    undone(production, 1)
    assert contents(production)["tagged"] == before["tagged"]
    assert contents(production)["artworks"] == before["artworks"]


def test_a_row_that_is_renamed_takes_what_points_at_it_along(gallery, source, production):
    release(source, production, *PAIRS, key="nocturne")
    ids = production.rows("select id, record_id from attachments order by 1")
    source.run("update artworks set slug = 'aubade' where slug = 'nocturne'")
    bundle = export(source, *PAIRS, key="aubade")
    said = released(bundle, source, production, rename=("artworks:nocturne=aubade",))
    assert "inserted" not in said.says
    assert production.rows("select id, record_id from attachments order by 1") == ids
    assert release(source, production, *PAIRS, key="aubade").word == "unchanged"


def test_a_key_with_a_pointer_is_a_key_object_in_a_plan(tagged, source, production):
    bundle = export(source, *TAGGING, key="lamp")
    specs = bundle.manifest.specs
    [change] = [one for one in plan(bundle, production).changes if one.key.endswith('"oil"]')]
    assert key_object(specs["tagged"], specs, change.key) == {
        "of_type": "artwork",
        "of_id": {"artworks": "lamp"},
        "tag_id": {"name": "oil"},
    }
    rows = {key_text(specs["tagged"], specs, row) for row in bundle.rows()["tagged"]}
    assert change.key in rows


def test_a_bundle_without_pointers_is_what_it_always_was(gallery, source):
    bundle = export(source, Table("series", key="slug"), key="dusk")
    spec = bundle.manifest.specs["series"]
    assert not {"pointers", "plain"} & spec.to_json().keys()
    assert TableSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_a_bundle_from_elsewhere_brings_no_condition_of_its_own(gallery, source):
    manifest = export(source, *PAIRS, key="nocturne").manifest
    require_declared(manifest, Declared(Kind("artwork", "artworks", "slug"), PAIRS))
    other = (*PAIRS[:3], attachments(OF_ARTWORK, replace(OF_SERIES, where="record_type = 'Serie'")))
    with pytest.raises(Problem, match="attachments.record_id: points at series where record_type = 'Series'"):
        require_declared(manifest, Declared(Kind("artwork", "artworks", "slug"), other))
