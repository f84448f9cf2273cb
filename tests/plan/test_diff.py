"""`--diff`: every row and column, as it is and as it becomes."""

from __future__ import annotations

import json

from maulstick.plan.changes import Change, Changes, Plan
from maulstick.plan.undone import Undone, undone_lines
from maulstick.plan.view import diff_lines
from maulstick.postgres.results import ResultRows

LONG = "a\n" * 40


def rows(*texts: tuple[str | None, ...]) -> ResultRows:
    """Return rows as a statement answers them."""
    found = ResultRows()
    for text in texts:
        found.add(text)
    return found


def change(action: str, **cells: dict[str, str | None]) -> Change:
    return Change("book", "1", action, cells=json.dumps(cells))


def lines(change: Change) -> list[str]:
    found = rows((change.table, change.key, change.action, change.cells, change.values))
    return [*diff_lines(Plan("shelf x", "live", "", Changes(found), (), 1))]


def test_an_update_shows_old_and_new_of_each_column_whole() -> None:
    price = {"action": "update", "base": "1", "local": "2", "production": "1"}
    note = {"action": "kept", "base": "x", "local": "x", "production": None}
    text = {"action": "update", "base": LONG, "local": LONG + "b", "production": LONG}
    assert lines(change("update", price=price, note=note, text=text)) == [
        "~ update book 1",
        '    price: update: production "1" → local "2"',
        '    note: kept: local "x" → production null',
        "    text: update",
        *("      --- production", "      +++ local", "      @@ -38,4 +38,4 @@"),
        *("       a", "       a", "       a", "      -", "      +b"),
    ]


def test_a_conflict_shows_what_each_side_made_of_the_base() -> None:
    title = {"action": "conflict", "base": "a", "local": "b", "production": "c"}
    assert lines(change("conflict", title=title))[1:] == [
        '    title: conflict: base "a" → local "b"',
        '    title: conflict: base "a" → production "c"',
    ]


def test_a_new_row_shows_every_value() -> None:
    new = Change("book", "1", "insert", values='{"title": "A", "price": null}')
    assert lines(new) == ["+ insert book 1", '    title: insert: local "A"', "    price: insert: local null"]


def test_a_rollback_shows_each_column_as_it_is_and_as_it_was() -> None:
    done = rows(("book", "1", "update"), ("book", "2", "delete"), ("book", "3", "insert"))
    undone = Undone("shelf x", 2, None, done, {})
    changes = [
        {"table": "book", "key": "1", "before": {"price": "1"}, "after": {"price": "2"}},
        {"table": "book", "key": "2", "before": {}, "after": {"price": "3"}},
        {"table": "book", "key": "3", "before": {"price": "4"}, "after": {}},
    ]
    assert [*undone_lines(undone, changes, "live")] == [
        "    restored: book:1",
        '        price: restored: live "2" → before "1"',
        "    deleted: book:2",
        '        price: deleted: live "3"',
        "    put back: book:3",
        '        price: put back: before "4"',
    ]
