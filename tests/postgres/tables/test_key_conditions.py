"""Keys that are unique only among the rows that were not deleted softly, as a partial unique index says."""

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import JsonReference, Match, Table
from tests.databases.deciding import undone
from tests.databases.places import actions, both, export, plan, release

POST = Table("post", key="slug", where="slug = %(key)s")
NOTE = Table("note", key=("post_id", "name"), via="post_id")
TABLES = """
create table post (id bigserial primary key, slug text not null, title text, deleted_at timestamptz);
create unique index on post (slug) where deleted_at is null;
create table note (id bigserial primary key, post_id bigint not null references post, name text not null,
  unique (post_id, name));
"""
ALIVE = "insert into post (slug, title) values ('poetry', %s)"
DELETED = "insert into post (slug, title, deleted_at) values ('poetry', %s, %s)"
SHOWN = "select title, deleted_at::date::text from post order by id"


@pytest.fixture
def deleted_before(source, production):
    """Two rows in production that were deleted softly, with the key of one that lives in the source."""
    both(source, production, TABLES)
    source.run(ALIVE, "here")
    for day in ("2024-01-01", "2025-01-01"):
        production.run(DELETED, f"of {day}", day)


OLD = [("of 2024-01-01", "2024-01-01"), ("of 2025-01-01", "2025-01-01")]


def test_a_row_comes_beside_deleted_ones_with_its_key(source, production, deleted_before):
    assert release(source, production, POST).says == "1 inserted"
    assert release(source, production, POST).word == "unchanged"
    assert production.rows(SHOWN) == [*OLD, ("here", None)]
    source.run("update post set title = 'anew'")
    assert release(source, production, POST).says == "1 updated"
    undone(production, 2)
    undone(production, 1)
    assert production.rows(SHOWN) == OLD


def test_a_soft_deletion_travels_and_is_undone(source, production, deleted_before):
    release(source, production, POST)
    source.run("update post set deleted_at = '2026-01-01', title = 'bye'")
    assert release(source, production, POST).says == "1 updated"
    assert release(source, production, POST).word == "unchanged"
    assert production.rows(SHOWN) == [*OLD, ("bye", "2026-01-01")]
    undone(production, 2)
    assert production.rows(SHOWN) == [*OLD, ("here", None)]


def test_a_row_that_was_deleted_there_since_stays_deleted(source, production, deleted_before):
    release(source, production, POST)
    production.run("update post set deleted_at = '2026-01-01' where deleted_at is null")
    assert actions(plan(export(source, POST), production)) == {("post", "poetry"): "removed"}
    source.run("update post set title = 'anew'")
    assert actions(plan(export(source, POST), production)) == {("post", "poetry"): "conflict"}
    assert production.rows(SHOWN) == [*OLD, ("here", "2026-01-01")]


def test_what_hangs_on_a_deleted_row_stays_at_home(source, production, deleted_before):
    source.run(DELETED, "before", "2023-01-01")
    source.run("insert into note (post_id, name) select id, title from post")
    assert release(source, production, POST, NOTE).says == "2 inserted"
    assert production.rows("select n.name from note as n join post as p on p.id = n.post_id") == [("here",)]


def test_a_deleted_row_is_matched_only_where_none_lives(source, production):
    both(
        source,
        production,
        "create table author (id serial primary key, name text not null, deleted_at date);"
        "create unique index on author (lower(name)) where deleted_at is null;"
        "create table book (id serial primary key, isbn text unique not null,"
        "  author_id int references author)",
    )
    book = Table("book", key="isbn", references={"author_id": Match("name")})
    source.run("insert into author (name) values ('Ann'), ('Ben')")
    source.run("insert into book (isbn, author_id) values ('a', 1), ('b', 2)")
    production.run(
        "insert into author (name, deleted_at) values ('Ann', now()), ('Ann', null), ('Ben', now())"
    )
    for isbn in ("a", "b"):
        release(source, production, book, key=isbn)
    assert production.rows("select isbn, author_id from book order by 1") == [("a", 2), ("b", 3)]


