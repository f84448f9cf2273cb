"""The rows of a table that are not of the subject: what a step reads does not grow with them."""

from dataclasses import dataclass

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Match, Table
from tests.databases.deciding import applied, contents, undone
from tests.databases.places import BOOK, SHELF, Place, apply, export, plan
from tests.postgres.test_statistics import reads

OUTSIDE = 20_000
INSIDE = 50
READS = OUTSIDE // 5
"""Rows that a step may read of all tables."""


@dataclass(frozen=True)
class Design:
    """A table below the shelf: how it is made, its rows, how it is declared, and what changes of it.

    In the statement for its rows, FROM stands for the numbers `n` and SHELF for the id of their shelf.
    """

    made: str
    rows: str
    declared: tuple[Table, ...]
    changed: str = "update book set price = price + 1 where price % 10 = 0"
    taken: str = "delete from book where price % 10 = 3"


SHELVES = """create table shelf (id bigserial primary key, slug text not null unique, title text not null,
  inserted_at timestamp(0) not null default now(), updated_at timestamp(0) not null default now());"""
BOOKS = (
    SHELVES + "create table book ({}, price integer, shelf_id bigint references shelf,"
    " blurb text default repeat('It rained. ', 50)); create index on book (shelf_id);"
)
FILL = "insert into book ({}, price, shelf_id) select {}, n, SHELF FROM;"
SERIAL = "id bigserial primary key, "
BY_ISBN = SERIAL + "isbn text not null unique"
UUID = "('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid"
DESIGNS = {
    "a text": Design(BOOKS.format(BY_ISBN), FILL.format("isbn", "'b' || n"), (SHELF, BOOK)),
    "a number": Design(
        BOOKS.format(SERIAL + "isbn numeric not null unique"), FILL.format("isbn", "n / 4.0"), (SHELF, BOOK)
    ),
    "a uuid and no id": Design(
        BOOKS.format("isbn uuid primary key"), FILL.format("isbn", UUID), (SHELF, BOOK)
    ),
    "two columns": Design(
        BOOKS.format(SERIAL + "isbn integer not null, part text not null, unique (isbn, part)"),
        FILL.format("isbn, part", "n / 2, 'part ' || n % 2"),
        (SHELF, Table("book", key=("isbn", "part"), via="shelf_id")),
    ),
    "a key that holds another": Design(
        BOOKS.format(BY_ISBN)
        + "create table note (id bigserial primary key, book_id bigint not null references book,"
        " place text not null, says text, unique (book_id, place));",
        FILL.format("isbn", "'b' || n")
        + "insert into note (book_id, place) select b.id, 'top' FROM join book as b on b.isbn = 'b' || n;",
        (SHELF, BOOK, Table("note", key=("book_id", "place"), via="book_id")),
        "update note set says = 'y' where book_id % 10 = 0",
        "delete from note where book_id % 10 = 3",
    ),
    "rows that are only matched": Design(
        BOOKS.format(BY_ISBN + ", author_id bigint")
        + "create table author (id bigserial primary key, name text not null unique);"
        "alter table book add foreign key (author_id) references author; create index on book (author_id);",
        "insert into author (name) select 'a' || n FROM;"
        "insert into book (isbn, price, shelf_id, author_id) select 'b' || n, n, SHELF, a.id FROM"
        " join author as a on a.name = 'a' || n;",
        (SHELF, Table("book", key="isbn", via="shelf_id", references={"author_id": Match(key="name")})),
    ),
    "a tree": Design(
        BOOKS.format(BY_ISBN.replace(" unique", "") + ", up bigint references book, unique (isbn, up)")
        + "create index on book (up);",
        FILL.format("isbn", "'b' || n")
        + "update book as b set up = p.id FROM join book as p on p.price = n / 10 * 10"
        " where b.price = n and n % 10 > 0;",
        (SHELF, Table("book", key=("up", "isbn"), via="shelf_id")),
    ),
}


def fill(place: Place, design: Design, shelves: int, first: int, last: int) -> None:
    """Make shelves with the rows of these numbers; the shelf of the subject is the first."""
    numbers = f"generate_series({first}, {first + shelves - 1}) as s"
    place.run(f"insert into shelf (slug, title) select 'shelf ' || s, s from {numbers}")
    shelf = f"(select id from shelf where slug = 'shelf ' || {first} + n % {shelves})"
    rows = design.rows.replace("SHELF", shelf)
    place.run(rows.replace("FROM", f"from generate_series({first}, {last}) as n"))


@pytest.fixture(params=DESIGNS)
def design(request, source, production):
    """A shelf of few rows in the source, and of many others in production."""
    found = DESIGNS[request.param]
    for place in (source, production):
        place.run(found.made)
    fill(source, found, 1, 0, INSIDE - 1)
    fill(production, found, 20, 100, 100 + OUTSIDE)
    if "author" in found.made:
        production.run(f"insert into author (name) select 'a' || n from generate_series(0, {INSIDE}) as n")
    production.run("vacuum analyze")
    return found


@pytest.fixture
def few(production):
    """Do something, and see that it reads few rows of production's tables."""

    def do(act):
        before = reads(production)
        done = act()
        assert reads(production) - before < READS
        return done

    return do


def test_no_step_reads_the_rows_of_others(design, few, source, production):
    bundle = export(source, *design.declared, key="shelf 0")
    assert few(lambda: plan(bundle, production)).counts()["insert"] > INSIDE
    assert few(lambda: apply(bundle, production)).word == "done"
    first = contents(production)
    source.run(design.changed)
    bundle = export(source, *design.declared, key="shelf 0")
    assert few(lambda: plan(bundle, production)).counts()["update"] == INSIDE // 10
    assert few(lambda: apply(bundle, production)).word == "done"
    assert few(lambda: undone(production)).count("update") == INSIDE // 10
    assert contents(production) == first
    source.run(design.taken)
    bundle = export(source, *design.declared, key="shelf 0")
    assert few(lambda: applied(bundle, source, production, prune=True)).word == "done"
    assert few(lambda: undone(production)).count("insert") == INSIDE // 10
    assert few(lambda: undone(production, 1)).count("delete") > INSIDE


NUMBERED = Table("book", key=("isbn", "part"), via="shelf_id")
NUMBERS = """create table book (id bigserial primary key, isbn integer not null, part text, price integer,
  shelf_id bigint references shelf, unique (isbn, part));"""


@pytest.fixture
def numbered(source, production):
    """Books with a number and, some of them, a part."""
    for place in (source, production):
        place.run(SHELVES + NUMBERS)
    source.run("insert into shelf (slug, title) values ('poetry', 'Poetry')")
    source.run("insert into book (isbn, part, shelf_id) values (1, 'a', 1), (2, null, 1), (3, 'b', 1)")
    apply(export(source, SHELF, NUMBERED), production)


def test_a_key_with_a_part_that_is_null_is_found_again(numbered, source, production):
    source.run("delete from book where isbn < 3")
    assert applied(export(source, SHELF, NUMBERED), source, production, prune=True).says == "2 deleted"
    undone(production)
    assert production.rows("select isbn, part from book order by 1") == [(1, "a"), (2, None), (3, "b")]


@pytest.mark.parametrize("old", ["nonsense", '["x","a"]'])
def test_what_is_no_key_of_the_table_is_looked_up_as_a_text(numbered, source, production, old):
    source.run("update book set isbn = 4 where isbn = 3")
    bundle = export(source, SHELF, NUMBERED)
    with pytest.raises(Problem, match="its old key, is not in production"):
        applied(bundle, source, production, rename=(f'book:{old}=["4","b"]',))
