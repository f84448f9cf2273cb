"""What an export refuses before anything is written."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Kind, Leave, Match, Table
from tests.databases.places import AUTHOR, BOOK, LIBRARY, SHELF, Declared, export


def refused(source, *tables, **options):
    with pytest.raises(Problem) as caught:
        export(source, *tables, **options)
    assert not list(source.folder.rglob("release.sql"))
    return caught.value


def test_an_unknown_subject_is_refused_with_the_nearest(library, source):
    problem = refused(source, key="poerty")
    assert (problem.where, problem.what, problem.code) == (
        "shelf poerty",
        "is not in the source",
        Exit.REFUSED,
    )
    assert problem.hint == 'did you mean "poetry"?'


def test_a_row_without_its_key_is_refused(library, source):
    source.run("alter table book add code text; update book set code = 'c' where isbn = '1'")
    problem = refused(source, SHELF, Table("book", key="code", via="shelf_id"), AUTHOR)
    assert (problem.where, problem.what, problem.code) == ("book", "1 row without their key", Exit.REFUSED)
    assert "code" in problem.hint


def test_rows_that_share_a_key_are_named(library, source):
    problem = refused(source, SHELF, Table("book", key="price", via="shelf_id"), AUTHOR)
    assert problem.what == 'rows share a key: ["900"] (2 rows)'
    assert problem.code == Exit.REFUSED


def test_rows_with_equal_null_parts_share_a_key(library, source):
    source.run("alter table book add code text")
    problem = refused(source, SHELF, Table("book", key=("price", "code"), via="shelf_id"), AUTHOR)
    assert problem.what == 'rows share a key: ["900",null] (2 rows)'


def test_an_undeclared_reference_shows_both_declarations(library, source):
    problem = refused(source, SHELF, BOOK)
    assert (problem.where, problem.code) == ("book.author_id", Exit.PLUGIN)
    assert 'refers to "author"' in problem.what
    assert 'references={"author_id": Leave()}' in problem.hint
    assert 'references={"author_id": Match(key=("…",))}' in problem.hint


def test_a_declaration_of_the_hint_is_taken_as_it_stands(library, source):
    book = Table("book", key="isbn", via="shelf_id", references={"author_id": Match(key=("name",))})
    assert len(export(source, SHELF, book).rows()["book"]) == 2


def test_an_unknown_table_is_refused_with_the_nearest(library, source):
    problem = refused(source, SHELF, Table("bok", key="isbn"))
    assert (problem.where, problem.hint, problem.code) == ("bok", 'did you mean "book"?', Exit.PLUGIN)


@pytest.mark.parametrize(
    "table",
    [
        Table("shelf", key="slugg"),
        Table("shelf", key="slug", theirs="slugg"),
        Table("shelf", key="slug", skip="slugg"),
        Table("shelf", key="slug", via="slugg"),
        Table("shelf", key="slug", references={"slugg": Leave()}),
        Table("shelf", key="slug", json_references=[JsonReference("slugg", "$.id", "shelf")]),
    ],
    ids=["key", "theirs", "skip", "via", "references", "json_references"],
)
def test_an_unknown_column_is_refused_with_the_nearest(library, source, table):
    plugins = Declared(Kind("shelf", "shelf", "slug"), (table,))
    problem = refused(source, table, plugins=plugins)
    assert (problem.where, problem.hint, problem.code) == ("shelf.slugg", 'did you mean "slug"?', Exit.PLUGIN)


def test_a_table_without_a_key_is_refused(library, source):
    plugins = Declared(Kind("shelf", "shelf", "slug"), (Table("shelf", key=()),))
    assert refused(source, SHELF, plugins=plugins).what == "has no key"


def test_a_kind_whose_table_nobody_declares_is_refused(library, source):
    plugins = Declared(Kind("shelf", "shelf", "slug"), (AUTHOR,))
    problem = refused(source, AUTHOR, plugins=plugins)
    assert (problem.where, problem.code) == ("kind shelf", Exit.PLUGIN)


def test_via_a_column_that_refers_to_no_table_of_the_slice_is_refused(library, source):
    problem = refused(source, SHELF, Table("book", key="isbn", via="title"), AUTHOR)
    assert (problem.where, problem.code) == ("book.title", Exit.PLUGIN)


def test_an_id_in_json_that_names_no_row_is_refused(library, source):
    source.run("alter table shelf add meta jsonb; update shelf set meta = '{\"book\": 8}'")
    shelf = Table("shelf", key="slug", json_references=[JsonReference("meta", "$.book", "book")])
    problem = refused(source, shelf, BOOK, AUTHOR)
    assert (problem.where, problem.what) == ("shelf.meta $.book", "names no row of book: 8")
    assert problem.code == Exit.REFUSED


def test_a_json_reference_to_a_table_that_does_not_travel_is_refused(library, source):
    source.run("alter table shelf add meta jsonb")
    shelf = Table("shelf", key="slug", json_references=[JsonReference("meta", "$.book", "book")])
    problem = refused(source, shelf)
    assert (problem.where, problem.code) == ("shelf.meta", Exit.PLUGIN)


def test_a_key_that_refers_to_its_own_table_twice_is_refused(source):
    source.run(
        "create table node (id serial primary key, slug text not null, parent_id integer references node,"
        " twin_id integer references node)"
    )
    problem = refused(source, Table("node", key=("slug", "parent_id", "twin_id")), key="a")
    assert (problem.where, problem.code) == ("node", Exit.PLUGIN)


def test_keys_that_refer_to_each_other_in_a_circle_are_refused(source):
    source.run(
        "create table a (id serial primary key, slug text not null, b_id integer);"
        "create table b (id serial primary key, a_id integer references a);"
        "alter table a add foreign key (b_id) references b"
    )
    problem = refused(source, Table("a", key=("slug", "b_id")), Table("b", key="a_id"), key="a")
    assert (problem.where, problem.code) == ("a", Exit.PLUGIN)


def test_a_refused_export_leaves_the_bundle_that_was_there(library, source):
    before = export(source)
    source.run("update book set price = 1; update shelf set slug = 'prose'")
    with pytest.raises(Problem):
        export(source, *LIBRARY)
    assert export(source, key="prose").folder != before.folder
    assert (before.folder / "release.sql").is_file()


def test_a_key_that_the_database_makes_up_is_refused(library, source):
    source.run("alter table shelf add twice text generated always as (slug || slug) stored")
    plugins = Declared(Kind("shelf", "shelf", "slug"), (Table("shelf", key="twice"),))
    problem = refused(source, Table("shelf", key="twice"), plugins=plugins)
    assert (problem.where, problem.code) == ("shelf.twice", Exit.PLUGIN)


def test_a_match_by_an_id_of_yet_another_row_is_refused(library, source):
    source.run("create table page (id serial primary key, book_id bigint references book)")
    source.run("alter table shelf add page_id integer references page")
    shelf = Table("shelf", key="slug", references={"page_id": Match(key=("book_id",))})
    problem = refused(source, shelf, plugins=Declared(Kind("shelf", "shelf", "slug"), (shelf,)))
    assert (problem.where, problem.code) == ("shelf.page_id", Exit.PLUGIN)
