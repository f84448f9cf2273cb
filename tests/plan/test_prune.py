"""Rows that the source deleted: named, kept, and deleted only when that is asked for."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import applied, base, contents, planned, release_of, released, undone
from tests.databases.places import SHELF, actions, apply, both, export, perform, release


@pytest.fixture
def gone(released_once, source, production):
    """The source deleted a book."""
    source.run("delete from book where isbn = '1'")
    return export(source)


def warnings(bundle, source, production, **typed):
    """Return what a plan warns of."""
    return perform(release_of(bundle, source, production, **typed), "plan").warnings


def isbns(production):
    return [isbn for (isbn,) in production.rows("select isbn from book order by 1")]


def test_a_gone_row_is_named_and_stays(gone, source, production):
    assert actions(planned(gone, source, production)) == {("book", "1"): "gone"}
    assert released(gone, source, production).word == "unchanged"
    assert isbns(production) == ["1", "2"]
    assert actions(planned(gone, source, production)) == {("book", "1"): "gone"}


def test_an_edit_of_a_gone_row_is_said(gone, source, production):
    production.run("update book set title = 'edited there' where isbn = '1'")
    [change] = planned(gone, source, production).changes
    assert change.columns == {"title": {"action": "gone", "base": "Poems", "production": "edited there"}}
    assert warnings(gone, source, production) == ("book:1 is gone here and was edited in production: title",)


def test_a_changed_row_beside_a_gone_one_says_what_changes(gone, source, production):
    source.run("update book set price = 7 where isbn = '2'")
    changes = {change.key: change for change in planned(export(source), source, production).changes}
    assert changes["1"].action == "gone"
    assert changes["2"].columns["price"]["action"] == "update"


def test_a_prune_names_the_edits_that_it_deletes(gone, source, production):
    production.run("update book set title = 'edited there' where isbn = '1'")
    assert warnings(gone, source, production, prune=True) == (
        "book:1 will be deleted in production, with what was edited there: title",
    )


def test_a_row_edited_after_the_list_was_shown_is_not_pruned(gone, source, production):
    run = release_of(gone, source, production, prune=True)
    perform(run, "plan")
    production.run("update book set title = 'edited there' where isbn = '1'")
    with pytest.raises(Problem, match="book 1: was gone, is gone title") as caught:
        perform(run, "apply")
    assert (caught.value.code, caught.value.hint) == (
        Exit.REFUSED,
        "run this again: it shows a new plan",
    )
    assert isbns(production) == ["1", "2"]


def test_a_gone_row_is_deleted_by_prune(gone, source, production):
    assert released(gone, source, production, prune=True).says == "1 deleted"
    assert isbns(production) == ["2"]
    assert [key for table, key, *_ in base(production) if table == "book"] == ["2"]


def test_a_pruned_row_gives_its_unique_value_to_another(library, source, production):
    both(source, production, "alter table book add column place integer, add unique (shelf_id, place)")
    source.run("update book set place = isbn::integer")
    release(source, production)
    source.run("delete from book where isbn = '1'; update book set place = 1 where isbn = '2'")
    source.run("insert into book (isbn, title, place, shelf_id) values ('3', 'New', 3, 1)")
    says = released(export(source), source, production, prune=True).says
    assert says == "1 inserted, 1 updated, 1 deleted"
    assert production.rows("select isbn, place from book order by 1") == [("2", 1), ("3", 3)]


def test_a_second_prune_changes_nothing(gone, source, production):
    released(gone, source, production, prune=True)
    before = production.dump()
    assert released(export(source), source, production, prune=True).word == "unchanged"
    assert production.dump() == before


def test_apply_alone_prunes_as_well(gone, source, production):
    assert applied(gone, source, production, prune=True).says == "1 deleted"
    assert isbns(production) == ["2"]


def test_apply_alone_keeps_to_the_limit(gone, source, production):
    with pytest.raises(Problem, match="would delete 1 row, more than 0"):
        applied(gone, source, production, prune=True, prune_limit=0)
    assert isbns(production) == ["1", "2"]


def test_more_rows_than_the_limit_are_refused_and_listed(released_once, source, production):
    source.run("delete from book")
    with pytest.raises(Problem, match="would delete 2 rows, more than 1\n    book:1\n    book:2") as caught:
        released(export(source), source, production, prune=True, prune_limit=1)
    assert (caught.value.code, caught.value.hint) == (
        Exit.REFUSED,
        "look at the list; --prune-limit 2 allows as many",
    )
    assert isbns(production) == ["1", "2"]


def test_rows_up_to_the_limit_are_deleted(released_once, source, production):
    source.run("delete from book; delete from author")
    assert released(export(source), source, production, prune=True, prune_limit=3).says == "3 deleted"
    assert (isbns(production), production.rows("select name from author")) == ([], [])


def test_a_row_that_never_was_released_is_never_pruned(gone, source, production):
    production.run("insert into book (isbn, title, shelf_id) select '7', 'theirs', id from shelf")
    released(gone, source, production, prune=True)
    assert isbns(production) == ["2", "7"]


@pytest.mark.parametrize("end", ["cascade", "set null", "no action"])
def test_a_row_that_others_refer_to_is_refused_whatever_their_on_delete(gone, source, production, end):
    production.run(
        f"create table loan (id serial primary key, book_id bigint references book on delete {end});"
        "insert into loan (book_id) select id from book where isbn = '1'"
    )
    before = production.dump()
    with pytest.raises(Problem, match=r"book 1: is referred to by 1 of loan \(loan_book_id_fkey\)") as caught:
        released(gone, source, production, prune=True)
    assert caught.value.code == Exit.REFUSED
    assert production.dump() == before


def test_rows_that_refer_to_each_other_go_together(released_once, source, production):
    source.run("delete from book; delete from author")
    assert released(export(source), source, production, prune=True).says == "3 deleted"


def test_a_row_that_an_admin_s_row_refers_to_keeps_all_of_them(released_once, source, production):
    source.run("delete from book; delete from author")
    production.run("insert into book (isbn, title, author_id) select '7', 'theirs', id from author")
    with pytest.raises(Problem, match="author Emily: is referred to by 1 of book"):
        released(export(source), source, production, prune=True)
    assert isbns(production) == ["1", "2", "7"]


def test_a_row_that_only_left_the_slice_is_never_pruned(released_once, source, production):
    source.run("update book set shelf_id = null where isbn = '1'")
    bundle = export(source)
    assert actions(planned(bundle, source, production)) == {("book", "1"): "left"}
    with pytest.raises(Problem, match="no row of shelf poetry is gone"):
        released(bundle, source, production, prune=True)
    assert isbns(production) == ["1", "2"]


def test_a_row_that_another_subject_has_is_never_pruned(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('b', 'B', now(), now())")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    release(source, production, key="b")
    source.run("delete from book where shelf_id = 1")
    released(export(source), source, production, prune=True)
    assert isbns(production) == ["9"]
    assert production.rows("select name from author") == [("Emily",)]


def test_a_time_in_the_key_is_found_in_a_source_that_writes_times_another_way(library, source, production):
    visit = "create table visit (id serial primary key, shelf_id bigint references shelf, at timestamptz)"
    for place in (source, production):
        place.run(visit)
    source.run("insert into visit (shelf_id, at) select id, '2025-03-04 05:06:07+00' from shelf")
    tables = (SHELF, Table("visit", key=("at",), via="shelf_id"))
    apply(export(source, *tables), production)
    source.run("update visit set shelf_id = null")
    source.run(f"alter database {source.database} set datestyle = 'German'")
    source.run(f"alter database {source.database} set timezone = 'Asia/Tokyo'")
    with pytest.raises(Problem, match="no row of shelf poetry is gone"):
        released(export(source, *tables), source, production, prune=True)
    assert production.value("select count(*) from visit") == 1


def test_a_rehearsed_prune_deletes_nothing(gone, source, production):
    before = production.dump()
    assert "1 deleted; rolled back" in released(gone, source, production, prune=True, rehearse=True).says
    assert production.dump() == before


def test_a_pruned_row_is_put_back_with_its_times(library, source, production):
    timed = "alter table book add inserted_at timestamp(0), add updated_at timestamp(0)"
    for place in (source, production):
        place.run(timed)
    apply(export(source), production)
    production.run("update book set inserted_at = '2020-01-01', updated_at = '2021-01-01', price = 5")
    source.run("delete from book where isbn = '1'")
    whole = "select isbn, title, price, shelf_id, author_id, inserted_at, updated_at from book order by 1"
    before = production.rows(whole), base(production)
    released(export(source), source, production, prune=True)
    undone(production)
    assert (production.rows(whole), base(production)) == before
    assert actions(planned(export(source), source, production))[("book", "1")] == "gone"


def test_several_pruned_rows_are_put_back_each_with_its_own_columns(released_once, source, production):
    production.run("alter table book add column note text; update book set note = 'of ' || isbn")
    source.run("delete from book")
    assert released(export(source), source, production, prune=True).says == "2 deleted"
    undone(production)
    assert production.rows("select isbn, note from book order by 1") == [("1", "of 1"), ("2", "of 2")]


def test_a_prune_after_the_row_became_referred_to_is_refused(gone, source, production):
    bundle = planned(gone, source, production, prune=True)
    assert actions(bundle) == {("book", "1"): "gone"}
    production.run(
        "create table loan (book_id bigint references book on delete cascade);"
        "insert into loan select id from book"
    )
    with pytest.raises(Problem, match="is referred to by 1 of loan"):
        applied(gone, source, production, prune=True)
    assert contents(production)["book"] != []


def test_a_row_kept_by_a_trigger_stops_the_prune(gone, source, production):
    production.run(
        "create function stay() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger stay before delete on book for each row execute function stay()"
    )
    before = production.dump()
    with pytest.raises(Problem, match="0 of 1 row of book went"):
        released(gone, source, production, prune=True)
    assert production.dump() == before