def test_a_reference_to_a_deleted_row_whose_key_another_row_has_is_refused_by_name(source, production):
    both(
        source,
        production,
        "create table author (id serial primary key, name text not null, deleted_at date);"
        "create unique index on author (name) where deleted_at is null;"
        "create table book (id serial primary key, isbn text unique not null, of jsonb,"
        "  author_id int references author)",
    )
    source.run("insert into author (name, deleted_at) values ('Ann', '2025-01-01'), ('Ann', null)")
    source.run("insert into book (isbn, author_id) values ('a', 1)")
    author = Table("author", key="name")
    plain = (Table("book", key="isbn"), author)
    matched = (Table("book", key="isbn", references={"author_id": Match("name")}),)
    inside = (Table("book", key="isbn", json_references=[JsonReference("of", "$.author", "author")]), author)
    for tables, column in ((plain, "author_id"), (matched, "author_id"), (inside, "of $.author")):
        with pytest.raises(
            Problem, match=r"leads to a row of author whose key another row has: a \(Ann\)"
        ) as caught:
            export(source, *tables, key="a")
        assert caught.value.where == f"book.{column}"
        source.run(
            """update book set author_id = 2, of = '{"author": 1}'""" if tables is matched else "select"
        )


def test_a_bundle_without_the_time_of_deletion_knows_only_rows_that_live(source, production, deleted_before):
    table = Table("post", key="slug", where="slug = %(key)s", skip="deleted_at")
    assert release(source, production, table).says == "1 inserted"
    assert release(source, production, table).word == "unchanged"
    production.run("update post set deleted_at = '2026-01-01' where deleted_at is null")
    assert actions(plan(export(source, table), production)) == {("post", "poetry"): "removed"}


def test_two_partial_indexes_make_a_key_unique(source, production):
    both(
        source,
        production,
        "create table page (id serial primary key, site int, slug text not null, title text);"
        "create unique index on page (slug) where site is null;"
        "create unique index on page (site, slug) where site is not null",
    )
    page = Table("page", key=("slug", "site"), where="slug = %(key)s")
    source.run("insert into page (site, slug, title) values (null, 'poetry', 'all'), (1, 'poetry', 'one')")
    production.run("insert into page (site, slug, title) values (2, 'poetry', 'theirs')")
    assert release(source, production, page).says == "2 inserted"
    assert release(source, production, page).word == "unchanged"
    undone(production, 1)
    assert production.rows("select title from page") == [("theirs",)]


def test_a_page_of_a_site_may_be_deleted_softly_and_be_there_again(source, production):
    both(
        source,
        production,
        "create table site (id serial primary key, host text unique not null);"
        "create table page (id serial primary key, site_id int references site, slug text not null,"
        "  title text, deleted_at date);"
        "create unique index on page (slug) where site_id is null and deleted_at is null;"
        "create unique index on page (site_id, slug) where site_id is not null and deleted_at is null",
    )
    page = Table(
        "page", key=("slug", "site_id"), where="slug = %(key)s", references={"site_id": Match("host")}
    )
    both(source, production, "insert into site (host) values ('a.example')")
    source.run("insert into page (site_id, slug, title) values (null, 'poetry', 'all'), (1, 'poetry', 'one')")
    production.run(
        "insert into page (site_id, slug, title, deleted_at) values (1, 'poetry', 'old', '2020-01-01')"
    )
    assert release(source, production, page).says == "2 inserted"
    source.run("update page set deleted_at = '2026-01-01' where title = 'one'")
    assert release(source, production, page).says == "1 updated"
    assert release(source, production, page).word == "unchanged"
    undone(production, 2)
    assert production.rows("select title from page where deleted_at is null order by id") == [
        ("all",),
        ("one",),
    ]
