"""Which rows travel: where, via, neither, and all that follow from each other."""

from maulstick.project.declarations import Kind, Table
from tests.databases.places import AUTHOR, BOOK, SHELF, Declared, both, export, release

TREE = """
create table node (id bigserial primary key, slug text not null unique, parent_id bigint references node);
insert into node values (1, 'root', null), (2, 'a', 1), (3, 'b', 2), (4, 'c', 3), (5, 'other', 1);
"""


def keys_of(bundle, table):
    return [row[bundle.manifest.specs[table].key[0]] for row in bundle.rows()[table]]


def test_the_kind_s_own_table_gives_the_row_of_the_subject(library, source):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('x', 'X', now(), now())")
    assert keys_of(export(source), "shelf") == ["poetry"]


def test_via_takes_rows_that_point_at_the_slice(library, source):
    source.run("insert into book (isbn, title) values ('7', 'on no shelf')")
    assert keys_of(export(source), "book") == ["1", "2"]


def test_neither_takes_rows_that_the_slice_points_at(library, source):
    source.run("insert into author (name) values ('of nothing here')")
    assert keys_of(export(source), "author") == ["Emily"]


def test_where_is_sql_with_the_subject_s_key(library, source):
    source.run("create table note (id serial primary key, word text not null unique, about text)")
    source.run(
        "insert into note (word, about) values ('in', 'on poetry'), ('100%', 'on poetry'), ('out', 'prose')"
    )
    note = Table("note", key="word", where="note.about = 'on ' || %(key)s and word not like '%z%'")
    assert keys_of(export(source, SHELF, note), "note") == ["100%", "in"]


def test_where_on_the_kind_s_own_table_says_which_rows_are_the_subject(library, source):
    source.run("update shelf set note = 'the poems'")
    shelf = Table("shelf", key="slug", where="note = 'the ' || %(key)s")
    assert keys_of(export(source, shelf, key="poems"), "shelf") == ["poetry"]


def test_via_several_references_takes_rows_of_any_of_them(library, source):
    source.run("alter table book add second_shelf_id bigint references shelf")
    source.run("insert into book (isbn, title, second_shelf_id) values ('3', 'Moved', 1)")
    book = Table("book", key="isbn", via=("shelf_id", "second_shelf_id"))
    assert keys_of(export(source, SHELF, book, AUTHOR), "book") == ["1", "2", "3"]


def test_the_slice_is_the_least_fixpoint(source):
    source.run(TREE)
    tree = Table("node", key="slug", via="parent_id")
    assert keys_of(export(source, tree, key="a"), "node") == ["a", "b", "c"]


def test_a_row_that_two_rows_share_travels_once(library, source):
    assert [row["author_id"] for row in export(source).rows()["book"]] == ["Emily", "Emily"]
    assert keys_of(export(source), "author") == ["Emily"]


def test_rows_found_through_two_steps_travel(library, source):
    source.run("create table country (id serial primary key, code text not null unique)")
    source.run("insert into country (code) values ('us'), ('fr')")
    source.run("alter table author add country_id integer references country")
    source.run("update author set country_id = 1")
    assert keys_of(export(source, SHELF, BOOK, AUTHOR, Table("country", key="code")), "country") == ["us"]


def test_skipped_columns_and_times_do_not_travel(library, source):
    shelf = Table("shelf", key="slug", skip="note")
    [row] = export(source, shelf).rows()["shelf"]
    assert row == {"slug": "poetry", "title": "Poetry", "position": "0"}


def test_times_that_are_part_of_the_key_travel(library, source, production):
    shelf = Table("shelf", key=("slug", "inserted_at"))
    release(source, production, shelf)
    assert production.value("select inserted_at::text from shelf") == "2025-11-17 09:49:05"


def test_as_of_is_the_newest_change_of_the_slice(library, source):
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at) values ('x', 'X', now(), '2031-01-01')"
    )
    assert export(source).manifest.as_of == "2025-11-17 09:49:05"


def test_the_counts_stand_in_the_manifest(library, source):
    assert export(source).manifest.counts() == {"author": 1, "shelf": 1, "book": 2}


def test_a_kind_may_name_its_subjects_by_another_column_than_the_key(library, source):
    plugins = Declared(Kind("title", "shelf", "title"), (SHELF,))
    assert keys_of(export(source, SHELF, key="Poetry", plugins=plugins, kind="title"), "shelf") == ["poetry"]


def test_the_source_is_read_in_one_snapshot_and_not_written(library, source):
    before = source.dump()
    export(source)
    assert source.dump() == before


def test_a_subject_with_hostile_key_is_found(source, production):
    both(source, production, "create table t (id serial primary key, slug text not null unique)")
    hostile = 'it\'s \\ "100%" $maulstick$ %(key)s é'
    source.run("insert into t (slug) values (%s)", hostile)
    assert release(source, production, Table("t", key="slug"), key=hostile).says == "1 inserted"
    assert production.value("select slug from t") == hostile
