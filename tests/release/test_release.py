"""A first release, a second one, and what production's ids have to do with it."""

from tests.databases.places import SHELF, apply, export, plan, release


def test_a_subject_arrives_with_its_rows_and_references(released_once, production):
    rows = production.rows(
        "select s.slug, b.isbn, b.title, b.price, a.name, a.born from book b"
        " join shelf s on s.id = shelf_id join author a on a.id = author_id order by 2"
    )
    assert rows == [
        ("poetry", "1", "Poems", 900, "Emily", 1830),
        ("poetry", "2", "Letters", 900, "Emily", 1830),
    ]


def test_a_first_release_says_what_it_inserted(library, source, production):
    assert release(source, production).says == "4 inserted"


def test_a_second_release_writes_nothing_and_makes_no_number(released_once, source, production):
    before = production.dump()
    again = release(source, production)
    assert (again.number, again.word, again.says) == (None, "unchanged", "4 rows equal")
    assert production.dump() == before


def test_a_second_release_takes_no_ids(released_once, source, production):
    before = production.value("select last_value from book_id_seq")
    release(source, production)
    assert production.value("select last_value from book_id_seq") == before


def test_production_counts_no_write_of_a_second_release(released_once, source, production):
    counters = "select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables order by 1"
    production.wait_for_quiet()
    before = production.rows(counters)
    release(source, production)
    production.wait_for_quiet()
    assert production.rows(counters) == before


def test_production_gives_its_own_ids(library, source, production):
    production.run("insert into shelf values (1, 'maps', 'Maps', null, 0, now(), now())")
    release(source, production)
    assert production.rows("select slug from shelf where id = 1") == [("maps",)]
    assert production.value("select id from shelf where slug = 'poetry'") == 101


def test_the_next_row_of_the_site_gets_a_free_id(released_once, production):
    production.run("insert into book (isbn, title) values ('3', 'by the site')")
    assert production.value("select id from book where isbn = '3'") == 203


def test_a_changed_column_is_updated_alone(released_once, source, production):
    source.run("update book set price = 1000 where isbn = '1'")
    planned = plan(export(source), production)
    [change] = planned.changes
    assert dict(change.columns) == {
        "price": {"action": "update", "base": "900", "local": "1000", "production": "900"}
    }
    assert apply(export(source), production).says == "1 updated"
    assert production.value("select price from book where isbn = '1'") == 1000


def test_a_plan_reads_only(library, source, production):
    before = production.dump(), production.rows("select last_value from shelf_id_seq")
    planned = plan(export(source), production)
    assert planned.counts()["insert"] == 4
    assert (production.dump(), production.rows("select last_value from shelf_id_seq")) == before


def test_times_are_production_s_own_in_utc(library, source, production):
    production.run(f"alter database {production.database} set timezone = 'Asia/Tokyo'")
    release(source, production)
    age = "extract(epoch from now() at time zone 'UTC' - updated_at)"
    assert production.rows(f"select slug from shelf where {age} between -1 and 30") == [("poetry",)]


def test_an_update_moves_updated_at_and_nothing_else_does(released_once, source, production):
    production.run("update shelf set inserted_at = '2020-01-01', updated_at = '2020-01-01'")
    release(source, production)
    assert production.value("select updated_at::text from shelf") == "2020-01-01 00:00:00"
    source.run("update shelf set note = 'new'")
    release(source, production)
    assert (
        production.value("select inserted_at::text from shelf where updated_at > '2025-01-01'")[:4] == "2020"
    )


def test_two_subjects_share_a_row(released_once, source, production):
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at) values ('prose', 'Prose', now(), now())"
    )
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    assert release(source, production, key="prose").says == "2 inserted"
    assert production.value("select count(*) from author") == 1
    known = "select subjects from maulstick.base where table_name = 'author'"
    assert production.value(known) == ["shelf poetry", "shelf prose"]


def test_a_bundle_of_one_table_needs_nothing_else(source, production, library):
    assert release(source, production, SHELF).says == "1 inserted"
