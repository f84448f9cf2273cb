"""Whether a sealed plan still holds, what of it has moved, and what its file may say."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.seal import (
    AGAIN,
    each_has_one,
    holds,
    of_target,
    parse,
    read,
    rows_of,
    seal,
    still,
    write,
)
from tests.plan.in_memory.plans import planned, row


def cell(action, local, production, **base):
    return {"action": action, "local": local, "production": production, **base}


UPDATE = {"price": cell("update", "1", "2", base="2")}
EDITED = {"price": cell("update", "1", "3", base="2")}
KEPT = {"title": cell("kept", "a", "b", base="a")}
NOW_KEPT = {"title": cell("kept", "a", "b", base="b")}


def sealed(*rows, fingerprint="1", **decided):
    return seal(planned(*rows, fingerprint=fingerprint), decided)


def refusal(one, *rows, carried=(), fingerprint="2"):
    """Return the lines about rows with which a seal is refused."""
    with pytest.raises(Problem) as caught:
        still(one, planned(*rows, fingerprint=fingerprint), carried)
    assert (caught.value.code, caught.value.where) == (Exit.REFUSED, "plan")
    head, *lines = caught.value.what.split("\n    ")
    if lines:
        assert (head, caught.value.hint) == ("production moved since it was made; nothing was changed", AGAIN)
    return lines or [head]


def test_a_seal_holds_as_long_as_the_fingerprint_is_the_same():
    one = sealed(row("book 1", "update", UPDATE))
    assert still(one, planned(row("book 1", "update", EDITED))) is one


def test_each_row_that_moved_is_told_as_it_was_and_is():
    one = sealed(
        row("book 1", "update", UPDATE),
        row("book 2", "update", {**UPDATE, **KEPT}),
        row("book 3", "insert", price="1"),
        row("book 4", "gone"),
        row("book 5", "left"),
        row("book 6", "left"),
        row("book 7", "gone"),
    )
    assert refusal(
        one,
        row("book 2", "update", {**EDITED, **KEPT}),
        row("book 3", "insert", price="1"),
        row("book 4", "left"),
        row("book 5", "gone"),
        row("book 6", "kept", KEPT),
        row("book 7", "gone"),
        row("book 8", "insert", price="5"),
        row("book 9", "removed"),
    ) == [
        "book 1: was update price, is unchanged",
        "book 2: update price, title, of which another value is there now: price",
        "book 4: was gone, is left",
        "book 6: was left, is kept title",
        "book 8: was unchanged, is insert",
        "book 9: was unchanged, is removed",
    ]


def test_a_new_row_with_other_values_is_told():
    one = sealed(row("book 3", "insert", price="1"))
    assert refusal(one, row("book 3", "insert", price="2")) == [
        "book 3: insert, of which another value is there now: price"
    ]


def test_where_no_row_moved_another_version_may_have_made_it():
    [says] = refusal(sealed(row("book 1", "update", UPDATE)), row("book 1", "update", UPDATE))
    assert says.startswith("its rows are as they were in production, but not all that it was made of")


PRUNE = json.dumps([{"table_name": "book", "key": "4"}, {"table_name": "shelf", "key": "x"}])


def test_a_row_that_is_to_be_deleted_and_was_not_shown_is_told():
    one = sealed(row("book 4", "gone"), fingerprint="1-4", prune=PRUNE)
    assert refusal(one, row("book 4", "gone"), fingerprint="1-5") == [
        f"{name}: is to be deleted, and is not what was shown" for name in ("book 4", "shelf x")
    ]
    with pytest.raises(Problem) as caught:
        still(one, planned(row("book 4", "gone"), fingerprint="2-4"))
    assert "is to be deleted" not in caught.value.what
    carried = rows_of(planned(row("book 9", "insert", price="1")))
    with pytest.raises(Problem, match="is to be deleted"):
        still(one, planned(row("book 4", "gone"), fingerprint="2-5"), [carried])
    held = still(one, planned(row("book 4", "gone"), fingerprint="2-4"), [carried])
    assert held == replace(one, fingerprint="2-4")


BESIDE = [
    # a shared row as sealed, as it is now, whether both plans' work on it is done
    (row("book 1", "update", UPDATE), None, True),
    (row("book 1", "insert", price="1"), None, True),
    (row("book 1", "update", {**UPDATE, **KEPT}), row("book 1", "kept", NOW_KEPT), True),
    (row("book 1", "update", {**UPDATE, **KEPT}), None, False),
    (row("book 1", "update", UPDATE), row("book 1", "kept", NOW_KEPT), False),
    (row("book 1", "update", UPDATE), row("book 1", "update", EDITED), False),
    (row("book 1", "kept", KEPT), row("book 1", "kept", NOW_KEPT), True),
    (row("book 1", "kept", KEPT), row("book 1", "removed"), False),
    (row("book 1", "removed", {}), row("book 1", "removed", KEPT), True),
    (row("book 1", "removed"), row("book 1", "kept", NOW_KEPT), False),
    (row("book 1", "removed"), None, False),
    (None, row("book 1", "removed"), False),
]


@pytest.mark.parametrize(("was", "now", "is_done"), BESIDE)
def test_what_a_plan_that_was_made_beside_it_has_carried_out_is_done(was, now, is_done):
    one = sealed(*([was] if was else []), row("book 2", "gone"))
    carried = rows_of(planned(row("book 1", "update", UPDATE)))
    rows = [*([now] if now else []), row("book 2", "gone")]
    if is_done:
        assert still(one, planned(*rows, fingerprint="2"), [carried]) == replace(one, fingerprint="2")
    else:
        assert len(refusal(one, *rows, carried=[carried])) == 1
    other = rows_of(planned(row("book 8", "update", UPDATE)))
    assert len(refusal(one, *rows, carried=[other])) == 1


def test_a_seal_is_of_one_target_and_one_bundle():
    one = sealed()
    holds(one, target="production", digest="d")
    with pytest.raises(Problem, match='"production", not "staging"') as caught:
        holds(one, target="staging", digest="d")
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, AGAIN)
    with pytest.raises(Problem, match="the bundle moved since it was made") as caught:
        holds(one, target="production", digest="e")
    assert caught.value.code == Exit.REFUSED


def test_the_seals_of_a_target_are_found_by_subject():
    seals = [sealed(), replace(sealed(), subject="shelf prose"), replace(sealed(), target="staging")]
    assert [*of_target(seals, "production")] == ["shelf poetry", "shelf prose"]
    assert of_target(seals, "staging") == {"shelf poetry": seals[2]}
    with pytest.raises(Problem, match='"production, staging", not "live"') as caught:
        of_target(seals, "live")
    assert caught.value.hint == "--target production,staging"
    each_has_one(of_target(seals, "production"), ["shelf prose", "shelf poetry"])
    with pytest.raises(Problem, match="shelf film is not in it") as caught:
        each_has_one(of_target(seals, "production"), ["shelf prose", "shelf film", "shelf x"])
    assert caught.value.hint == "it holds shelf poetry, shelf prose"


def test_a_file_gives_back_what_was_sealed(tmp_path):
    seals = [sealed(row("book 1", "update", UPDATE), prune=PRUNE), sealed()]
    seals = [replace(one, digest="0" * 64) for one in seals]
    path = tmp_path / "plan.json"
    path.write_text("older")
    os.link(path, tmp_path / "kept")
    write(path, seals)
    assert read(path) == seals
    assert (tmp_path / "kept").read_text() == "older"
    assert path.read_text().startswith('{\n  "version": 1,\n  "plans": [\n')
    assert path.read_text().endswith("}\n")


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write(path, [sealed()])
    with os.fdopen(reading) as pipe:
        assert json.loads(pipe.read())["version"] == 1


@pytest.mark.parametrize("act", [lambda path: write(path, [sealed()]), read], ids=["written", "read"])
def test_a_file_that_cannot_be_reached_is_said(tmp_path, act):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match=r"cannot be (written|read): not a directory") as caught:
        act(tmp_path / "file" / "plan.json")
    assert caught.value.code == Exit.USAGE


def test_a_file_that_is_no_text_is_no_sealed_plan(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b"\xff")
    with pytest.raises(Problem, match="is not a sealed plan"):
        read(path)


def text(**more):
    one = {"id": "1", "subject": "shelf poetry", "target": "production", "digest": "d", "fingerprint": "3"}
    return json.dumps({"version": 1, "plans": [{**one, "decided": {}, "rows": {}, **more}]})


def test_a_short_id_and_fingerprint_are_read():
    [one] = parse(text(), "plan.json")
    assert (one.id, one.fingerprint) == ("1", "3")


@pytest.mark.parametrize(
    "more",
    [
        {"id": ""},
        {"fingerprint": ""},
        {"decided": {"prune": "no JSON"}},
        {"decided": {"prune": '[{"key": "1"}]'}},
        {"decided": {"prune": "1"}},
        {"decided": {"prune": "[1]"}},
        {"decided": {"prune": "[" * 100_000}},
        {"rows": {"book 1": {"action": "update", "columns": {"a": {"action": 1}}}}},
        {"rows": {"book 1": {"action": "update", "columns": {"a": {"action": "update", "local": 1}}}}},
        {"rows": {"book 1": {"action": "update", "columns": {}, "more": 1}}},
    ],
)
def test_what_is_no_sealed_plan_is_refused(more):
    with pytest.raises(Problem) as caught:
        parse(text(**more), "plan.json")
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, AGAIN)
