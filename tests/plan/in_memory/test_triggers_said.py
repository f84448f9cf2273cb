"""Which columns to write a trigger sets too, and what is said of a database that cannot be written to."""

from __future__ import annotations

import pytest

from maulstick.errors import Exit
from maulstick.plan import database_state
from maulstick.plan.database_state import HINT, READ_ONLY, REPLICA, rewritten, unwritable
from tests.plan.in_memory.plans import planned, row, spec

BOOK = spec("book", "isbn", "price", "title", "own", theirs=("own",))
SHELF = spec("shelf", "slug", "title")


def cells(**actions):
    return {name: {"action": action, "local": "1", "production": "2"} for name, action in actions.items()}


@pytest.fixture
def said(monkeypatch):
    """What triggers set is known here; return the places of which something is said."""
    asked = []

    def triggers(database, specs):
        asked.append([one.label for one in specs])
        return [
            (BOOK, "price", "a", True, False),
            (BOOK, "title", "b", False, True),
            (BOOK, "own", "c", True, True),
            (SHELF, "title", "d, e", True, True),
        ]

    monkeypatch.setattr(database_state, "triggers", triggers)

    def said(*rows, **more):
        lines = rewritten(None, [BOOK, SHELF], planned(*rows, **more).changes)
        return len(asked), [line.partition(":")[0] for line in lines]

    return said


@pytest.mark.parametrize(
    ("rows", "asked", "places"),
    [
        ([], 0, []),
        ([row("book 1", "kept", cells(title="kept"))], 0, []),
        ([row("book 1", "gone")], 0, []),
        ([row("book 1", "insert", price="1")], 1, ["book.price"]),
        ([row("book 1", "update", cells(title="update", price="update"))], 1, ["book.title"]),
        ([row("book 1", "update", cells(title="kept", price="update"))], 1, []),
        ([row("shelf 1", "update", cells(title="update"))], 1, ["shelf.title"]),
        (
            [row("shelf 1", "insert", title="1"), row("book 1", "update", cells(title="update"))],
            1,
            ["book.title", "shelf.title"],
        ),
        (
            [row("book 1", "insert", price="1"), row("other 1", "update", cells(title="update"))],
            1,
            ["book.price"],
        ),
    ],
)
def test_a_column_is_named_that_is_written_where_a_trigger_sets_it(said, rows, asked, places):
    assert said(*rows) == (asked, places)


def test_it_is_said_whose_trigger_it_is_and_what_shows_more(said):
    change = row("shelf 1", "insert", title="1")
    where = "shelf.title: is set by a trigger of {} too (d, e): --check tells whether it differs"
    assert rewritten(None, [SHELF], planned(change).changes) == [where.format("production")]
    pulled = planned(change, is_pull=True).changes
    assert rewritten(None, [SHELF], pulled) == [where.format("the local database")]


def test_not_all_of_many_updates_are_looked_at(said, monkeypatch):
    monkeypatch.setattr(database_state, "LOOKED_AT", 1)
    first = row("book 1", "update", cells(price="update"))
    later = row("book 2", "update", cells(title="update"))
    assert said(first, later)[1] == []
    assert said(later, first)[1] == ["book.title"]


class Answering:
    """A database that says whether it is a replica, and whether it is only read."""

    def __init__(self, *answer):
        self.answer = answer

    def query(self, text):
        return [self.answer]


@pytest.mark.parametrize(
    ("answer", "although", "what", "hint"),
    [
        ((False, False), False, None, ""),
        ((True, True), True, REPLICA, "name the primary in DATABASE_URL"),
        ((False, True), False, READ_ONLY, HINT),
        ((False, True), True, None, ""),
    ],
)
def test_a_database_that_cannot_be_written_to_is_told(answer, although, what, hint):
    found = unwritable(Answering(*answer), although=although)
    if what is None:
        assert found is None
    else:
        assert found is not None
        assert (found.code, found.what, found.hint) == (Exit.REFUSED, f"{what}; nothing was changed", hint)
