"""Matches that may do without their row: `missing="null"` and `missing="keep"`."""

from __future__ import annotations

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Match, Table
from tests.databases.deciding import undone
from tests.databases.places import SHELF, actions, both, export, plan, release

NULL = Table("book", key="isbn", via="shelf_id", references={"author_id": Match("name", missing="null")})
KEEP = Table("book", key="isbn", via="shelf_id", references={"author_id": Match("name", missing="keep")})
AUTHORS = "select isbn, name from book left join author on author.id = author_id order by 1"
AREAS = """
create table zone (code text primary key);
create table area (id serial primary key, slug text not null unique,
  zone text default 'none' references zone);
"""


def area(missing: str) -> Table:
    return Table("area", key="slug", references={"zone": Match("code", missing=missing)})


@pytest.mark.parametrize("book", [NULL, KEEP], ids=["null", "keep"])
def test_a_new_row_without_its_match_gets_null(library, source, production, book):
    assert plan(export(source, SHELF, book), production).obstacles == ()
    assert release(source, production, SHELF, book).says == "3 inserted"
    assert production.rows(AUTHORS) == [("1", None), ("2", None)]
    assert release(source, production, SHELF, book).word == "unchanged"


@pytest.mark.parametrize("book", [NULL, KEEP], ids=["null", "keep"])
def test_a_row_that_is_there_keeps_its_own(library, source, production, book):
    production.run("insert into author (name) values ('Emily'), ('Charlotte')")
    release(source, production, SHELF, book)
    source.run("insert into author (name) values ('Anne'); update book set author_id = 2 where isbn = '2'")
    source.run("update book set price = 1")
    assert release(source, production, SHELF, book).says == "2 updated"
    assert production.rows(AUTHORS) == [("1", "Emily"), ("2", "Emily")]


def test_the_reference_is_set_once_its_row_is_there(library, source, production):
    release(source, production, SHELF, NULL)
    production.run("insert into author (name) values ('Emily')")
    assert actions(plan(export(source, SHELF, NULL), production)) == {
        ("book", "1"): "update", ("book", "2"): "update",
    }  # fmt: skip
    assert release(source, production, SHELF, NULL).says == "2 updated"
    assert production.rows(AUTHORS) == [("1", "Emily"), ("2", "Emily")]
    assert release(source, production, SHELF, NULL).word == "unchanged"


def test_a_match_that_is_there_is_set_as_ever(library, source, production):
    production.run("insert into author (name) values ('Emily')")
    release(source, production, SHELF, KEEP)
    assert production.rows(AUTHORS) == [("1", "Emily"), ("2", "Emily")]


def test_an_edit_in_production_is_kept_though_the_match_is_missing(library, source, production):
    release(source, production, SHELF, NULL)
    production.run("insert into author (name) values ('Somebody'); update book set author_id = 301")
    source.run("update book set price = 1")
    assert release(source, production, SHELF, NULL).says == "2 updated"
    assert production.rows(AUTHORS) == [("1", "Somebody"), ("2", "Somebody")]


def test_a_release_without_a_match_is_rolled_back(library, source, production):
    release(source, production, SHELF, NULL)
    production.run("insert into author (name) values ('Emily')")
    release(source, production, SHELF, NULL)
    assert undone(production).count("update") == 2
    assert production.rows(AUTHORS) == [("1", None), ("2", None)]


def test_a_json_reference_needs_the_row_that_a_column_can_do_without(library, source, production):
    both(source, production, "alter table book add extra jsonb")
    source.run("update book set extra = '{\"by\": 1}' where isbn = '1'")
    inside = [JsonReference("extra", "$.by", "author")]
    book = Table("book", key="isbn", via="shelf_id", references=NULL.references, json_references=inside)
    author = Table("author", key="name", where="false")
    obstacles = plan(export(source, SHELF, book, author), production).obstacles
    assert [str(one) for one in obstacles] == ["author Emily: is referred to and is not in production"]


@pytest.mark.parametrize(("missing", "zone"), [("null", None), ("keep", "none")])
def test_a_match_without_a_surrogate_may_be_missing(source, production, missing, zone):
    both(source, production, AREAS + "insert into zone values ('none')")
    source.run("insert into zone values ('eu'); insert into area (slug, zone) values ('a', 'eu')")
    assert release(source, production, area(missing), key="a").says == "1 inserted"
    assert production.value("select zone from area") == zone
    assert release(source, production, area(missing), key="a").word == "unchanged"
    production.run("insert into zone values ('eu')")
    assert release(source, production, area(missing), key="a").says == "1 updated"
    assert production.value("select zone from area") == "eu"


def test_keep_gives_a_new_row_the_constant_default(library, source, production):
    production.run("insert into author (id, name) values (7, 'Anonymous')")
    production.run("alter table book alter author_id set default 7")
    release(source, production, SHELF, KEEP)
    assert production.rows(AUTHORS) == [("1", "Anonymous"), ("2", "Anonymous")]
    production.run("insert into author (name) values ('Emily')")
    assert release(source, production, SHELF, KEEP).says == "2 updated"


def test_a_row_that_comes_with_the_release_is_not_missing(library, source, production):
    author = Table("author", key="name")
    assert release(source, production, SHELF, NULL, author).says == "4 inserted"
    assert production.rows(AUTHORS) == [("1", "Emily"), ("2", "Emily")]


def test_a_reference_of_a_key_cannot_do_without_its_row(library, source):
    table = Table("book", key=("author_id", "isbn"), via="shelf_id", references=NULL.references)
    with pytest.raises(Problem, match="author_id: is part of the key") as caught:
        export(source, SHELF, table)
    assert caught.value.code == Exit.PLUGIN


def test_a_reference_that_is_never_null_cannot_do_without_its_row(library, source):
    source.run("alter table book alter author_id set not null")
    with pytest.raises(Problem, match="author_id: is never null"):
        export(source, SHELF, NULL)


def test_an_unknown_word_for_missing_is_refused():
    with pytest.raises(ValueError, match="one of error, null, keep"):
        Match("slug", missing="ignore")


@pytest.mark.parametrize("missing", ["null", "keep"])
def test_a_column_beside_an_id_that_is_missing_travels_all_the_same(source, production, missing):
    both(
        source,
        production,
        "create table folder (id serial primary key, house int, slug text not null unique,"
        " unique (house, id));"
        "create table paper (id serial primary key, slug text not null unique, house int default 3,"
        " folder_id int, foreign key (house, folder_id) references folder (house, id))",
    )
    source.run("insert into folder (house, slug) values (5, 'f')")
    source.run("insert into paper (slug, house, folder_id) values ('p', 5, 1)")
    paper = Table("paper", key="slug", references={"folder_id": Match("slug", missing=missing)})
    assert release(source, production, paper, key="p").says == "1 inserted"
    assert production.rows("select house, folder_id from paper") == [(5, None)]
    source.run("update paper set house = null")
    assert release(source, production, paper, key="p").says == "1 updated"
    assert production.rows("select house, folder_id from paper") == [(None, None)]
