"""A plan, a rollback and deleted rows, as people and programs read them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.choices import RowName
from maulstick.plan.prune import deleted, said, to_prune, without_source
from maulstick.plan.undone import Undone, undone_lines
from maulstick.plan.view import diff_lines, plan_json, plan_lines
from tests.plan.in_memory.plans import planned, result, row, spec

LONG = "verse " * 12
UPDATED = {"price": {"action": "update", "base": "0", "local": "1", "production": "2"}}
DISPUTED = {"price": {"action": "conflict", "base": "0", "local": "1", "production": "2"}}
KEPT = {"price": {"action": "kept", "base": "1", "local": "1", "production": "2"}}
EDITED = {"price": {"action": "gone", "base": "1", "production": "2"}}
ROWS = (
    row("book 1\n", "insert", price="5"),
    row("book 2", "update", UPDATED),
    row("book 3", "conflict", {"price": {"action": "conflict", "local": "1", "production": "2"}}),
    row("book 4", "conflict", DISPUTED),
    row("book 5", "kept", KEPT),
    row("book 6", "gone", EDITED),
    row("book 7", "gone"),
    row("book 8", "update", {"text": {"action": "update", "local": LONG, "production": None}}),
)


def test_a_plan_is_a_line_for_each_row_and_column():
    assert [*plan_lines(planned(*ROWS))] == [
        "+ insert book 1\\n",
        "~ update book 2",
        '    price: update: base "0", local "1", production "2"',
        "! conflict book 3",
        '    price: conflict: local "1", production "2"',
        "! conflict book 4",
        '    price: conflict: base "0", local "1", production "2"',
        "= kept book 5",
        '    price: kept: base "1", local "1", production "2"',
        "- gone book 6",
        '    price: gone: base "1", production "2"',
        "- gone book 7",
        "~ update book 8",
        "    text: update",
        "      local, against production:",
        "        - null",
        f"        + {LONG}",
    ]


def test_a_diff_shows_old_and_new_of_every_column():
    assert [*diff_lines(planned(*ROWS))][1:] == [
        '    price: insert: local "5"',
        "~ update book 2",
        '    price: update: production "2" → local "1"',
        "! conflict book 3",
        '    price: conflict: production "2" → local "1"',
        "! conflict book 4",
        '    price: conflict: base "0" → local "1"',
        '    price: conflict: base "0" → production "2"',
        "= kept book 5",
        '    price: kept: local "1" → production "2"',
        "- gone book 6",
        '    price: gone: base "1" → production "2"',
        "- gone book 7",
        "~ update book 8",
        "    text: update",
        "      --- production: null",
        "      +++ local",
        "      @@ -0,0 +1 @@",
        f"      +{LONG}",
    ]


def test_a_pull_shows_what_is_here_as_old():
    assert [*diff_lines(planned(row("book 2", "update", UPDATED), is_pull=True))][1:] == [
        '    price: update: local "2" → production "1"'
    ]
    assert [*diff_lines(planned(row("book 2", "kept", KEPT), is_pull=True))][1:] == [
        '    price: kept: production "1" → local "2"'
    ]


def test_plans_are_printed_with_their_files():
    files = [
        SimpleNamespace(action=action, file=SimpleNamespace(key=action, bytes=2**place))
        for place, action in enumerate(("upload", "overwrite", "there", "repair", "conflict"))
    ]
    media: Any = files
    printed = plan_json([(planned(*ROWS), {"book": spec("book", "isbn")}, media)], most=1)
    [one] = printed["plans"]
    assert printed["version"] == 1
    assert len(one["changes"]) == 5
    assert one["media"][1] == {"key": "overwrite", "bytes": 2, "action": "overwrite"}
    assert (one["summary"]["upload_files"], one["summary"]["upload_bytes"]) == (2, 3)
    assert one["summary"]["update"] == 2


def test_rows_to_prune_are_those_that_are_gone_up_to_a_limit():
    plan = planned(*ROWS)
    gone = (RowName("book", "6"), RowName("book", "7"))
    assert to_prune(plan, 2) == gone
    with pytest.raises(Problem) as caught:
        to_prune(plan, 1)
    assert (caught.value.code, caught.value.where) == (Exit.REFUSED, "--prune")
    assert caught.value.what == "would delete 2 rows, more than 1\n    book:6\n    book:7"
    assert caught.value.hint == "look at the list; --prune-limit 2 allows as many"


def test_of_gone_rows_is_said_what_is_lost_with_them():
    plan, doomed = planned(*ROWS), [RowName("book", "6"), RowName("book", "7")]
    assert [*deleted(plan, doomed)] == [
        "book:6 will be deleted in production, with what was edited there: price",
        "book:7 will be deleted in production",
    ]
    assert [*said(plan, doomed)] == [*deleted(plan, doomed)]
    assert [*deleted(plan, [])] == []
    assert [*deleted(plan, doomed[1:])] == ["book:7 will be deleted in production"]
    assert [*said(plan, doomed[1:])] == [
        "book:7 will be deleted in production",
        "book:6 is gone here and was edited in production: price",
    ]
    assert [*said(planned(*ROWS, is_pull=True), [])] == [
        "book:6 is gone in production and was edited here: price"
    ]


def test_without_the_source_no_row_is_gone():
    assert without_source(planned(*ROWS)).counts()["left"] == 2
    plan = planned(ROWS[0])
    assert without_source(plan) is plan


def undone(**more):
    rows = result(("book", "1\n", "insert"), ("book", "2", "update"), ("book", "3", "delete"))
    counted = {"insert": 1, "update": 2}
    return Undone(
        **{"subject": "shelf poetry", "of": 3, "number": 4, "rows": rows, "counted": counted, **more}
    )


def test_a_rollback_says_what_it_has_done():
    assert str(undone()) == "release 3 of shelf poetry: 1 put back, 2 restored"
    assert str(undone(kind="publish", number=None)) == (
        "release 3 of shelf poetry: 1 put back, 2 hidden again; rehearsed, nothing was changed"
    )
    assert str(undone(counted={})) == "release 3 of shelf poetry: nothing to undo"
    assert undone().count("delete") == 0
    assert [*undone().lines()] == ["    put back: book:1\\n", "    restored: book:2", "    deleted: book:3"]
    assert "specs" not in repr(undone())


def test_a_rollback_shows_each_column_as_it_is_and_as_it_was():
    records = [
        {"table": "book", "key": "1\n", "before": {"a": "1"}, "after": {}},
        {"table": "book", "key": "2", "before": {"a": "1", "b": None}, "after": {"a": "2", "b": "3"}},
        {"table": "book", "key": "3", "before": {}, "after": {"a": "2"}},
        {"table": "shelf", "key": "3", "before": {"z": "1"}, "after": {}},
    ]
    assert [*undone_lines(undone(), records, "live")] == [
        "    put back: book:1\\n",
        '        a: put back: before "1"',
        "    restored: book:2",
        '        a: restored: live "2" → before "1"',
        '        b: restored: live "3" → before null',
        "    deleted: book:3",
        '        a: deleted: live "2"',
    ]
    both = [{"table": "book", "key": key, "before": {"a": "1"}, "after": {"a": "2"}} for key in ("1\n", "3")]
    lines = [*undone_lines(undone(), both, "live")]
    assert lines[1] == '        a: put back: before "1"'
    assert lines[-1] == '        a: deleted: live "2"'
    assert lines[2] == "    restored: book:2"
    assert len(lines) == 5
