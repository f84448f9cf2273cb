"""Every reason not to write is listed, and nothing was changed."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Query, Table
from tests.databases.places import BOOK, LIBRARY, actions, apply, both, export, plan, release


def refused(source, production, *tables, **options):
    """Release, be refused with exit 3 and nothing changed, and return the reasons, the same as the plan's."""
    bundle, before = export(source, *tables, **options), production.dump()
    with pytest.raises(Problem) as caught:
        apply(bundle, production)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    assert "nothing was changed" in caught.value.what or "nothing was changed" in str(caught.value)
    return [line.strip() for line in caught.value.what.splitlines()[1:]], plan(bundle, production)


def test_all_reasons_are_listed_at_once(released_once, source, production):
    source.run("update book set title = title || '!', price = 1")
    source.run("update shelf set title = 'Maps'")
    production.run("insert into shelf values (1, 'maps', 'Maps', null, 0, now(), now())")
    production.run("update book set title = title || '?', price = 2 where isbn = '1'")
    reasons, planned = refused(source, production)
    assert reasons == [
        "book 1: price, title changed here and there",
        "shelf poetry: title is taken in production by maps (index shelf_title_key)",
    ]
    assert len(planned.reasons()) == 2


def test_a_title_that_another_row_of_production_holds_is_a_clash(library, source, production):
    production.run("insert into shelf values (1, 'verse', 'Poetry', null, 0, now(), now())")
    [reason], _ = refused(source, production)
    assert reason == "shelf poetry: title is taken in production by verse (index shelf_title_key)"


def test_a_plan_lists_the_same_clash(library, source, production):
    production.run("insert into shelf values (1, 'verse', 'Poetry', null, 0, now(), now())")
    [obstacle] = plan(export(source), production).obstacles
    assert (obstacle.kind, str(obstacle)) == (
        "clash",
        "shelf poetry: title is taken in production by verse (index shelf_title_key)",
    )


def test_an_updated_title_that_another_row_holds_is_a_clash(released_once, source, production):
    production.run("insert into shelf values (1, 'verse', 'Verse', null, 0, now(), now())")
    source.run("update shelf set title = 'Verse'")
    [reason], _ = refused(source, production)
    assert "is taken in production by verse" in reason


@pytest.mark.parametrize(
    ("index", "taken"),
    [
        ("(lower(title))", "lower(title)"),
        ("(lower(title)) where shelf_id is null", "lower(title)"),
        ("(price, title) where price > 100", "price, title"),
        ("(title) include (price)", "title"),
        ("(lower(title), coalesce(price, 0))", "lower(title), COALESCE(price, 0)"),
        ("(title) nulls not distinct", "title"),
    ],
)
def test_a_clash_on_an_index_of_any_kind_is_found(library, source, production, index, taken):
    source.run("update book set shelf_id = null where isbn = '1'; update shelf set note = 'x'")
    production.run(f"create unique index odd on book {index}")
    production.run(
        "insert into book (isbn, title, price) values ('77', 'Letters', 900), ('78', 'Poems', 900)"
    )
    book = Table("book", key="isbn", where="%(key)s <> ''")
    reasons, _ = refused(source, production, LIBRARY[0], book, LIBRARY[2])
    assert f"book 1: {taken} is taken in production by 78 (index odd)" in reasons


def test_rows_outside_a_partial_index_do_not_clash(library, source, production):
    production.run("create unique index odd on book (title) where price < 100")
    production.run("insert into book (isbn, title, price) values ('77', 'Letters', 50)")
    assert release(source, production).says == "4 inserted"


def test_an_updated_row_outside_a_partial_index_of_a_column_of_production_s_own_does_not_clash(
    released_once, source, production
):
    production.run(
        "alter table book add hall int not null default 1;"
        "create unique index one on book (hall, title) where price > 100;"
        "insert into book (isbn, title, price) values ('9', 'Essays', 900)"
    )
    source.run("update book set title = 'Essays', price = 5 where isbn = '1'")
    assert release(source, production).says == "1 updated"
    source.run("update book set price = 900 where isbn = '1'")
    with pytest.raises(Problem, match="hall, title is taken in production by 9"):
        release(source, production)


def test_nulls_do_not_clash(library, source, production):
    production.run("create unique index odd on book (price)")
    production.run("insert into book (isbn, title) values ('77', 'x')")
    source.run("update book set price = null")
    assert release(source, production).says == "4 inserted"


def test_a_clash_without_a_surrogate_is_found(source, production):
    both(source, production, "create table t (slug text primary key, title text unique)")
    source.run("insert into t values ('a', 'A')")
    production.run("insert into t values ('b', 'A')")
    [reason], _ = refused(source, production, Table("t", key="slug"), key="a")
    assert reason == "t a: title is taken in production by b (index t_title_key)"


def test_an_update_without_a_surrogate_clashes_too(source, production):
    both(source, production, "create table t (slug text primary key, title text unique)")
    source.run("insert into t values ('a', 'A')")
    release(source, production, Table("t", key="slug"), key="a")
    production.run("insert into t values ('b', 'B')")
    source.run("update t set title = 'B'")
    [reason], _ = refused(source, production, Table("t", key="slug"), key="a")
    assert reason == "t a: title is taken in production by b (index t_title_key)"


def test_a_primary_key_that_travels_clashes_too(source, production):
    both(source, production, "create table t (code text primary key, slug text unique not null)")
    source.run("insert into t values ('x', 'a')")
    production.run("insert into t values ('x', 'b')")
    [reason], _ = refused(source, production, Table("t", key="slug"), key="a")
    assert reason == "t a: code is taken in production by b (index t_pkey)"


