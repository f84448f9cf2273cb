"""Each invariant catches a fault that is put in by hand: a campaign that cannot fail proves nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import evidence as looking
from tests.faults.bucket import NAME
from tests.faults.edits import Edit
from tests.faults.evidence import snapshot, traces
from tests.faults.invariants import INVARIANTS, broken, no_edit_is_lost
from tests.faults.rounds import Evidence, Fault, Player, Round
from tests.faults.world import Ended, World

LAMP = Edit("source", "update artworks set title = 'New' where slug = 'lamp'")
PRICE = Edit(
    "live",
    "update artworks set price = 5 where slug = 'sun'",
    cell="select price::text from artworks where slug = 'sun'",
    wrote="5",
    row=("artworks", "sun"),
    column="price",
)
QUIET = Round(0, 0, "released", (LAMP, PRICE), "release", Fault("line stalled", "live", 2.0))
"""A round whose fault never comes."""


@pytest.fixture(scope="module")
def honest(player: Player) -> Evidence:
    """The evidence of a round in which nothing was broken; the world is kept as the command left it."""
    evidence = player.play(QUIET)
    assert broken(evidence) == []
    assert (evidence.undone is not None, evidence.left.newest) == (True, 2)
    for_mutants(player.world)
    return evidence


def for_mutants(world: World) -> None:
    """Make what the command left a starting point."""
    assert world.invoke("rollback", "--release", "3").code == 0  # of the round's own rollback
    world.run("live", "delete from maulstick.agreed; delete from maulstick.change where release > 2")
    world.run("live", "delete from maulstick.release where number > 2")
    if "left" not in world.starts:
        world.save("left")


def names(found: list[str]) -> set[str]:
    """Return the promises that are broken."""
    return {one.partition(":")[0] for one in found}


def _sql(text: str) -> Callable[[World], None]:
    return lambda world: world.run("live", text)


ROWS: dict[str, tuple[str, Callable[[World], Any]]] = {
    "a row of others is written with its own values": (
        "rows_outside_are_untouched",
        _sql("update artworks set title = title where slug = 'theirs'"),
    ),
    "a row is half of each": (
        "the_subject_is_whole",
        _sql("update artworks set price = 8 where slug = 'lamp'"),
    ),
    "base is not what was released": (
        "ledger_and_rows_agree",
        _sql("update maulstick.base_row set values = '{}'"),
    ),
    "rows without a release": (
        "ledger_and_rows_agree",
        _sql(
            "delete from maulstick.change where release = 2; delete from maulstick.release where number = 2"
        ),
    ),
    "a picture is gone": (
        "named_files_are_in_the_bucket",
        lambda world: world.bucket.client.delete_object(Bucket=NAME, Key="uploads/lamp.png"),
    ),
    "a picture has other bytes": (
        "named_files_are_in_the_bucket",
        lambda world: world.bucket.client.put_object(Bucket=NAME, Key="uploads/lamp.png", Body=b"x"),
    ),
    "an admin's price is overwritten": (
        "no_edit_is_lost",
        _sql("update artworks set price = 40 where slug = 'sun'"),
    ),
    "a sequence was set back": ("no_sequence_is_behind", _sql("select setval('artworks_id_seq', 1)")),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_in_production_is_caught(player: Player, honest: Evidence, name: str) -> None:
    promise, act = ROWS[name]
    player.world.bring_back("left")
    act(player.world)
    cell = looking.cell(player.world, PRICE.cell)
    found = broken(replace(honest, left=snapshot(player.world), cells=[(PRICE, cell)]))
    assert promise in names(found), found


@pytest.mark.parametrize(
    ("row", "is_lost"), [("sun: price", False), ("sun: title", True), ("lamp: price", True)]
)
def test_an_edit_is_lost_unless_its_own_row_and_column_are_named(
    honest: Evidence, row: str, is_lost: bool
) -> None:
    line = f"    warning: artworks {row}: what was edited in live will be overwritten\n"
    ended = replace(honest.ended, err=line)
    found = [*no_edit_is_lost(replace(honest, ended=ended, cells=[(PRICE, "40")]))]
    assert bool(found) == is_lost


@contextmanager
def _session(world: World, text: str) -> Iterator[None]:
    address = world.server.url("live") + "?application_name=maulstick"
    import psycopg

    with psycopg.connect(address) as session:
        session.execute(text.encode())
        yield


@contextmanager
def _process(world: World) -> Iterator[None]:
    with subprocess.Popen(["sleep", "60"], cwd=world.folder) as process:
        yield
        process.kill()


@contextmanager
def _file(world: World, name: str) -> Iterator[None]:
    path = world.folder / name
    path.write_text("")
    yield
    path.unlink()


@contextmanager
def _parts(world: World) -> Iterator[None]:
    client, key = world.bucket.client, "half.bin"
    begun = client.create_multipart_upload(Bucket=NAME, Key=key)
    yield
    client.abort_multipart_upload(Bucket=NAME, Key=key, UploadId=begun["UploadId"])


LEFT: dict[str, Callable[[World], Any]] = {
    "sessions": lambda world: _session(world, "select 1"),
    "locks": lambda world: _session(world, "select pg_advisory_xact_lock(5)"),
    "processes": _process,
    "temporary": lambda world: _file(world, "../temporary/spool"),
    "halves": lambda world: _file(world, "releases/.release.sql.4711"),
    "parts": _parts,
}


def test_whatever_is_left_behind_is_named(
    player: Player, honest: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SETTLED", 0.0)
    player.world.bring_back("left")
    with ExitStack() as stack:
        for leave in LEFT.values():
            stack.enter_context(leave(player.world))
        left = traces(player.world)
    for more, found in (
        (set(), replace(honest, traces=left)),
        ({"parts"}, replace(honest, traces_again=left)),
    ):
        left_behind = [one for one in broken(found) if one.startswith("nothing_is_left_behind")]
        assert {one.partition("left behind: ")[2].split()[0] for one in left_behind} == {*LEFT} - {
            "parts"
        } | more
    prepared = broken(replace(honest, traces=replace(honest.traces, prepared=1)))
    assert prepared == ["nothing_is_left_behind: left behind: prepared 1"]


def _ended(evidence: Evidence, **changed: Any) -> Evidence:
    return replace(evidence, ended=replace(evidence.ended, **changed))


def _again(evidence: Evidence, code: int) -> Evidence:
    assert evidence.ended_again is not None
    return replace(evidence, ended_again=replace(evidence.ended_again, code=code))


SAID: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "it never ends": ("the_command_ends", lambda one: _ended(one, is_late=True)),
    "exit 0 without the rows": ("it_says_the_truth", lambda one: replace(one, left=one.before)),
    "unchanged, and it is there": (
        "it_says_the_truth",
        lambda one: _ended(one, code=4, out="", err="live: unchanged"),
    ),
    "another release": (
        "it_says_the_truth",
        lambda one: _ended(one, out="release 9: live is in step with local"),
    ),
    "there, and nothing said": ("it_says_the_truth", lambda one: _ended(one, code=4, out="", err="failed")),
    "unknown with another code": (
        "it_says_the_truth",
        lambda one: _ended(one, code=4, out="", err="it is not known yet whether the rows were written"),
    ),
    "a trace": ("it_says_the_truth", lambda one: _ended(one, err="Traceback (most recent call last)")),
    "a bug": ("it_says_the_truth", lambda one: _ended(one, code=1)),
    "the bucket has changed": (
        "it_says_the_truth",
        lambda one: replace(
            _ended(one, code=4, out="", err="live: unchanged"), left=replace(one.before, objects={})
        ),
    ),
    "another state in the record": (
        "it_says_the_truth",
        lambda one: replace(
            _ended(one, code=4, out="", err="live: release 2 is there, its rows are live, not verified"),
            record={"releases": [{"state": "live: unchanged"}]},
        ),
    ),
    "again it fails": ("the_next_run_finishes", lambda one: _again(one, 4)),
    "again other rows": ("the_next_run_finishes", lambda one: replace(one, again=one.before)),
    "the rollback fails": (
        "rollback_restores",
        lambda one: replace(one, ended_undone=Ended(("rollback",), 3, "", "refused")),
    ),
    "the rollback restores nothing": ("rollback_restores", lambda one: replace(one, undone=one.left)),
}


@pytest.mark.parametrize("name", SAID)
def test_an_untrue_end_is_caught(honest: Evidence, name: str) -> None:
    promise, lie = SAID[name]
    assert promise in names(broken(lie(honest))), broken(lie(honest))


def test_each_invariant_has_a_fault_that_it_catches() -> None:
    caught = {promise for promise, _ in (*ROWS.values(), *SAID.values())} | {"nothing_is_left_behind"}
    assert caught == {one.__name__ for one in INVARIANTS}
    assert all(one.__doc__ for one in INVARIANTS)
