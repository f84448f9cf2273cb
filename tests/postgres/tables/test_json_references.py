"""Ids of other rows inside JSON: they travel as keys and arrive as production's ids."""

import json

import pytest

from maulstick.bundle.manifest import read
from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Table
from tests.databases.deciding import released, undone
from tests.databases.places import AUTHOR, BOOK, LIBRARY, SHELF, both, export, plan, release


@pytest.fixture
def meta(library, source, production):
    both(source, production, "alter table shelf add meta jsonb")

    def referring(*paths, table="book"):
        references = [JsonReference("meta", path, table) for path in paths]
        return (Table("shelf", key="slug", json_references=references), BOOK, AUTHOR)

    return referring


def meta_of(place):
    return place.value("select meta from shelf")


def id_of(place, isbn):
    return place.value("select id from book where isbn = %s", isbn)


@pytest.mark.parametrize(
    ("path", "local", "there"),
    [
        ("$.book_id", {"book_id": 2, "n": 1}, lambda two: {"book_id": two, "n": 1}),
        ("$.a.b.c", {"a": {"b": {"c": 2, "d": 2}}}, lambda two: {"a": {"b": {"c": two, "d": 2}}}),
        ("$.books[*]", {"books": [2, 2, None]}, lambda two: {"books": [two, two, None]}),
        ("$.items[*].id", {"items": [{"id": 2}, {"x": 2}]}, lambda two: {"items": [{"id": two}, {"x": 2}]}),
        ("$.a[*][*].id", {"a": [[{"id": 2}], []]}, lambda two: {"a": [[{"id": two}], []]}),
        ("$.\"odd 'key'\"", {"odd 'key'": 2}, lambda two: {"odd 'key'": two}),
        ("$[*]", [2, 2], lambda two: [two, two]),
        ("$", 2, lambda two: two),
        ("$.book_id", {"other": 2}, lambda two: {"other": 2}),
        ("$.book_id", {"book_id": None}, lambda two: {"book_id": None}),
        ("$.book_id", [{"book_id": 2}], lambda two: [{"book_id": 2}]),
        ("$.book_id", None, lambda two: None),
    ],
)
def test_an_id_is_rewritten_at_any_path(meta, source, production, path, local, there):
    source.run("update shelf set meta = %s", None if local is None else json.dumps(local))
    release(source, production, *meta(path))
    assert meta_of(production) == there(id_of(production, "2"))
    assert release(source, production, *meta(path)).word == "unchanged"


def test_the_bundle_holds_keys_and_no_ids(meta, source):
    source.run("update shelf set meta = '{\"book_id\": 2}'")
    [row] = export(source, *meta("$.book_id")).rows()["shelf"]
    assert row["meta"] == '{"book_id": "2"}'


def test_two_references_in_one_column_are_both_rewritten(meta, source, production):
    source.run('update shelf set meta = \'{"one": 1, "all": [1, 2]}\'')
    release(source, production, *meta("$.one", "$.all[*]"))
    one, two = id_of(production, "1"), id_of(production, "2")
    assert meta_of(production) == {"one": one, "all": [one, two]}


def test_a_row_that_only_json_names_is_matched(meta, source, production):
    source.run(
        "insert into book (isbn, title) values ('7', 'on no shelf'); update shelf set meta = '{\"b\": 3}'"
    )
    bundle = export(source, *meta("$.b"))
    assert [str(one) for one in plan(bundle, production).obstacles] == [
        "book 7: is referred to and is not in production"
    ]
    production.run("insert into book (isbn, title) values ('7', 'here too')")
    release(source, production, *meta("$.b"))
    assert meta_of(production) == {"b": id_of(production, "7")}


def test_a_row_that_only_json_names_travels_where_its_table_has_neither(meta, source, production):
    source.run("insert into author (name) values ('Anne'); update shelf set meta = '{\"by\": 2}'")
    release(source, production, *meta("$.by", table="author"))
    assert meta_of(production) == {"by": production.value("select id from author where name = 'Anne'")}


