"""What a release writes beside the columns that travel, and the proof that rows hold what was written."""

from __future__ import annotations

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Table
from tests.databases.places import AUTHOR, BOOK, SHELF, export, plan, release

OLD = "timestamp '2020-01-01 00:00:00'"


def times(production, column):
    return [fresh for (fresh,) in production.rows(f"select {column} > {OLD} from shelf order by slug")]


@pytest.mark.parametrize("led", [False, True])
def test_an_update_moves_the_time_of_the_last_update_alone(released_once, source, production, led):
    """Also where rows are renamed by what others refer to them by."""
    production.run(
        f"insert into shelf (slug, title, inserted_at, updated_at) values ('z', 'Z', {OLD}, {OLD});"
        f"update shelf set inserted_at = {OLD}, updated_at = {OLD}"
    )
    if led:
        for place in (source, production):
            place.run("alter table book add slug text references shelf (slug) on update restrict")
    source.run("update shelf set note = 'new'")
    assert release(source, production).says == "1 updated"
    assert times(production, "updated_at") == [True, False]
    assert times(production, "inserted_at") == [False, False]
    assert release(source, production).word == "unchanged"


def test_a_new_row_gets_the_time_of_its_release_to_the_second(released_once, production):
    production.run("alter table shelf alter updated_at type timestamptz")
    [row] = production.rows("select inserted_at = updated_at, now() - updated_at < '1h' from shelf")
    assert row == (True, True)
    assert times(production, "inserted_at") == [True]


CHANGES = (
    "create function changes() returns trigger language plpgsql as $$ begin {0} return {1}; end $$;"
    "create trigger changes before insert or update on book for each row execute function changes()"
)


def refused(source, production, change, result="new", tables=(SHELF, BOOK, AUTHOR)):
    production.run(CHANGES.format(change, result))
    with pytest.raises(Problem) as caught:
        release(source, production, *tables)
    return caught.value.what.partition("hold what was written: ")[2].partition(" (a trigger")[0]


def test_each_row_that_a_trigger_changed_is_named_with_its_columns(library, source, production):
    change = "if new.isbn = '1' then new.title := 'x'; end if; new.price := 7;"
    assert refused(source, production, change) == "1: title, price; 2: price"


def test_a_row_that_a_trigger_changes_as_it_is_updated_is_named(released_once, source, production):
    source.run("update book set title = 'New' where isbn = '1'; update book set price = 1 where isbn = '2'")
    change = "new.title := 'x';"
    assert refused(source, production, change) == "1: title"


def test_a_new_row_that_a_trigger_swallowed_is_named(library, source, production):
    says = refused(source, production, "if new.isbn = '2' then return null; end if;")
    assert says == "2: isbn, title, price, shelf_id, author_id"


def test_a_trigger_may_set_what_is_production_s_own(library, source, production):
    production.run(CHANGES.format("new.price := 7;", "new"))
    tables = SHELF, Table("book", key="isbn", via="shelf_id", theirs="price"), AUTHOR
    assert release(source, production, *tables).says == "4 inserted"
    assert production.rows("select distinct price from book") == [(7,)]
    assert plan(export(source, *tables), production).counts().get("update", 0) == 0


def test_what_production_put_into_its_own_columns_is_recorded_in_each_table_apart(
    library, source, production
):
    tables = (
        Table("shelf", key="slug", theirs="note"),
        Table("book", key="isbn", via="shelf_id", theirs="price"),
        Table("author", key="name", theirs="born"),
    )
    release(source, production, *tables)
    names = "array(select k from jsonb_object_keys(after) as k where k in ('note', 'price', 'born'))"
    assert production.rows(f"select table_name, {names} from maulstick.change order by 1, key") == [
        ("author", ["born"]),
        ("book", ["price"]),
        ("book", ["price"]),
        ("shelf", ["note"]),
    ]
