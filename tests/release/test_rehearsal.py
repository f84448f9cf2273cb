"""A rehearsal meets everything that a release meets, and leaves nothing."""

import pytest

from maulstick.errors import Problem
from tests.databases.deciding import applied, released
from tests.databases.places import apply, export


@pytest.fixture
def edited(released_once, source, production):
    """A book was edited, one deleted and one added here."""
    source.run(
        "update book set price = 1 where isbn = '1'; delete from book where isbn = '2';"
        "insert into book (isbn, title, shelf_id) values ('3', 'New', 1)"
    )
    return export(source)


@pytest.mark.parametrize("run", [applied, released], ids=["apply", "release"])
def test_a_rehearsal_says_what_a_release_would_and_changes_nothing(run, edited, source, production):
    before = production.dump()
    rehearsed = run(edited, source, production, rehearse=True, prune=True)
    says = "1 inserted, 1 updated, 1 deleted; rolled back, nothing was changed"
    assert (rehearsed.number, rehearsed.word, rehearsed.says) == (None, "done", says)
    assert production.dump() == before


def test_a_rehearsal_into_an_empty_target_leaves_no_ledger(library, source, production):
    before = production.dump()
    assert "4 inserted" in applied(export(source), source, production, rehearse=True).says
    assert production.dump() == before
    assert production.rows("select to_regclass('maulstick.release')") == [(None,)]


def test_a_rehearsal_moves_no_sequence(edited, source, production):
    before = production.value("select last_value from book_id_seq")
    applied(edited, source, production, rehearse=True)
    assert production.value("select last_value from book_id_seq") == before


def test_a_rehearsal_is_not_in_the_way_of_the_release(edited, source, production):
    applied(edited, source, production, rehearse=True)
    assert (apply(edited, production).number, apply(edited, production).word) == (2, "unchanged")


def test_a_rehearsal_of_nothing_is_unchanged(released_once, source, production):
    assert applied(export(source), source, production, rehearse=True).word == "unchanged"


MET = {
    "a check constraint": (
        "alter table book add constraint dear check (price > 100) not valid",
        "book 1: breaks the check dear of production",
    ),
    "a unique index of what others hold": (
        "insert into book (isbn, title, price) values ('8', 'x', 1); create unique index on book (price)"
        " where price < 100",
        "is taken in production by 8",
    ),
    "a deferred constraint trigger": (
        "create function no() returns trigger language plpgsql as 'begin raise ''never on a Sunday''; end';"
        "create constraint trigger no after update on book deferrable initially deferred"
        " for each row execute function no()",
        "never on a Sunday",
    ),
    "a trigger that refuses": (
        "create function no() returns trigger language plpgsql as 'begin raise ''read only''; end';"
        "create trigger no before insert on book for each row execute function no()",
        "read only",
    ),
    "a trigger that changes what was written": (
        "create function other() returns trigger language plpgsql as"
        " 'begin new.price = 7; return new; end';"
        "create trigger other before update on book for each row execute function other()",
        "do not hold what was written: 1",
    ),
    "a deferred foreign key": (
        "alter table book add twin bigint references book deferrable initially deferred;"
        "alter table book alter twin set default 99",
        "violates foreign key constraint",
    ),
}


@pytest.mark.parametrize(("change", "says"), MET.values(), ids=MET)
def test_a_rehearsal_meets_what_a_release_meets(edited, source, production, change, says):
    production.run(change)
    before = production.dump()
    met = []
    for rehearse in (True, False):
        with pytest.raises(Problem) as caught:
            applied(edited, source, production, rehearse=rehearse)
        met.append(str(caught.value))
        assert production.dump() == before
    assert says in met[0]
    assert met[0] == met[1]
