"""What a person is told to do about a plan that is refused, by its reasons."""

from __future__ import annotations

import pytest

from maulstick.bundle.slice.known_base import Bases, KnownBase
from maulstick.plan.changes import Obstacle
from maulstick.plan.hints import RELEASE_FIRST, base_of_pulls, hint_for
from maulstick.postgres.tables.specs import Link
from tests.plan.in_memory.plans import planned, row, spec

DISPUTED = {"title": {"action": "conflict", "local": "1", "production": "2"}}
TAKE = "make both sides equal, or take one: --take local|production[:TABLE[.KEY][.COLUMN]]"
ASIDE = "make the constraint deferrable, or release in two steps, over a value that is free"
FOLLOW = "let the foreign key follow: on update cascade"
DROP = "if this is a copy of it, its ledger is not needed here: drop schema maulstick cascade;"
RENAME = "if it is a copy: invoke ledger.rename --target production --was staging; else the address is wrong"
REFERRED = "is referred to and is not there"


def stop(kind, table="book", key="1", says="is in the way"):
    return Obstacle(kind, table, key, says)


TARGET = stop("target", key="staging")


@pytest.mark.parametrize(
    ("rows", "obstacles", "is_pull", "hint"),
    [
        ([row("book 1", "conflict", DISPUTED)], [stop("aside"), stop("clash")], False, TAKE),
        ([], [stop("clash"), stop("aside"), stop("referred")], False, ASIDE),
        ([], [stop("referred"), TARGET], False, FOLLOW),
        ([], [TARGET], True, DROP),
        ([], [TARGET, stop("missing", says=REFERRED)], False, RENAME),
        ([], [stop("clash"), TARGET], False, RENAME),
        ([], [stop("clash"), stop("missing", says=REFERRED)], False, RELEASE_FIRST),
        ([], [stop("missing")], False, ""),
        ([], [stop("clash", says=REFERRED)], False, ""),
        ([], [stop("clash")], True, ""),
        ([], [], False, ""),
    ],
)
def test_the_hint_is_that_of_the_first_reason_that_has_one(rows, obstacles, is_pull, hint):
    plan = planned(*rows, obstacles=tuple(obstacles), is_pull=is_pull)
    assert hint_for(plan, {"book": spec("book", "isbn", "title")}) == hint


HOME = "the site itself makes these ids, and "
SKIP = f'book.id: {HOME}skip="id" leaves them at home'
COUNT = f"{HOME}with a default in both databases (nextval) they stay at home"


def disputed(column):
    return row("book 1", "conflict", {column: {"action": "conflict", "local": "1", "production": "2"}})


def tables(*links, type_="uuid", **more):
    """A book with an id that travels, a page that points somewhere, and a shelf with a code."""
    types = {"id": type_, "isbn": "text", "code": "bigint"}
    return {
        "book": spec("book", "isbn", "id", "code", types=types, **more),
        "page": spec("page", "slug", links=links),
        "shelf": spec("shelf", "slug", "code", types={"code": "bigint"}),
    }


@pytest.mark.parametrize(
    ("type_", "hint"),
    [
        ("uuid", SKIP),
        ("text", SKIP),
        ("character varying(40)", SKIP),
        ("bigint", f"book.id: {COUNT}"),
        ("integer", f"book.id: {COUNT}"),
        ("date", TAKE),
    ],
)
def test_an_id_in_conflict_is_left_at_home(type_, hint):
    assert hint_for(planned(disputed("id")), tables(type_=type_)) == hint


TO_BOOK = Link(("book_code",), "book", ("code",))
TO_SHELF = Link(("shelf_code",), "shelf", ("code",))
TO_BOTH = Link(("a", "b"), "book", ("id", "isbn"))
OF_CODE = f"book.code: {COUNT}"


@pytest.mark.parametrize(
    ("links", "column", "hint"),
    [
        ((TO_BOOK,), "code", OF_CODE),
        ((TO_SHELF,), "code", TAKE),
        ((Link(("a", "b"), "book", ("code", "isbn")),), "code", TAKE),
        ((Link(("isbn",), "book", ("isbn",)),), "isbn", TAKE),
        ((), "id", SKIP),
    ],
)
def test_what_others_point_at_is_an_id_unless_it_is_the_key(links, column, hint):
    assert hint_for(planned(disputed(column)), tables(*links)) == hint


def test_an_id_that_is_the_key_is_no_id_that_could_stay_at_home():
    assert hint_for(planned(disputed("id")), {"book": spec("book", "id", types={"id": "uuid"})}) == TAKE


@pytest.mark.parametrize(
    ("kind", "table", "links", "more", "hint"),
    [
        ("missing", "book", (TO_SHELF, TO_BOOK), {}, OF_CODE),
        ("missing", "shelf", (TO_BOOK, TO_SHELF), {}, f"shelf.code: {COUNT}"),
        ("missing", "page", (TO_BOOK, TO_SHELF), {}, ""),
        ("missing", "book", (TO_BOTH,), {}, ""),
        ("missing", "book", (TO_BOTH, TO_BOOK), {}, OF_CODE),
        ("missing", "book", (TO_BOOK,), {"travels": False}, ""),
        ("missing", "book", (Link((), "book", ()),), {}, ""),
        ("missing", "unknown", (Link(("a",), "unknown", ("a",)),), {}, ""),
        ("elsewhere", "page", (TO_BOOK, TO_SHELF), {}, OF_CODE),
        ("elsewhere", "book", (TO_BOOK,), {}, ""),
        ("clash", "book", (TO_BOOK,), {}, ""),
        ("clash", "page", (TO_BOOK,), {}, ""),
    ],
)
def test_an_id_by_which_a_row_is_missed_is_left_at_home(kind, table, links, more, hint):
    plan = planned(obstacles=(stop("clash"), stop(kind, table)))
    assert hint_for(plan, tables(*links, **more)) == hint


def known(key, values, table="book"):
    return KnownBase("production", table, key, None, (), values)


def cells(**columns):
    names = ("action", "local", "production")
    return {name: dict(zip(names, cell, strict=False)) for name, cell in columns.items()}


def test_a_column_that_is_as_it_was_pulled_is_named():
    pulled = [
        known("1", {"title": "a", "price": "2", "note": "4", "born": None}),
        known("2", {"title": "a"}, table="shelf"),
        known("4\n", {"title": None}),
    ]
    plan = planned(
        row(
            "book 1",
            "update",
            cells(
                title=("update", "b", "a"),
                price=("update", "3", "9"),
                note=("kept", "5", "4"),
                born=("update", "1", None),
                other=("update", "1", None),
            ),
        ),
        row("book 2", "update", cells(title=("update", "b", "a"))),
        row("book 3", "update", cells(title=("update", "b", "a"))),
        row("book 4\n", "conflict", cells(title=("update", "b"), note=("conflict", "1", "2"))),
    )
    says = "what production has there was pulled before"
    lines = [*base_of_pulls(Bases(tuple(pulled)), plan)]
    assert lines == [f"book 1: title, born: {says}", f"book 4\\n: title: {says}"]
    assert [*base_of_pulls(Bases(tuple(pulled), "production"), plan)] == []
    assert [*base_of_pulls(Bases(), plan)] == []