def test_a_title_that_is_kept_clashes_with_nothing(released_once, source, production):
    production.run("update shelf set title = 'Verse'")
    production.run("insert into shelf values (1, 'other', 'Poetry', null, 0, now(), now())")
    source.run("update shelf set note = 'new'")
    assert release(source, production).says == "1 updated"
    assert production.rows("select title, note from shelf where slug = 'poetry'") == [("Verse", "new")]


def test_a_row_does_not_clash_with_itself(released_once, source, production):
    source.run("update shelf set note = 'new'")
    assert release(source, production).says == "1 updated"


def test_a_constraint_that_only_production_has_stops_the_release(released_once, source, production):
    production.run("alter table book add check (price < 1000 + id * 0)")  # ids do not travel
    source.run("update book set price = 5000; update shelf set note = 'new'")
    before = production.dump()
    with pytest.raises(Problem, match="nothing was changed") as caught:
        release(source, production)
    assert (caught.value.code, production.dump()) == (Exit.FAILED, before)


def test_a_trigger_that_changes_what_is_written_is_found_out(released_once, source, production):
    production.run(
        "create function shout() returns trigger language plpgsql as"
        " 'begin new.title = upper(new.title); return new; end';"
        "create trigger shout before update on book for each row execute function shout()"
    )
    source.run("update book set title = 'quiet' where isbn = '1'")
    before = production.dump()
    with pytest.raises(Problem, match=r"book do not hold what was written: 1: title \(a trigger or a rule"):
        release(source, production)
    assert production.dump() == before


def test_a_query_that_does_not_hold_stops_the_release(library, source, production):
    asked = [
        Query("books on the shelf", "select count(*) from book join shelf on shelf.slug = 'poetry'", "3")
    ]
    bundle, before = export(source, asked=asked), production.dump()
    with pytest.raises(Problem, match="books on the shelf: expected 3, the answer is 2"):
        apply(bundle, production)
    assert production.dump() == before


def test_a_query_that_holds_lets_it_pass(library, source, production):
    asked = [Query("100% of %(key)s", "select count(*) from shelf where slug = %(key)s", "1")]
    assert apply(export(source, asked=asked), production).says == "4 inserted"


def test_a_conflict_in_one_table_stops_the_others(released_once, source, production):
    source.run("update book set price = 1 where isbn = '1'")
    source.run("insert into book (isbn, title, shelf_id) values ('3', 'x', 1)")
    production.run("update book set price = 2 where isbn = '1'")
    _, planned = refused(source, production)
    assert actions(planned) == {("book", "1"): "conflict", ("book", "3"): "insert"}


def test_a_conflict_shows_base_and_both_sides(released_once, source, production):
    source.run("update book set price = 1, title = 'here' where isbn = '1'")
    production.run("update book set price = null, title = 'there' where isbn = '1'")
    _, planned = refused(source, production)
    assert planned.reasons() == [
        'book 1: price: base "900", local "1", production null;'
        ' title: base "Poems", local "here", production "there"'
    ]


def test_a_conflict_with_a_deletion_says_so(released_once, source, production):
    source.run("update book set price = 1 where isbn = '1'")
    production.run("delete from book where isbn = '1'")
    _, planned = refused(source, production)
    assert planned.reasons()[0].startswith(
        'book 1: was deleted in production and changed here: price: base "900", local "1"'
    )


def test_a_conflict_of_long_texts_is_a_difference_of_lines(released_once, source, production):
    source.run("update book set title = %s where isbn = '1'", "l" * 70)
    production.run("update book set title = 'there' where isbn = '1'")
    _, planned = refused(source, production)
    assert [line.removeprefix("      ") for line in planned.reasons()[0].split("\n")] == [
        "book 1: title",
        "  local, against base:",
        "    - Poems",
        f"    + {'l' * 70}",
        "  production, against base:",
        "    - Poems",
        "    + there",
    ]
    assert BOOK.theirs == ()


def test_a_new_row_under_one_that_production_deleted_is_refused(released_once, source, production):
    production.run("delete from book; delete from author where name = 'Emily'")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('7', 'New', 1, 1)")
    reasons, _ = refused(source, production)
    assert "book 7: refers to author Emily, which was deleted in production" in reasons


def test_a_row_changes_beside_a_reference_that_production_led_elsewhere(released_once, source, production):
    production.run(
        "insert into author (name) values ('Anne'); update book set author_id = currval('author_id_seq')"
    )
    production.run("delete from author where name = 'Emily'")
    source.run("update book set price = 1")
    assert release(source, production).says == "2 updated, 1 removed there"
    assert production.rows("select distinct price, name from book join author as a on a.id = author_id") == [
        (1, "Anne")
    ]


def test_a_row_that_names_a_deleted_one_by_its_columns_is_refused(source, production):
    both(source, production, "create table room (name text primary key, way text default 'x')")
    both(source, production, "create table chair (name text primary key, room text references room)")
    source.run("insert into room values ('hall')")
    tables = (Table("room", key="name"), Table("chair", key="name", via="room"))
    release(source, production, *tables, key="hall")
    production.run("delete from room")
    source.run("insert into chair values ('red', 'hall')")
    with pytest.raises(Problem, match="chair red: refers to room hall, which was deleted in production"):
        release(source, production, *tables, key="hall")
