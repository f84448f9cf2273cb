"""Releases, admins and failures at the same time, on real connections."""

import threading
import time

import pytest

from maulstick.bundle import inline_rows, script
from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import Database
from maulstick.postgres.exchange import Exchange
from maulstick.postgres.sql import stage
from maulstick.postgres.sql.ledger import LOCK
from maulstick.project.declarations import Query
from maulstick.release.closing_lines import state_of
from tests.databases.deciding import release_of
from tests.databases.lines import far
from tests.databases.places import apply, both, export, perform, release
from tests.databases.waiting import release_that_waits


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


@pytest.mark.parametrize("default", ["repeatable read", "serializable"])
def test_an_unsaved_edit_is_waited_for_whatever_isolation_is_usual(
    released_once, source, production, background, default
):
    production.run(f"alter database {production.database} set default_transaction_isolation = '{default}'")
    source.run("update book set title = 'New' where isbn = '1'")
    with production.other_connection() as admin:
        admin.execute("update book set price = 5 where isbn = '1'")
        releasing = background(release, source, production)
        release_that_waits(production)
        admin.commit()
        assert releasing.result().says == "1 updated"


def test_a_source_that_only_reads_by_default_is_released_from(released_once, source, production):
    source.run("update book set title = 'New' where isbn = '1'")
    source.run(f"alter database {source.database} set default_transaction_read_only = on")
    assert release(source, production).says == "1 updated"


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
    feed = Exchange._feed

    def cut(self, rows):
        production.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'maulstick'"
        )
        production.wait_for_quiet()
        return feed(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(inline_rows, "FEW", 0)
        patched.setattr(Exchange, "_feed", cut)
        with pytest.raises(Problem) as caught:
            apply(stops, production)
    assert caught.value.code == Exit.FAILED
    assert production.dump() == before
    assert apply(stops, production).says == "3 updated"


def test_a_client_whose_line_is_cut_learns_that_its_rows_were_written(stops, production, background):
    with far(production) as (there, line), production.other_connection() as holder:
        holder.execute(HELD["lock"].encode())
        releasing = background(apply, stops, there)
        release_that_waits(production)
        line.cut()
        holder.commit()
        with pytest.raises(Problem, match="but release 2 was written whole") as caught:
            releasing.result()
    assert caught.value.code == Exit.FAILED
    assert apply(stops, production).word == "unchanged"


def test_control_c_right_after_the_commit_still_names_the_release(stops, source, production, monkeypatch):
    play = Database.play

    def interrupted(self, *arguments, **more):
        play(self, *arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(Database, "play", interrupted)
    run = release_of(stops, source, production)
    with pytest.raises(KeyboardInterrupt):
        perform(run, "apply")
    assert (run.number, run.is_certain) == (2, True)
    assert state_of(run) == "production: release 2 is there, its rows are live, not verified"


@pytest.fixture
def two_tries(monkeypatch):
    """Ask for a lock twice only, in SQL that is made anew."""

    def forget() -> None:
        for made_once in (script._of_specs, script._sections):
            made_once.cache_clear()

    monkeypatch.setattr(stage, "TRIES", 2)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("two_tries")
def test_tables_that_stay_busy_stop_a_release_with_nothing_changed(released_once, source, production):
    source.run("update shelf set note = 'new'")
    bundle, before = export(source), production.dump()
    with production.other_connection() as admin:
        admin.execute("lock table book in row exclusive mode")
        with pytest.raises(Problem, match="the tables are busy: no lock in 2 tries; nothing was") as caught:
            apply(bundle, production)
    assert (caught.value.code, production.dump()) == (Exit.FAILED, before)


def test_an_admin_who_goes_on_to_a_table_that_the_release_holds_wins(
    released_once, source, production, background
):
    source.run("update shelf set note = 'new'")
    with production.other_connection() as admin:
        admin.execute("update book set price = 5 where isbn = '1'")
        releasing = background(release, source, production)
        release_that_waits(production)  # for books; it holds the authors, which stand before them
        admin.execute("update author set born = 1831")
        admin.commit()
        assert releasing.result().says == "1 updated, 2 kept"
    assert production.rows("select price, born from book, author where isbn = '1'") == [(5, 1831)]


def test_admins_who_hammer_other_rows_lose_none_and_stop_nothing(
    released_once, source, production, background
):
    production.run(
        "insert into book (isbn, title, price) select 'a' || n, 'theirs', 0 from generate_series(1, 9) as n"
    )
    stop = threading.Event()

    def hammer(admin):
        edits = 0
        with production.other_connection() as connection:
            while not stop.is_set():
                for n in (1, 2, 3) if admin else (3, 2, 1):
                    connection.execute(
                        "update book set price = price + 1 where isbn = %s", [f"a{3 * admin + n}"]
                    )
                    connection.commit()
                connection.execute("insert into author (name) values (%s)", [f"{admin} {edits}"])
                connection.commit()
                edits += 1
        return edits

    admins = [background(hammer, n) for n in range(2)]
    for n in range(4):
        source.run("update book set title = %s", f"title {n}")
        assert release(source, production).says == "2 updated"
    stop.set()
    edits = sum(admin.result() for admin in admins)
    assert production.value("select sum(price) from book where isbn like 'a%%'") == 3 * edits
    assert production.value("select count(*) from author") == 1 + edits
