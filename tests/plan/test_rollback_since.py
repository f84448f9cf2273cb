"""What came after a release is not lost by its undo: such rows are named, and the times of others stay."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Leave, Table
from tests.databases.deciding import base, contents, released, undone
from tests.databases.places import AUTHOR, BOOK, LIBRARY, SHELF, apply, both, export, release

PRICE_STAYS = (SHELF, Table("book", key="isbn", via="shelf_id", skip=("price",)), AUTHOR)


def refused(production, number, *left_out):
    """Undo, be refused with nothing changed, and return the reasons."""
    before = production.dump()
    with pytest.raises(Problem) as caught:
        undone(production, number, *left_out)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    return caught.value.what.split("\n    ")[1:]


@pytest.fixture
def priced_there(library, source, production):
    """Prices do not travel; production has one of its own."""
    release(source, production, *PRICE_STAYS)
    production.run("update book set price = 77 where isbn = '1'")


@pytest.fixture
def with_owner(library, source, production):
    """Books belong to users, who are production's own; a tag, a count and a search text stay there too."""
    text = (
        "create table member (id serial primary key, name text unique);"
        "insert into member (name) values ('m');"
        "alter table book add owner_id integer references member on delete set null,"
        " add tags text[] default '{new}', add seen integer not null default 0,"
        " add length integer generated always as (length(title)) stored,"
        " add inserted_at timestamp(0), add updated_at timestamp(0)"
    )
    both(source, production, text)
    book = Table("book", key="isbn", via="shelf_id", references={"owner_id": Leave()}, skip=("tags", "seen"))
    tables = (SHELF, book, AUTHOR)
    release(source, production, *tables)
    production.run(
        "update book set owner_id = 1, tags = '[0:1]={a,null}', seen = 5, inserted_at = '2020-01-01'"
        " where isbn = '1'"
    )
    return tables


def whole(production):
    """Return the books but for their ids."""
    return production.rows("select (to_jsonb(b) - 'id')::text, tags::text from book as b order by isbn")


def test_a_new_row_edited_where_it_does_not_travel_is_named(priced_there, production):
    assert refused(production, 1)[:1] == ["book:1: was changed since: price"]


def test_a_new_row_that_only_got_its_defaults_is_deleted(library, source, production):
    both(source, production, "alter table book add seen integer not null default 7")
    tables = (SHELF, Table("book", key="isbn", via="shelf_id", skip=("seen", "price")), AUTHOR)
    release(source, production, *tables)
    undone(production, 1)
    assert contents(production)["book"] == []


def test_what_a_trigger_wrote_during_the_release_is_no_later_edit(library, source, production):
    both(source, production, "alter table shelf add books integer not null default 0")
    production.run(
        "create function counts() returns trigger language plpgsql as"
        " 'begin update shelf set books = books + 1 where id = new.shelf_id; return null; end';"
        "create trigger counts after insert on book for each row execute function counts()"
    )
    release(source, production, Table("shelf", key="slug", skip=("books",)), BOOK, AUTHOR)
    assert production.value("select books from shelf") == 2
    undone(production, 1)
    assert contents(production)["shelf"] == []


def test_a_release_older_than_this_knowledge_is_undone_as_before(priced_there, production):
    production.run("update maulstick.change set times = null; update maulstick.release set sums = null")
    undone(production, 1)
    assert contents(production)["book"] == []


def test_a_pruned_row_comes_back_whole(with_owner, source, production):
    before = whole(production)
    source.run("delete from book where isbn = '1'")
    released(export(source, *with_owner), source, production, prune=True)
    undone(production)
    assert whole(production) == before


def test_a_row_that_came_back_goes_again_unless_it_was_edited(with_owner, source, production):
    source.run("delete from book where isbn = '1'")
    released(export(source, *with_owner), source, production, prune=True)
    undone(production)
    production.run("update book set seen = 6 where isbn = '1'")
    assert refused(production, 3) == ["book:1: was changed since: seen"]
    production.run("update book set seen = 5 where isbn = '1'")
    assert undone(production, 3).count("delete") == 1


def test_a_column_that_a_migration_took_is_not_put_back(with_owner, source, production):
    source.run("delete from book where isbn = '1'")
    released(export(source, *with_owner), source, production, prune=True)
    production.run("alter table book drop column seen")
    undone(production)
    assert production.value("select owner_id from book where isbn = '1'") == 1


