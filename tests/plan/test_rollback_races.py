"""Rollbacks while others work: at once, in the way of visitors, and with a line that breaks."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.postgres.sql import deletes as doom
from maulstick.postgres.sql.ledger import LOCK
from tests.databases.deciding import contents, released, undone
from tests.databases.lines import far
from tests.databases.places import export, release
from tests.databases.waiting import release_that_waits

ENQUIRY = "create table enquiry (id serial primary key, book_id bigint references book on delete {})"
ASKED = "insert into enquiry (book_id) select id from book where isbn = '2'"


@pytest.fixture(params=["set null", "cascade"])
def enquiries(request, released_once, source, production):
    """Visitors ask about books; the source deleted the second one."""
    production.run(ENQUIRY.format(request.param))
    source.run("delete from book where isbn = '2'")
    return export(source)


def answered(production):
    return production.value("select count(*) from enquiry as e join book as b on b.id = e.book_id")


def test_a_visitor_s_unsaved_enquiry_stops_a_rollback(enquiries, production, background):
    with production.other_connection() as visitor:
        visitor.execute(ASKED)
        undoing = background(undone, production, 1)
        release_that_waits(production)
        visitor.commit()
        with pytest.raises(Problem, match=r"book:2: is referred to by 1 of enquiry") as caught:
            undoing.result()
    assert (caught.value.code, answered(production)) == (Exit.REFUSED, 1)


def test_a_visitor_s_unsaved_enquiry_stops_a_prune(enquiries, source, production, background):
    with production.other_connection() as visitor:
        visitor.execute(ASKED)
        pruning = background(released, enquiries, source, production, prune=True)
        release_that_waits(production)
        visitor.commit()
        with pytest.raises(Problem, match=r"book 2: is referred to by 1 of enquiry") as caught:
            pruning.result()
    assert (caught.value.code, answered(production)) == (Exit.REFUSED, 1)


def test_an_enquiry_that_is_taken_back_stops_nothing(enquiries, source, production, background):
    with production.other_connection() as visitor:
        visitor.execute(ASKED)
        pruning = background(released, enquiries, source, production, prune=True)
        release_that_waits(production)
        visitor.rollback()
        assert pruning.result().says == "1 deleted"


def test_a_visitor_who_goes_on_to_write_a_released_table_wins(
    released_once, production, background, monkeypatch
):
    monkeypatch.setattr(doom, "TRIES", 2)
    production.run(ENQUIRY.format("cascade"))
    with production.other_connection() as visitor:
        visitor.execute(ASKED)
        undoing = background(undone, production, 1)
        release_that_waits(production)
        visitor.execute("update shelf set note = 'theirs'")
        visitor.commit()
        with pytest.raises(Problem, match="a row to delete is in use.*nothing was changed") as caught:
            undoing.result()
    assert (caught.value.code, answered(production)) == (Exit.FAILED, 1)
    assert caught.value.what.count("nothing was changed") == 1
    assert production.value("select note from shelf") == "theirs"


def test_of_two_rollbacks_at_once_one_is_refused(released_once, source, production, background):
    source.run("update book set price = 1")
    release(source, production)
    with production.other_connection() as holder:
        holder.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        both_at_once = [background(undone, production, 2) for _ in range(2)]
        while len(production.rows("select from pg_locks where locktype = 'advisory' and not granted")) < 2:
            pass
        holder.commit()
        problems = [undoing.exception() for undoing in both_at_once]
    [problem] = [one for one in problems if one is not None]
    assert (problem.code, problem.what) == (
        Exit.REFUSED,
        "release 3 has just undone release 2; nothing was changed",
    )
    assert production.rows("select number, of from maulstick.release order by 1") == [
        (1, None),
        (2, None),
        (3, 2),
    ]


def test_a_rollback_waits_for_a_release_and_sees_what_it_did(released_once, source, production, background):
    source.run("update book set price = 1")
    with production.other_connection() as holder:
        holder.execute("lock table book in row exclusive mode")
        releasing = background(release, source, production)
        release_that_waits(production)
        undoing = background(undone, production, 1)
        holder.commit()
        releasing.result()
        with pytest.raises(Problem, match="book:1: was changed since: price"):
            undoing.result()


def test_a_rollback_that_waited_too_long_names_the_holder(released_once, production):
    production.run(f"alter database {production.database} set maulstick.lock_wait = '100ms'")
    with production.other_connection() as other:
        other.execute("set application_name = 'another release'")
        other.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        with pytest.raises(Problem, match=r"postgres \(another release\) since \d\d:\d\d:\d\d UTC") as caught:
            undone(production)
    assert caught.value.code == Exit.LOCKED


def test_a_rollback_whose_line_is_cut_says_what_it_did(released_once, production, background):
    with far(production) as (there, line), production.other_connection() as holder:
        holder.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        undoing = background(undone, there, 1)
        release_that_waits(production)
        line.cut()
        holder.commit()
        with pytest.raises(Problem, match="but release 2 undid release 1 whole") as caught:
            undoing.result()
    assert (caught.value.code, contents(production)["book"]) == (Exit.FAILED, [])


def test_a_rollback_that_was_killed_says_that_nothing_was_changed(released_once, production, background):
    before = production.dump()
    with production.other_connection() as holder:
        holder.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        undoing = background(undone, production, 1)
        production.run("select pg_terminate_backend(%s)", release_that_waits(production))
        with pytest.raises(Problem, match="nothing was changed") as caught:
            undoing.result()
    assert (caught.value.code, production.dump()) == (Exit.FAILED, before)


def test_a_cut_line_that_stays_cut_leaves_it_open(released_once, production, background):
    with far(production) as (there, line), production.other_connection() as holder:
        holder.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        undoing = background(undone, there, 1)
        release_that_waits(production)
        line.close()
        line.cut()
        with pytest.raises(Problem, match="not known yet") as caught:
            undoing.result()
    assert caught.value.code == Exit.UNKNOWN
