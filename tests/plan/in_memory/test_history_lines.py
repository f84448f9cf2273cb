"""A release, who made it, and what it changed, in lines."""

from __future__ import annotations

from maulstick.plan.history import change_lines, release_line, who_lines

RELEASE = {
    "number": 7, "at": "2024-01-02 03:04:05", "kind": "release", "of": None, "rows": 1, "proof": "verified",
    "operator": "ann", "subject": "shelf poetry\n",
}  # fmt: skip


def test_a_release_is_a_line():
    name = "shelf poetry\\n".ljust(32)
    at = "    7  2024-01-02 03:04:05 UTC"
    assert release_line(RELEASE) == f"{at}  release         {name}    1 row   verified      ann"
    undone = {**RELEASE, "kind": "rollback", "of": 3, "rows": 12, "proof": "-"}
    assert release_line(undone) == f"{at}  rollback of 3   {name}   12 rows  -             ann"
    pull = release_line({**RELEASE, "rows": 0}, "pull")
    assert pull.endswith("   0 rows  ann")
    assert "  pull  " in pull


CLAIMED = {"operator": "ann", "host": None, "actor": None, "run": None, "commit": None, "version": None}
NOBODY = {"claimed": CLAIMED, "proven": {"session_user": None}, "left_out": []}


def test_who_made_a_release_is_told_in_two_parts():
    assert [*who_lines(NOBODY)] == ["claimed: ann", "proven: nothing was recorded"]
    claimed = {"host": "h", "actor": "bot", "run": "https://r", "commit": "0123456789", "version": "1.2"}
    whole = {"claimed": {**CLAIMED, **claimed}, "proven": {"session_user": "u"}, "left_out": ["a 1", "b\n"]}
    assert [*who_lines(whole)] == [
        "claimed: ann on h, CI actor bot, https://r, commit 0123456, Maulstick 1.2",
        "proven: database user u",
        "left out: a 1, b\\n",
    ]


def test_a_change_is_a_line_for_its_row_and_one_for_each_column():
    change = {
        "release": 7, "at": "2024", "operator": "ann", "action": "update", "table": "book", "key": "1\n",
        "before": {"b": "1", "a": None}, "after": {"b": "2", "c": "3"},
    }  # fmt: skip
    assert change_lines(change) == [
        "release 7 (2024 UTC, ann): update book 1\\n",
        "    a: null became null",
        '    b: "1" became "2"',
        '    c: null became "3"',
    ]
    [line] = change_lines({**change, "action": "insert"}, "pull")
    assert line == "pull 7 (2024 UTC, ann): insert book 1\\n"