def test_a_deleted_row_that_was_made_anew_is_named(released_once, production):
    undone(production, 1)
    production.run("insert into author (name) values ('Emily')")
    assert refused(production, 2) == ["author:Emily: was created since"]
    undone(production, 2, "author:Emily")
    assert production.rows("select name, born from author") == [("Emily", None)]


def test_a_row_made_anew_as_it_was_is_named_too(released_once, production):
    undone(production, 1)
    production.run("insert into author (name, born) values ('Emily', 1830)")
    assert refused(production, 2) == ["author:Emily: was created since"]


def test_a_new_row_that_another_subject_was_released_with_since_is_named(library, source, production):
    release(source, production)
    release(source, production, AUTHOR, Table("book", key="isbn", via="author_id"), SHELF, key="Emily")
    assert refused(production, 1)[0] == "author:Emily: belongs to author Emily too"
    undone(production, 2)
    undone(production, 1)
    assert base(production) == []


def test_the_time_of_a_later_edit_stays(released_once, source, production):
    source.run("update shelf set note = 'new'")
    release(source, production)
    production.run("update shelf set position = 9, updated_at = '2031-01-01'")
    undone(production, 2)
    assert production.rows("select note, position, updated_at::text from shelf") == [
        (None, 9, "2031-01-01 00:00:00")
    ]


@pytest.mark.parametrize("kind", ["timestamp(0)", "timestamp", "timestamptz"])
def test_times_that_nobody_moved_go_back_and_forth(library, source, production, kind):
    both(source, production, f"alter table shelf alter updated_at type {kind}")
    release(source, production)
    production.run("update shelf set updated_at = '2021-02-03 04:05:06'")
    source.run("update shelf set note = 'new'")
    release(source, production)
    times, after = [], production.value("select updated_at from shelf")
    for number in (2, 3, 4, 5):
        undone(production, number)
        times.append(production.value("select updated_at from shelf"))
    before = production.value(f"select '2021-02-03 04:05:06'::{kind}")
    assert times == [before, after, before, after]


def test_a_column_that_a_migration_took_is_named(released_once, production):
    production.run("alter table book drop column price")
    with pytest.raises(Problem, match=r"no longer has what it described.*\n    book.price") as caught:
        undone(production, 1)
    assert caught.value.code == Exit.REFUSED


def test_a_key_that_two_rows_have_by_now_is_named(library, source, production):
    both(
        source,
        production,
        "create table leaf (id serial primary key, n int not null, t text, shelf_id bigint)",
    )
    both(source, production, "alter table leaf add foreign key (shelf_id) references shelf")
    source.run("insert into leaf (n, t, shelf_id) values (1, 'one', 1)")
    tables = (SHELF, Table("leaf", key="n", via="shelf_id"))
    release(source, production, *tables)
    source.run("update leaf set t = 'two'")
    release(source, production, *tables)
    production.run("insert into leaf (n, t, shelf_id) select n, t, shelf_id from leaf")
    for number in (2, 1):
        assert "leaf:1: 2 rows in production share this key" in refused(production, number)


def test_two_rows_of_a_gone_key_are_not_pruned(library, source, production):
    both(source, production, "create table leaf (id serial primary key, n int not null, shelf_id bigint)")
    both(source, production, "alter table leaf add foreign key (shelf_id) references shelf")
    source.run("insert into leaf (n, shelf_id) values (1, 1)")
    tables = (SHELF, Table("leaf", key="n", via="shelf_id"))
    release(source, production, *tables)
    source.run("delete from leaf")
    production.run("insert into leaf (n) values (1)")
    with pytest.raises(Problem, match="2 rows in production share this key"):
        released(export(source, *tables), source, production, prune=True)


def test_a_domain_without_null_is_no_hindrance(library, source, production):
    both(
        source,
        production,
        "create domain word as varchar(9) not null check (value <> ''); create domain name as word;"
        "alter table book add d name default 'x', add e word default 'x'",
    )
    release(source, production)
    source.run("update book set price = 1, e = 'y' where isbn = '1'; delete from book where isbn = '2'")
    before = whole_but_ids(production)
    apply(export(source, *LIBRARY), production)
    undone(production, 2)
    assert whole_but_ids(production) == before


def whole_but_ids(production):
    """Return the books but for their ids."""
    return production.rows("select (to_jsonb(b) - 'id')::text from book as b order by isbn")
