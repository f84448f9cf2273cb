"""The time of a row's last update after a rollback: what it was before the release, or what it is by now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.rollback.changed_since import restore_times
from maulstick.postgres.sql.temp_tables import DIFFERS, UNDOING, keys, ready
from tests.postgres.statements.test_decided import SPEC

LEFT, BEFORE, SINCE, NOW = (
    "2024-01-02 03:04:05",
    "2020-01-01 00:00:00",
    "2024-02-02 00:00:00",
    "2030-01-01 00:00:00",
)
OLDER, RENAMED = "2021-01-01 00:00:00", "2022-01-01 00:00:00"


@pytest.fixture(params=["timestamp(0) without time zone", "timestamp with time zone"])
def books(scratch, request):
    """A table with times, a rollback of which is going on, and what a row's time becomes."""
    spec = replace(SPEC, times={"updated_at": request.param}, types={"id": "bigint"})
    zone = "" if "without" in request.param else "+00"
    scratch.place.run("set local timezone = 'Asia/Tokyo'")
    scratch.place.run(
        f"create table public.book (id bigint, updated_at {request.param});"
        f'create temp table {keys(spec)} ("row" tid, key text, found boolean, id bigint);'
        f"create temp table {ready(spec)} (maulstick_row tid);"
        f"create temp table {UNDOING} (like maulstick.change)"
    )
    scratch.set(path="public, pg_temp")
    scratch.release(1)
    scratch.release(2, started=f"{LEFT}.7Z")
    scratch.release(3, started="2024-01-02 03:04:09Z")
    scratch.release(4, kind="rollback", of=2, started=f"{LEFT}Z")

    def add(key, times, *, now=LEFT, release=2, is_written=True, is_compared=True, **more):
        [(n,)] = scratch.rows("select count(*) + 1 from public.book")
        place = f"(0,{n})"
        scratch.place.run("insert into public.book values (%s, %s)", n, NOW + zone)
        scratch.fill(keys(spec), {"row": place, "key": key, "found": True, "id": n})
        if is_written:
            scratch.fill(ready(spec), {"maulstick_row": place})
        if is_compared:
            more_times = {} if now is None else {"updated_at": now + zone}
            place = {"table_name": more.get("table_name", "book"), "key": key}
            scratch.fill(DIFFERS, {**place, "times": more_times})
        change = {"release": release, "table_name": "book", "key": key, "action": "update", "subjects": []}
        held = None if times is None else {"updated_at": times + zone}
        scratch.fill(UNDOING, {**change, "times": held, **more})

    def recorded(release, key, time, table="book"):
        change = {"release": release, "table_name": table, "key": key, "action": "update", "subjects": []}
        scratch.fill("maulstick.change", {**change, "times": {"updated_at": time + zone}})

    def times():
        scratch.place.run(restore_times(spec, f"{UNDOING} as c"))
        asked = "select k.key, (t.updated_at at time zone 'UTC')::text"
        if not zone:
            asked = "select k.key, t.updated_at::text"
        return dict(
            scratch.rows(f"{asked} from public.book as t join {keys(spec)} as k using (id) order by 1")
        )

    return add, recorded, times


def test_a_time_is_what_it_was_unless_somebody_has_set_it_since(books):
    add, _, times = books
    add("as left", BEFORE)
    add("set since", BEFORE, now=SINCE)
    add("back", BEFORE, action="delete")
    add("of another table", BEFORE, table_name="other")
    add("not written", BEFORE, is_written=False)
    add("not compared", BEFORE, is_compared=False)
    assert times() == {
        "as left": BEFORE,
        "set since": SINCE,
        "back": NOW,
        "of another table": NOW,
        "not written": NOW,
        "not compared": NOW,
    }


def test_a_rollback_left_the_time_that_it_restored(books):
    add, recorded, times = books
    add("restored", BEFORE, now=OLDER, release=4)
    recorded(2, "restored", OLDER)
    recorded(1, "restored", SINCE)
    recorded(2, "restored", SINCE, table="other")
    add("new name", BEFORE, now=RENAMED, release=4, was="old name")
    recorded(2, "old name", RENAMED)
    recorded(2, "new name", SINCE)
    add("written by it", BEFORE, release=4)
    add("set since", BEFORE, now=SINCE, release=4)
    recorded(2, "set since", OLDER)
    assert times() == {"restored": BEFORE, "new name": BEFORE, "written by it": BEFORE, "set since": SINCE}


def test_a_table_without_times_is_left_alone(scratch):
    assert restore_times(SPEC, f"{UNDOING} as c") == ""
    assert restore_times(replace(SPEC, times={"inserted_at": "date"}), f"{UNDOING} as c") == ""
