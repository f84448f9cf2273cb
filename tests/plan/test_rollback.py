"""A release undone: everything as before, or nothing at all."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Table
from tests.databases.deciding import base, contents, planned, released, undone
from tests.databases.places import LIBRARY, SHELF, actions, apply, export, plan, release

EVERYTHING = (
    "update book set price = 1, title = 'Poems and Letters' where isbn = '1';"
    "update shelf set note = 'new', updated_at = now();"
    "insert into author (name, born) values ('Anne', 1820);"
    "insert into book (isbn, title, shelf_id, author_id) values ('3', 'Agnes', 1, 2);"
    "update book set author_id = 2 where isbn = '2'"
)


@pytest.fixture
def released_twice(released_once, source, production):
    """The second release inserted, updated and moved references."""
    production.run("update shelf set inserted_at = '2020-01-01', updated_at = '2021-02-03 04:05:06'")
    source.run(EVERYTHING)
    return state(production), release(source, production).number


def state(production):
    return contents(production), base(production)


def refused(production, *arguments, **options):
    """Roll back, be refused with nothing changed, and return the reasons."""
    before = production.dump()
    with pytest.raises(Problem) as caught:
        undone(production, *arguments, **options)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    return caught.value.what.split("\n    ")


def test_a_rollback_leaves_everything_as_before(released_twice, production):
    before, number = released_twice
    assert str(undone(production, number)) == "release 2 of shelf poetry: 3 restored, 2 deleted"
    assert state(production) == before


def test_a_first_release_is_undone_to_an_empty_place(library, source, production):
    before = contents(production)
    release(source, production)
    assert undone(production).count("delete") == 4
    assert (contents(production), base(production)) == (before, [])


def test_the_same_release_is_offered_again_afterwards(released_twice, source, production):
    bundle = export(source)
    undone(production)
    assert sorted(actions(plan(bundle, production)).items()) == [
        (("author", "Anne"), "insert"),
        (("book", "1"), "update"),
        (("book", "2"), "update"),
        (("book", "3"), "insert"),
        (("shelf", "poetry"), "update"),
    ]
    assert apply(bundle, production).says == "2 inserted, 3 updated"


def test_a_rollback_is_a_release_of_its_own(released_twice, production):
    assert undone(production, 2).number == 3
    last = "select kind, of, subject, target from maulstick.release order by number desc limit 1"
    assert production.rows(last) == [("rollback", 2, "shelf poetry", "production")]


def test_a_rehearsed_rollback_changes_nothing(released_twice, production):
    before = production.dump()
    assert str(undone(production, rehearse=True)) == (
        "release 2 of shelf poetry: 3 restored, 2 deleted; rehearsed, nothing was changed"
    )
    assert production.dump() == before


def test_what_was_kept_and_edited_beside_it_stays(released_once, source, production):
    production.run("update book set title = 'theirs' where isbn = '1'")
    source.run("update book set price = 1 where isbn = '1'")
    release(source, production)
    production.run("update book set title = 'theirs again' where isbn = '1'")
    undone(production)
    assert production.rows("select title, price from book where isbn = '1'") == [("theirs again", 900)]


def test_every_row_changed_since_is_named(released_twice, production):
    production.run("update book set price = 5 where isbn in ('1', '3'); update shelf set note = 'theirs'")
    says = refused(production, 2)
    assert says[0] == "3 rows would lose what came after; nothing was changed"
    assert [line.split(": ")[0] for line in says[1:]] == ["book:1", "book:3", "shelf:poetry"]
    assert says[1:3] == ["book:1: was changed since: price", "book:3: was changed since: price"]


def test_an_inserted_row_deleted_since_is_named(released_twice, production):
    production.run("delete from book where isbn = '3'")
    assert refused(production, 2)[1:] == ["book:3: was deleted since"]


def test_an_updated_row_deleted_since_is_named(released_twice, production):
    production.run("delete from book where isbn = '1'")
    assert refused(production, 2)[1:] == ["book:1: was deleted since"]


@pytest.mark.parametrize("end", ["cascade", "set null", "no action"])
def test_a_row_that_others_refer_to_now_is_refused(released_twice, production, end):
    production.run(
        f"create table loan (book_id bigint references book on delete {end});"
        "insert into loan select id from book where isbn = '3'"
    )
    assert refused(production, 2)[1:] == ["book:3: is referred to by 1 of loan (loan_book_id_fkey)"]


def test_one_reason_is_enough_for_nothing_to_be_undone(released_twice, production):
    production.run("update shelf set note = 'theirs'")
    assert len(refused(production)) == 2


def test_rows_may_be_left_as_they_are(released_twice, production):
    production.run("update book set price = 5 where isbn = '1'; delete from book where isbn = '3'")
    assert undone(production, 2, "book:1", "book:3").count("update") == 2
    assert production.rows("select price from book where isbn = '1'") == [(5,)]
    assert production.rows("select note from shelf") == [(None,)]
    assert production.rows("select name from author") == [("Emily",)]


def test_a_row_left_as_it_is_keeps_what_it_refers_to(released_twice, production):
    assert refused(production, 2, "book:3")[1:] == [
        "author:Anne: is referred to by 1 of book (book_author_id_fkey)"
    ]


def test_a_rollback_is_undone_by_a_rollback(released_once, source, production):
    source.run("update book set price = 1; update shelf set note = 'new'")
    release(source, production)
    after = state(production)
    undone(production, 2)
    assert undone(production, 3).count("update") == 3
    assert state(production)[1] == after[1]
    assert production.rows("select price, note from book, shelf") == [(1, "new")] * 2
    assert actions(plan(export(source), production)) == {}


def test_deleted_rows_come_back_by_a_rollback_of_the_rollback(released_twice, source, production):
    whole = (
        "select isbn, b.title, price, slug, name, born from book b"
        " join shelf s on s.id = shelf_id join author a on a.id = author_id order by 1"
    )
    rows, known = production.rows(whole), base(production)
    undone(production, 2)
    undone(production, 3)
    assert (production.rows(whole), base(production)) == (rows, known)
    undone(production, 4)
    assert len(production.rows(whole)) == 2


def test_a_release_is_undone_once(released_twice, production):
    undone(production, 2)
    assert refused(production, 2) == ["was undone by release 3"]


def test_a_release_that_was_brought_back_may_be_undone_again(released_once, source, production):
    source.run("update book set price = 1")
    release(source, production)
    for number in (2, 3, 2):
        undone(production, number)
    assert production.rows("select distinct price from book") == [(900,)]


@pytest.mark.parametrize("number", [0, 7])
def test_an_unknown_number_is_a_usage_problem(released_once, production, number):
    with pytest.raises(Problem, match=f"release {number}: is not in the ledger") as caught:
        undone(production, number)
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, "invoke history lists them")


def test_where_nothing_was_released_nothing_is_undone(library, production):
    with pytest.raises(Problem, match="nothing was released yet") as caught:
        undone(production)
    assert caught.value.code == Exit.USAGE


def test_a_database_that_calls_itself_otherwise_is_refused(released_once, production):
    says = refused(production, 1, target="staging")
    assert says == ['this database calls itself "production", not "staging"']


def test_a_ledger_of_a_newer_version_is_refused(released_once, production):
    production.run("update maulstick.ledger set version = 2")
    assert refused(production, 1) == ["the ledger has version 2, and known here is 1"]


def test_a_lock_that_is_held_ends_with_its_own_code(released_once, production):
    production.run(f"alter database {production.database} set maulstick.lock_wait = '100ms'")
    with production.other_connection() as other:
        other.execute("select pg_advisory_xact_lock(1835103596)")
        with pytest.raises(Problem, match="another release holds the lock") as caught:
            undone(production)
    assert caught.value.code == Exit.LOCKED


def test_an_older_release_is_undone_when_the_newer_touched_other_columns(released_once, source, production):
    source.run("update book set price = 1 where isbn = '1'")
    release(source, production)
    source.run("update book set title = 'new' where isbn = '1'")
    release(source, production)
    undone(production, 2)
    assert production.rows("select title, price from book where isbn = '1'") == [("new", 900)]


def test_an_older_release_is_refused_when_the_newer_touched_the_same(released_once, source, production):
    for price in (1, 2):
        source.run(f"update book set price = {price} where isbn = '1'")
        release(source, production)
    assert len(refused(production, 2)) == 2
    undone(production, 3)
    undone(production, 2)
    assert production.rows("select distinct price from book") == [(900,)]


def test_a_row_that_another_subject_shares_loses_only_this_subject(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('b', 'B', now(), now())")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    before = state(production)
    release(source, production, key="b")
    undone(production)
    assert state(production) == before


def test_what_was_adopted_is_not_deleted(library, source, production):
    production.run("insert into author (name, born) values ('Emily', 1830)")
    release(source, production)
    undone(production)
    assert production.rows("select name, born from author") == [("Emily", 1830)]
    assert base(production) == []


def test_a_value_taken_from_here_goes_back_to_theirs(released_once, source, production):
    source.run("update book set price = 1")
    production.run("update book set price = 2")
    before = state(production)
    released(export(source), source, production, take=("local",))
    undone(production)
    assert state(production) == before
    with pytest.raises(Problem, match="2 reasons"):
        planned(export(source), source, production)


def test_null_and_odd_values_go_back_exactly(released_once, source, production):
    production.run("update shelf set note = E'\\\\N \\t \"null\" \u2028'")
    source.run("update shelf set note = null, position = null, title = ''")
    before = state(production)
    released(export(source), source, production, take=("local", "local:shelf.note"))
    assert production.rows("select note, position, title from shelf") == [(None, None, "")]
    undone(production)
    assert state(production) == before


def test_ids_in_json_go_back_to_the_rows_they_named(library, source, production):
    for place in (source, production):
        place.run("create table sign (id serial primary key, name text unique, shelf_id bigint, meta jsonb)")
        place.run("alter table sign add foreign key (shelf_id) references shelf")
    source.run(
        "insert into sign (name, shelf_id, meta) select 'a', 1, jsonb_build_object('book', min(id)) from book"
    )
    sign = Table(
        "sign", key="name", via="shelf_id", json_references=[JsonReference("meta", "$.book", "book")]
    )
    apply(export(source, *LIBRARY, sign), production)
    before = state(production)
    source.run("update sign set meta = (select jsonb_build_object('book', max(id), 'x', 1) from book)")
    apply(export(source, *LIBRARY, sign), production)
    undone(production)
    assert state(production) == before


def test_a_row_known_by_its_key_alone_goes_back(library, source, production):
    for place in (source, production):
        place.run(
            "create table place_on (shelf_id bigint references shelf, n int, says text,"
            " primary key (shelf_id, n))"
        )
    source.run("insert into place_on values (1, 1, 'a'), (1, 2, 'b')")
    tables = (SHELF, Table("place_on", key=("shelf_id", "n"), via="shelf_id"))
    apply(export(source, *tables), production)
    before = state(production)
    source.run("update place_on set says = 'c' where n = 1; insert into place_on values (1, 3, 'd')")
    apply(export(source, *tables), production)
    undone(production)
    assert state(production) == before
