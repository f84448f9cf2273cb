"""A row under a new key is the same row where its user says so."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import base, contents, planned, release_of, released, undone
from tests.databases.places import (
    AUTHOR,
    LIBRARY,
    SHELF,
    actions,
    apply,
    both,
    export,
    perform,
    plan,
    release,
)

RENAME = ("book:1=1a",)


@pytest.fixture
def renamed(released_once, source, production):
    """A book has another number here, and another price."""
    source.run("update book set isbn = '1a', price = 1 where isbn = '1'")
    return export(source)


def test_without_the_option_it_is_a_new_row_and_a_gone_one(renamed, source, production):
    assert actions(planned(renamed, source, production)) == {("book", "1"): "gone", ("book", "1a"): "insert"}


def test_a_renamed_row_is_updated_in_place_and_keeps_its_id(renamed, source, production):
    id_ = production.value("select id from book where isbn = '1'")
    assert released(renamed, source, production, rename=RENAME).says == "1 updated"
    assert production.rows("select id, price from book where isbn = '1a'") == [(id_, 1)]
    assert production.rows("select 1 from book where isbn = '1'") == []


def test_a_plan_shows_the_key_among_the_columns(renamed, source, production):
    [change] = planned(renamed, source, production, rename=RENAME).changes
    assert (change.key, change.action, sorted(change.columns)) == ("1a", "update", ["isbn", "price"])
    assert change.columns["isbn"]["production"] == "1"


def test_base_follows_a_renamed_row(renamed, source, production):
    released(renamed, source, production, rename=RENAME)
    assert [key for table, key, *_ in base(production) if table == "book"] == ["1a", "2"]
    assert actions(plan(export(source), production)) == {}


def test_the_same_rename_again_changes_nothing(renamed, source, production):
    released(renamed, source, production, rename=RENAME)
    before = production.dump()
    assert released(export(source), source, production, rename=RENAME).word == "unchanged"
    assert production.dump() == before


def test_an_edit_in_production_of_a_renamed_row_is_kept(renamed, source, production):
    production.run("update book set title = 'theirs' where isbn = '1'")
    released(renamed, source, production, rename=RENAME)
    assert production.value("select title from book where isbn = '1a'") == "theirs"


def test_a_conflict_of_a_renamed_row_is_a_conflict(renamed, source, production):
    production.run("update book set price = 2 where isbn = '1'")
    with pytest.raises(Problem, match="book 1a: price"):
        released(renamed, source, production, rename=RENAME)


def test_a_rename_onto_a_key_that_production_has_is_refused(renamed, source, production):
    production.run("insert into book (isbn, title, price) values ('1a', 'Poems', 1)")
    before = production.dump()
    with pytest.raises(Problem, match="book 1a: is in production beside 1, which cannot become it"):
        released(renamed, source, production, rename=RENAME)
    assert production.dump() == before


def test_a_rename_of_a_row_that_production_lacks_is_refused(renamed, source, production):
    with pytest.raises(Problem, match="book 1a: nowhere, its old key, is not in production"):
        released(renamed, source, production, rename=("book:nowhere=1a",))


def test_a_rename_to_a_row_that_is_not_here_is_refused(renamed, source, production):
    with pytest.raises(Problem, match='book has no row "1b" here') as caught:
        planned(renamed, source, production, rename=("book:1=1b",))
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, "known here: 1a, 2")


def test_a_rename_of_a_row_that_is_still_here_is_refused(released_once, source, production):
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('3', 'Notes', 1, 1)")
    before = production.dump()
    with pytest.raises(Problem, match='"1" is still here') as caught:
        released(export(source), source, production, rename=("book:1=3",))
    assert (caught.value.code, production.dump()) == (Exit.USAGE, before)


def test_a_row_is_renamed_whose_keys_hold_equals_signs(library, source, production):
    source.run("update book set isbn = '/x?a=1' where isbn = '1'")
    release(source, production)
    source.run("update book set isbn = '/y?a=1' where isbn = '/x?a=1'")
    rename = ("book:/x?a=1=/y?a=1",) * 2
    assert released(export(source), source, production, rename=rename).says == "1 updated"


def test_a_rename_of_another_subject_s_row_is_nothing_to_this_one(renamed, source, production):
    plan = planned(renamed, source, production, rename=("book:8=9",), several=True)
    assert actions(plan)[("book", "1a")] == "insert"


def test_a_row_that_others_refer_to_is_renamed_and_that_is_undone(released_once, source, production):
    source.run("update author set name = 'Emily D.'")
    before = contents(production), base(production)
    released(export(source), source, production, rename=("author:Emily=Emily D.",))
    assert production.rows("select distinct name from author join book on author_id = author.id") == [
        ("Emily D.",)
    ]
    undone(production)
    assert (contents(production), base(production)) == before


def test_two_rows_exchange_their_keys(released_once, source, production):
    source.run("update book set isbn = 'x' where isbn = '1'; update book set isbn = 'y' where isbn = '2'")
    ids = production.rows("select title, id from book order by 1")
    released(export(source), source, production, rename=("book:1=x", "book:2=y"))
    assert production.rows("select title, id from book order by 1") == ids


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_rename_is_undone_and_brought_back(renamed, source, production, times):
    states = [(contents(production), base(production))]
    number = released(renamed, source, production, rename=RENAME).number
    states.append((contents(production), base(production)))
    for _ in range(times):
        number = undone(production, number).number
    assert (contents(production), base(production)) == states[(times + 1) % 2]


def test_after_a_rename_was_undone_it_is_offered_again(renamed, source, production):
    before = planned(renamed, source, production, rename=RENAME)
    undone(production, released(renamed, source, production, rename=RENAME).number)
    assert planned(renamed, source, production, rename=RENAME).changes == before.changes


NOTES = "create table note (id serial primary key, book_id int not null references book, n int, says text);"
NOTE = Table("note", key=("book_id", "n"), via="book_id")


@pytest.fixture
def with_notes(library, source, production):
    """A book has two notes that are known by it."""
    for place in (source, production):
        place.run(NOTES)
    source.run("insert into note (book_id, n, says) select id, 1, 'well' from book where isbn = '1'")
    tables = (*LIBRARY, NOTE)
    apply(export(source, *tables), production)
    source.run("update book set isbn = '1a' where isbn = '1'")
    return export(source, *tables)


def test_rows_known_by_a_renamed_row_go_with_it(with_notes, source, production):
    changes = planned(with_notes, source, production, rename=RENAME).changes
    assert [(change.table, change.key, change.action) for change in changes] == [
        ("book", "1a", "update"),
        ("note", '["1a","1"]', "update"),
    ]
    released(with_notes, source, production, rename=RENAME)
    assert ("note", '["1a","1"]') in [row[:2] for row in base(production)]
    assert ("note", '["1","1"]') not in [row[:2] for row in base(production)]


def test_rows_known_by_a_renamed_row_are_never_pruned(with_notes, source, production):
    with pytest.raises(Problem, match="no row of shelf poetry is gone"):
        released(with_notes, source, production, rename=RENAME, prune=True)
    released(with_notes, source, production, rename=RENAME)
    assert production.rows("select says from note") == [("well",)]


def test_rows_known_by_a_renamed_row_follow_it_back(with_notes, source, production):
    before = contents(production), base(production)
    released(with_notes, source, production, rename=RENAME)
    undone(production)
    assert (contents(production), base(production)) == before


def test_an_edit_of_a_row_known_by_a_renamed_row_is_kept(with_notes, source, production):
    production.run("update note set says = 'theirs'")
    released(with_notes, source, production, rename=RENAME)
    assert production.rows("select says from note") == [("theirs",)]


def test_a_row_with_a_reference_in_its_key_is_renamed(library, source, production):
    tables = (SHELF, Table("book", key=("shelf_id", "isbn"), via="shelf_id"), AUTHOR)
    release(source, production, *tables)
    source.run("update book set isbn = '1a' where isbn = '1'")
    rename = ('book:["poetry","1"]=["poetry","1a"]',)
    done = released(export(source, *tables), source, production, rename=rename)
    assert done.says == "1 updated"
    assert production.rows("select isbn from book order by 1") == [("1a",), ("2",)]


def test_no_rename_is_suggested_where_none_can_be(released_once, source, production):
    both(source, production, "create table tag (name text primary key, shelf_id bigint references shelf)")
    source.run("insert into tag values ('a', 1)")
    tables = (*LIBRARY, Table("tag", key="name", via="shelf_id"))
    release(source, production, *tables)
    source.run("update tag set name = 'b'; update book set isbn = '1a' where isbn = '1'")
    run = release_of(export(source, *tables), source, production)
    [hint] = perform(run, "plan").warnings
    assert hint == "if book 1a is 1 renamed: --rename book:1=1a"


def test_a_row_whose_key_is_all_it_has_cannot_be_renamed(released_once, source, production):
    keyed = Table("shelf_code", key="code")
    for place in (source, production):
        place.run("create table shelf_code (code text primary key, n int)")
    bundle = export(source, SHELF, keyed)
    with pytest.raises(Problem, match="a new key is a new row") as caught:
        planned(bundle, source, production, rename=("shelf_code:a=b",))
    assert caught.value.code == Exit.USAGE
