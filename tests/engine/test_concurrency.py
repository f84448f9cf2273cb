"""Releases, admins and failures at the same time, on real connections."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from places import apply, both, export, release

from maulstick.content import Query
from maulstick.errors import Exit, Problem
from maulstick.ledger import LOCK
from maulstick.script import Script

WAITS = """
select pid from pg_stat_activity where datname = current_database() and application_name = 'maulstick'
  and wait_event_type = 'Lock' and query like %s
"""


def release_that_waits(place):
    """Return the server process of a release that waits for a lock, as soon as there is one."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for (pid,) in place.rows(WAITS, "%maulstick%"):
            return pid
        time.sleep(0.01)
    raise AssertionError("no release came to wait")


@pytest.fixture
def background():
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def test_a_second_release_waits_for_the_first(library, source, production, background):
    with production.other_connection() as first:
        first.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        second = background(release, source, production)
        release_that_waits(production)
        first.commit()
        assert second.result().says == "4 inserted"


def test_two_releases_at_once_both_end_well(library, source, production, background):
    bundle = export(source)
    both_done = [background(apply, bundle, production) for _ in range(4)]
    words = sorted(done.result().word for done in both_done)
    assert words == ["done", "unchanged", "unchanged", "unchanged"]
    assert production.value("select count(*) from maulstick.release") == 1


def test_a_release_that_waited_too_long_names_the_holder(library, source, production):
    with production.other_connection() as first:
        first.execute("set application_name = 'another release'")
        first.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        with pytest.raises(Problem, match=r"postgres \(another release\) since \d\d:\d\d:\d\d UTC") as caught:
            apply(export(source), production, lock_wait=1)
    assert caught.value.code == Exit.LOCKED
    assert "nothing was changed" in caught.value.what
    assert production.value("select count(*) from book") == 0


def test_an_admin_s_unsaved_edit_of_another_column_is_kept(released_once, source, production, background):
    source.run("update book set title = 'New' where isbn = '1'")
    with production.other_connection() as admin:
        admin.execute("update book set price = 5 where isbn = '1'")
        releasing = background(release, source, production)
        release_that_waits(production)
        admin.commit()
        assert releasing.result().says == "1 updated"
    assert production.rows("select title, price from book where isbn = '1'") == [("New", 5)]


def test_an_admin_s_unsaved_edit_of_the_same_column_stops_it(released_once, source, production, background):
    source.run("update book set price = 7 where isbn = '1'")
    with production.other_connection() as admin:
        admin.execute("update book set price = 5 where isbn = '1'")
        releasing = background(release, source, production)
        release_that_waits(production)
        admin.commit()
        with pytest.raises(Problem, match="price") as caught:
            releasing.result()
    assert caught.value.code == Exit.REFUSED
    assert production.value("select price from book where isbn = '1'") == 5


def test_an_admin_s_unsaved_row_with_the_same_key_is_seen(library, source, production, background):
    with production.other_connection() as admin:
        admin.execute("insert into author (name, born) values ('Emily', 1830)")
        releasing = background(release, source, production)
        release_that_waits(production)
        admin.commit()
        assert releasing.result().says == "3 inserted"
    assert production.value("select count(*) from author") == 1


def test_an_admin_s_edit_longer_than_one_try_is_waited_for(released_once, source, production, background):
    source.run("update shelf set note = 'new'")
    with production.other_connection() as admin:
        admin.execute("update book set price = 5 where isbn = '1'")
        releasing = background(release, source, production)
        time.sleep(1.2)
        admin.commit()
        assert releasing.result().says == "1 updated, 1 kept"


def test_readers_and_visitors_do_not_stop_a_release(released_once, source, production):
    both(source, production, "create table enquiry (id serial primary key, book_id bigint references book)")
    source.run("update book set price = 1")
    with production.other_connection() as visitor:
        visitor.execute("select count(*) from book")
        visitor.execute("insert into enquiry (book_id) values (201)")
        assert release(source, production).says == "2 updated"
        visitor.commit()


def test_admins_who_hammer_lose_no_edit(released_once, source, production, background):
    stop = threading.Event()

    def hammer():
        edits = 0
        with production.other_connection() as admin:
            while not stop.is_set():
                admin.execute("update book set price = price + 1 where isbn = '2'")
                admin.commit()
                edits += 1
        return edits

    admins = [background(hammer) for _ in range(2)]
    for n in range(5):
        source.run("update book set title = %s where isbn = '2'", f"title {n}")
        release(source, production)
    stop.set()
    edits = sum(admin.result() for admin in admins)
    assert production.rows("select title, price from book where isbn = '2'") == [("title 4", 900 + edits)]


HELD = {
    "settings": f"select pg_advisory_xact_lock({LOCK})",
    "stage": "lock table book in access exclusive mode",
    "lock": "lock table book in row exclusive mode",
    "diff": "lock table maulstick.release in access exclusive mode",
    "write": "lock table sign in access exclusive mode",
    "ledger": "lock table maulstick.base in share mode",
    "verify": "lock table lamp in access exclusive mode",
}


@pytest.fixture
def stops(released_once, source, production):
    """A release that can be made to wait in each of its sections."""
    production.run(
        "create table sign (n integer); create table lamp (n integer);"
        "create function look() returns trigger language plpgsql as"
        " 'begin perform count(*) from sign; return new; end';"
        "create trigger look before update on book for each row execute function look()"
    )
    source.run("update book set price = 1; update shelf set note = 'new'")
    return export(source, asked=[Query("lamp", "select count(*) from lamp", "0")])


@pytest.mark.parametrize("section", HELD)
def test_a_connection_killed_in_any_section_changes_nothing(stops, production, background, section):
    before = production.dump()
    with production.other_connection() as holder:
        holder.execute(HELD[section].encode())
        releasing = background(apply, stops, production)
        production.run("select pg_terminate_backend(%s)", release_that_waits(production))
        with pytest.raises(Problem) as caught:
            releasing.result()
    assert caught.value.code == Exit.FAILED
    assert production.dump() == before
    assert apply(stops, production).says == "3 updated"


def test_a_connection_killed_while_rows_travel_changes_nothing(stops, production, monkeypatch):
    before = production.dump()
    rows = Script.rows

    def cut(self, part):
        production.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'maulstick'"
        )
        production.wait_for_quiet()
        return rows(self, part)

    with monkeypatch.context() as patched:
        patched.setattr(Script, "rows", cut)
        with pytest.raises(Problem) as caught:
            apply(stops, production)
    assert caught.value.code == Exit.FAILED
    assert production.dump() == before
    assert apply(stops, production).says == "3 updated"