def test_a_key_of_several_columns_goes_through_json(meta, source, production):
    shelf, _, author = meta("$.b")
    book = Table("book", key=("shelf_id", "isbn"), via="shelf_id")
    source.run("update shelf set meta = '{\"b\": 2}'")
    release(source, production, shelf, book, author)
    assert meta_of(production) == {"b": id_of(production, "2")}


def test_an_edit_of_the_id_in_production_is_kept(meta, source, production):
    source.run("update shelf set meta = '{\"b\": 1}'")
    release(source, production, *meta("$.b"))
    production.run("update shelf set meta = jsonb_build_object('b', %s::int)", id_of(production, "2"))
    assert release(source, production, *meta("$.b")).says == "3 rows equal, 1 kept"
    [change] = plan(export(source, *meta("$.b")), production).changes
    assert dict(change.columns["meta"]) == {
        "action": "kept",
        "base": '{"b": "1"}',
        "local": '{"b": "1"}',
        "production": '{"b": "2"}',
    }


def test_a_json_column_that_is_not_jsonb_is_rewritten(meta, source, production):
    both(source, production, "alter table shelf alter meta type json")
    source.run("update shelf set meta = '{\"b\":   2}'")
    release(source, production, *meta("$.b"))
    assert meta_of(production) == {"b": id_of(production, "2")}
    assert release(source, production, *meta("$.b")).word == "unchanged"


def test_ids_that_nobody_declared_stay_as_they_are(meta, source, production):
    source.run("update shelf set meta = '{\"b\": 2}'")
    release(source, production, *LIBRARY)
    assert meta_of(production) == {"b": 2}


def test_a_reference_to_the_same_row_is_rewritten(meta, source, production):
    source.run("update shelf set meta = '{\"self\": 1}'")
    shelf = Table("shelf", key="slug", json_references=[JsonReference("meta", "$.self", "shelf")])
    release(source, production, shelf, *LIBRARY[1:])
    assert meta_of(production) == {"self": production.value("select id from shelf")}
    assert SHELF.json_references == ()


@pytest.mark.parametrize("path", ["$.books[0]", "$..id", "book_id", "$.books.*", "$.a ? (@ > 1)"])
def test_a_path_that_cannot_be_followed_is_refused(meta, source, path):
    with pytest.raises(Problem) as caught:
        export(source, *meta(path))
    assert (caught.value.where, caught.value.code) == ("shelf.meta", Exit.PLUGIN)


@pytest.mark.parametrize(
    ("path", "local", "there"),
    [
        ("$.book_id", {"book_id": "2"}, lambda two: {"book_id": str(two)}),
        ("$.a[*].id", {"a": [{"id": "2"}, {"id": 2}]}, lambda two: {"a": [{"id": str(two)}, {"id": two}]}),
        ("$[*]", ["2", 2, None, "2"], lambda two: [str(two), two, None, str(two)]),
    ],
)
def test_an_id_that_is_stored_as_text_stays_text(meta, source, production, path, local, there):
    source.run("update shelf set meta = %s", json.dumps(local))
    release(source, production, *meta(path))
    assert meta_of(production) == there(id_of(production, "2"))
    assert release(source, production, *meta(path)).word == "unchanged"


def test_an_id_as_text_is_matched_and_undone(meta, source, production):
    source.run("insert into book (isbn, title) values ('7', 'on no shelf')")
    production.run("insert into book (isbn, title) values ('7', 'here too')")
    release(source, production, *meta("$.b"))
    source.run('update shelf set meta = \'{"b": "3"}\'')
    release(source, production, *meta("$.b"))
    assert meta_of(production) == {"b": str(id_of(production, "7"))}
    source.run("update shelf set meta = '{\"b\": 2}'")
    release(source, production, *meta("$.b"))
    undone(production)
    assert meta_of(production) == {"b": str(id_of(production, "7"))}


def test_a_text_that_names_no_row_is_refused(meta, source):
    source.run('update shelf set meta = \'{"book_id": "02"}\'')
    with pytest.raises(Problem) as caught:
        export(source, *meta("$.book_id"))
    assert (caught.value.what, caught.value.code) == ("names no row of book: 02", Exit.REFUSED)


def test_an_id_of_a_row_that_production_deleted_is_refused(meta, source, production):
    release(source, production, *meta("$.book_id"))
    production.run("delete from book where isbn = '2'")
    source.run("update shelf set meta = '{\"book_id\": 2}'")
    before = production.dump()
    with pytest.raises(Problem, match="shelf poetry: refers to book 2, which was deleted in production"):
        release(source, production, *meta("$.book_id"))
    assert production.dump() == before


def test_a_row_that_json_refers_to_now_is_not_undone(meta, source, production):
    release(source, production, *meta("$.book_id"))
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('3', 'Agnes', 1, 1)")
    release(source, production, *meta("$.book_id"))
    production.run(
        "update shelf set meta = jsonb_build_object('book_id', %s::bigint)", id_of(production, "3")
    )
    with pytest.raises(Problem, match=r"book:3: is referred to by 1 of shelf \(meta \$.book_id\)"):
        undone(production)


@pytest.mark.parametrize("written", ["2.0", "2.00", "2e0"])
def test_an_id_may_be_written_as_any_equal_number(meta, source, production, written):
    source.run("update shelf set meta = jsonb_build_object('book_id', %s::jsonb)", written)
    release(source, production, *meta("$.book_id"))
    assert meta_of(production) == {"book_id": id_of(production, "2")}


@pytest.mark.parametrize("lost", ["777", '"777"', '"02"', '{"no row": 7}', "[1]", "true"])
@pytest.mark.parametrize("local", [None, 2])
def test_an_id_that_names_no_row_in_production_is_an_edit(meta, source, production, local, lost):
    source.run("update shelf set meta = jsonb_build_object('book_id', %s::int)", local)
    release(source, production, *meta("$.book_id"))
    production.run("update shelf set meta = jsonb_build_object('book_id', %s::jsonb)", lost)
    assert release(source, production, *meta("$.book_id")).says == "3 rows equal, 1 kept"
    assert meta_of(production) == {"book_id": json.loads(lost)}


def test_an_id_that_names_no_row_is_put_back_as_it_was(meta, source, production):
    release(source, production, *meta("$.book_id"))
    production.run("update shelf set meta = '{\"book_id\": 777}'")
    source.run("update shelf set meta = '{\"book_id\": 2}'")
    bundle = export(source, *meta("$.book_id"))
    [change] = plan(bundle, production).conflicts()
    assert change.columns["meta"]["production"] == '{"book_id": {"no row": 777}}'
    released(bundle, source, production, take=("local",))
    assert meta_of(production) == {"book_id": id_of(production, "2")}
    undone(production)
    assert meta_of(production) == {"book_id": 777}


def test_a_row_that_json_names_may_be_matched_by_a_key(meta, source, production):
    references = [JsonReference("meta", "$.by[*]", "author", key="name")]
    shelf = Table("shelf", key="slug", json_references=references)
    source.run("insert into author values (9, 'Anne'); update shelf set meta = '{\"by\": [9, \"9\"]}'")
    lost = plan(export(source, shelf), production).obstacles
    assert [str(one) for one in lost] == ["author Anne: is referred to and is not in production"]
    production.run("insert into author values (77, 'Anne')")
    bundle = export(source, shelf)
    assert read(bundle.folder / "manifest.json", "").specs == bundle.manifest.specs
    release(source, production, shelf)
    assert meta_of(production) == {"by": [77, "77"]}
    assert release(source, production, shelf).word == "unchanged"


@pytest.mark.parametrize(
    ("references", "says"),
    [
        ([JsonReference("meta", "$.a", "author")], 'meta: refers to "author", which does not travel'),
        ([JsonReference("meta", "$.a", "author", key="nam")], "author.nam: no such column"),
        ([JsonReference("meta", "$.a", "shelf", key="title")], "meta: matches shelf by title"),
        ([JsonReference("meta", "$.a", "shelf")] * 2, "meta: has two references at $.a"),
    ],
)
def test_a_json_reference_that_leads_nowhere_is_refused(meta, source, references, says):
    with pytest.raises(Problem) as caught:
        export(source, Table("shelf", key="slug", json_references=references))
    assert says in str(caught.value)
    assert caught.value.code == Exit.PLUGIN
