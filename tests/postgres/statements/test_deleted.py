"""Rows to delete: found by their keys, refused if anything else refers to them, and deleted, no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.search_path import as_ourselves
from maulstick.postgres.sql import deletes
from maulstick.postgres.sql.deletes import delete, mark_deletes, prune, referenced
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.stage import SHARED
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, FOUND, PROBLEM
from maulstick.postgres.sql_files import sql_file
from maulstick.project.declarations import Table
from tests.databases.places import export
from tests.postgres.statements.conftest import Scratch

TABLES = """
create table shelf (id bigserial primary key, slug text not null unique, home text default 'here');
create table book (id bigserial primary key, isbn text not null unique, title text not null default 't',
  shelf_id bigint references shelf, next_id bigint references book, unique (isbn, title));
create table page (book_id bigint not null references book, kind int not null, text text,
  primary key (book_id, kind)) partition by list (kind);
create table page_1 partition of page for values in (1);
create table page_2 partition of page for values in (2);
"""
ROWS = """
insert into shelf (id, slug) values (11, 's1'), (12, 's2'), (13, 's3');
insert into book (id, isbn, shelf_id) values (21, 'b1', 11), (22, 'b2', 12), (23, 'b3', 11);
insert into page (book_id, kind, text) values (22, 1, 'a'), (22, 2, 'b'), (23, 1, 'c');
create table note (isbn text, title text, shelf bigint,
  constraint of_book foreign key (isbn, title) references book (isbn, title));
create table mark (shelf bigint, n int, constraint of_shelf foreign key (shelf) references shelf
  on delete cascade) partition by list (n);
create table mark_1 partition of mark for values in (1);
"""
DECLARED = (
    Table("shelf", key="slug", skip="home"),
    Table("book", key="isbn", via="shelf_id"),
    Table("page", key=("book_id", "kind"), via="book_id"),
)


@pytest.fixture
def library(source, scratch):
    """Shelves with books with pages, all of them at the same places in their tables, and what is marked."""
    source.run(TABLES)
    source.run("insert into shelf (slug) values ('s1')")
    specs = export(source, *DECLARED, key="s1").manifest.specs
    scratch.place.run("set local search_path = public")
    scratch.place.run(TABLES + ROWS)
    scratch.place.run("set local search_path = pg_catalog, pg_temp")
    scratch.set(path="public, pg_temp")

    def mark(**wanted):
        for name, keys in wanted.items():
            spec, named = specs[name], ", ".join(f"('{name}', '{key}')" for key in keys)
            scratch.place.run(look_up(spec, specs, f"select p.key from (values {named}) as p(name, key)"))
        named = ", ".join(f"('{name}', '{key}')" for name, keys in wanted.items() for key in keys)
        for spec in specs.values():
            text = f"(values {named}) as p(table_name, key)"
            scratch.place.run(mark_deletes(spec, specs, text, "p.key <> 's3'"))
        scratch.place.run(referenced(specs))
        return scratch.rows(f"select table_name, key, says from {PROBLEM} order by 1, 2, 3")

    return scratch, specs, mark


def there(scratch):
    """Return what is left."""
    kept = scratch.rows("select slug from public.shelf union all select isbn from public.book order by 1")
    pages = scratch.rows("select text from public.page order by 1")
    return " ".join(one for (one,) in [*kept, *pages])


def test_rows_are_marked_with_all_that_they_hold(library):
    scratch, _, mark = library
    mark(shelf=["s2", "s3", "nowhere"], page=['["b2","2"]'])
    columns = "table_name, key, id, o::regclass::text, c::text, image, times"
    page = {"book_id": "b2", "kind": "2", "text": "b"}
    assert scratch.rows(f"select {columns} from {DOOMED} order by 1, 2") == [
        ("page", '["b2","2"]', None, "public.page_2", "(0,1)", page, None),
        ("shelf", "s2", "12", "public.shelf", "(0,2)", {"slug": "s2"}, {"home": "here"}),
    ]


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        ({"shelf": ["s3"]}, []),
        ({"shelf": ["s1"]}, [("shelf", "s1", "is referred to by 2 of book (book_shelf_id_fkey)")]),
        ({"shelf": ["s2"]}, [("shelf", "s2", "is referred to by 1 of book (book_shelf_id_fkey)")]),
        (
            {"shelf": ["s1"], "book": ["b1"]},
            [("shelf", "s1", "is referred to by 1 of book (book_shelf_id_fkey)")],
        ),
        ({"shelf": ["s1"], "book": ["b1", "b3"], "page": ['["b3","1"]']}, []),
        (
            {"book": ["b2"], "page": ['["b2","1"]']},
            [("book", "b2", "is referred to by 1 of page (page_book_id_fkey)")],
        ),
        ({"book": ["b2"], "page": ['["b2","1"]', '["b2","2"]']}, []),
    ],
)
def test_a_row_is_refused_while_one_that_stays_refers_to_it(library, wanted, problems):
    assert library[2](**wanted) == problems


def test_whatever_refers_to_a_row_there_counts_each_by_its_name(library):
    scratch, _, mark = library
    scratch.place.run(
        "insert into public.note values ('b1', 't', 13), ('b3', 't', 13), ('b1', null, 13);"
        "insert into public.mark values (13, 1), (12, 1); update public.book set next_id = 23 where id = 22"
    )
    assert mark(book=["b1", "b3"], shelf=["s1", "s3", "s2"]) == [
        ("book", "b1", "is referred to by 1 of note (of_book)"),
        ("book", "b3", "is referred to by 1 of book (book_next_id_fkey)"),
        ("book", "b3", "is referred to by 1 of note (of_book)"),
        ("book", "b3", "is referred to by 1 of page (page_book_id_fkey)"),
        ("shelf", "s2", "is referred to by 1 of book (book_shelf_id_fkey)"),
        ("shelf", "s2", "is referred to by 1 of mark (of_shelf)"),
    ]


def test_a_row_of_a_partition_is_none_at_the_same_place_of_another(library):
    scratch, specs, mark = library
    scratch.place.run(
        "create table public.scrap (book bigint, kind int, constraint of_page foreign key (book, kind)"
        " references public.page); insert into public.scrap values (22, 2)"
    )
    assert mark(page=['["b2","1"]']) == []
    assert scratch.run(delete(specs)) == ""
    assert there(scratch) == "b1 b2 b3 s1 s2 s3 b c"


NO_KEY = "alter table public.book drop constraint book_shelf_id_fkey;"


@pytest.mark.parametrize(
    "beside",
    [
        "alter table public.book add constraint c check (shelf_id > 0)",
        "create table public.odd (a int, b int, c int, d int, shelf_id bigint)",
        "create table public.also (a int, b int, c int, shelf_id bigint references public.shelf)",
    ],
    ids=["another constraint", "another table's column", "another table's foreign key"],
)
def test_what_is_no_foreign_key_of_a_reference_does_not_stand_for_one(library, beside):
    scratch, _, mark = library
    scratch.place.run(NO_KEY + beside)
    assert mark(shelf=["s1"]) == [("shelf", "s1", "is referred to by 2 of book (shelf_id)")]


def test_a_reference_without_a_foreign_key_leads_to_its_own_table_only(library):
    scratch, _, mark = library
    scratch.place.run(NO_KEY + "insert into public.book (id, isbn) values (11, 'b4')")
    scratch.place.run("insert into public.shelf (id, slug) values (14, 's4')")
    assert mark(book=["b4"], shelf=["s4"]) == []


def test_a_reference_without_a_foreign_key_counts_too(library):
    scratch, _, mark = library
    scratch.place.run(NO_KEY)
    assert mark(shelf=["s1", "s2"], book=["b2"], page=['["b2","1"]', '["b2","2"]']) == [
        ("shelf", "s1", "is referred to by 2 of book (shelf_id)")
    ]


def test_two_rows_of_one_key_are_not_told_apart(library):
    scratch, _, mark = library
    scratch.place.run(
        "alter table public.shelf drop constraint shelf_slug_key;"
        "insert into public.shelf (id, slug) values (14, 's9'), (15, 's9'), (16, 's8')"
    )
    found = mark(shelf=["s9", "s8"], book=["b1"], page=['["b2","1"]'])
    assert found == [("shelf", "s9", "2 rows in production share this key")]


def look_up_all(scratch, specs, **keys):
    for name, wanted in keys.items():
        texts = ", ".join(f"('{key}')" for key in wanted)
        scratch.place.run(look_up(specs[name], specs, f"values {texts}"))


def test_a_row_of_the_same_key_in_another_table_stays(library):
    """It was looked up as well: it left its slice, or was renamed."""
    scratch, specs, _ = library
    scratch.place.run("insert into public.book (id, isbn) values (24, 's3')")
    look_up_all(scratch, specs, shelf=["s3"], book=["s3"])
    wanted = "(values ('shelf', 's3')) as p(table_name, key)"
    scratch.place.run("".join(mark_deletes(spec, specs, wanted, "true") for spec in specs.values()))
    assert scratch.rows(f"select table_name, key from {DOOMED}") == [("shelf", "s3")]


def test_a_row_that_is_not_where_it_was_found_is_not_marked(library):
    scratch, specs, _ = library
    place = scratch.rows("select tableoid from public.shelf limit 1")[0][0]
    scratch.fill(FOUND, {"table_name": "shelf", "key": "s3", "o": place, "c": "(9,9)"})
    wanted = "(values ('shelf', 's3')) as p(table_name, key)"
    scratch.place.run(mark_deletes(specs["shelf"], specs, wanted, "true"))
    assert scratch.rows(f"select from {DOOMED}") == []


def test_only_rows_that_are_gone_are_pruned_and_others_are_named(library):
    scratch, specs, _ = library
    named = [("shelf", "s3"), ("shelf", "s2"), ("shelf", "s1"), ("book", "b1"), ("book", "s3")]
    actions = {"s3": "gone", "s2": "left", "b1": "gone"}
    for table, key in (*named[:2], named[3]):
        scratch.fill(CHANGE, {"table_name": table, "key": key, "action": actions[key]})
    scratch.fill(CHANGE, {"table_name": "book", "key": "b3", "action": "gone"})
    look_up_all(scratch, specs, shelf=["s3", "s2", "s1"], book=["b1", "b3"])
    scratch.place.run("insert into public.mark values (13, 1)")
    rows = ", ".join(f'{{"table_name": "{table}", "key": "{key}"}}' for table, key in named)
    scratch.set(prune=f"[{rows}]")
    scratch.place.run(prune(specs))
    marked = scratch.rows(f"select table_name, key from {DOOMED} order by 1, 2")
    assert marked == [("book", "b1"), ("shelf", "s3")]
    assert scratch.rows(f"select kind, table_name, key, says from {PROBLEM} order by 1, 2, 3") == [
        ("prune", "book", "s3", "is not gone: it stays"),
        ("prune", "shelf", "s1", "is not gone: it stays"),
        ("prune", "shelf", "s2", "is not gone: it stays"),
        ("referenced", "shelf", "s3", "is referred to by 1 of mark (of_shelf)"),
    ]


def test_nothing_is_pruned_of_a_table_that_is_only_matched(library):
    scratch, specs, _ = library
    scratch.fill(CHANGE, {"table_name": "shelf", "key": "s3", "action": "gone"})
    look_up_all(scratch, specs, shelf=["s3"])
    scratch.set(prune='[{"table_name": "shelf", "key": "s3"}]')
    scratch.place.run(prune({**specs, "shelf": replace(specs["shelf"], travels=False)}))
    assert scratch.rows(f"select from {DOOMED}") == []


@pytest.mark.parametrize("moved", [False, True])
def test_the_rows_that_are_marked_go_and_no_others(library, moved):
    scratch, specs, mark = library
    assert mark(book=["b2"], page=['["b2","1"]', '["b2","2"]']) == []
    if moved:
        scratch.place.run("update public.book set title = 'u'; update public.page set text = text || text")
    assert scratch.run(delete(specs)) == ""
    assert there(scratch) == ("b1 b3 s1 s2 s3 cc" if moved else "b1 b3 s1 s2 s3 c")


@pytest.mark.parametrize("wanted", [{"book": ["b1"]}, {"page": ['["b2","1"]']}])
def test_a_row_that_moved_alone_is_found_again(library, wanted):
    scratch, specs, mark = library
    assert mark(**wanted) == []
    scratch.place.run(
        "update public.book set title = 'u'; update public.page set text = text || '!' where kind = 1"
    )
    assert scratch.run(delete(specs)) == ""
    left = {"book": "b2 b3 s1 s2 s3 a! b c!", "page": "b1 b2 b3 s1 s2 s3 b c!"}
    assert there(scratch) == left[next(iter(wanted))]


def test_a_row_that_a_trigger_moves_while_others_are_deleted_is_found_again(library):
    scratch, specs, mark = library
    scratch.place.run(
        "create function public.moves() returns trigger language plpgsql as"
        " $$ begin update public.book set title = 'u'; return null; end $$;"
        "create trigger moves after delete on public.page for each row execute function public.moves()"
    )
    mark(book=["b2"], page=['["b2","1"]', '["b2","2"]'])
    assert scratch.run(delete(specs)) == ""
    assert there(scratch) == "b1 b3 s1 s2 s3 c"


def test_a_row_that_moved_and_got_a_reference_since_stays(library):
    """By a foreign key that would delete what refers to it."""
    scratch, specs, mark = library
    scratch.place.run("insert into public.shelf (id, slug) values (14, 's4')")
    assert mark(shelf=["s4"]) == []
    scratch.place.run("update public.shelf set home = 'there'; insert into public.mark values (14, 1)")
    assert scratch.run(delete(specs)) == (
        "refused, nothing was changed: shelf s4: is referred to by 1 of mark (of_shelf)"
    )


def test_a_table_of_which_no_row_goes_is_not_touched(library):
    scratch, specs, mark = library
    scratch.place.run(
        "create function public.refuses() returns trigger language plpgsql as"
        " $$ begin raise 'no row goes here'; end $$;"
        "create trigger refuses before delete on public.shelf execute function public.refuses()"
    )
    mark(book=["b1"])
    assert scratch.run(delete(specs)) == ""


@pytest.fixture
def visited(source, production, monkeypatch):
    """Shelves that others see too, of which `s1` is to be deleted, with its book and a page of another."""
    monkeypatch.setattr(deletes, "TRIES", 1)
    source.run(TABLES)
    source.run("insert into shelf (slug) values ('s1')")
    specs = export(source, *DECLARED, key="s1").manifest.specs
    production.run(TABLES + ROWS + "update book set shelf_id = 12 where id = 23")
    scratch = Scratch(production)
    with production.other_connection() as visitor, production.connection.transaction(force_rollback=True):
        production.run(f"create schema maulstick; {sql_file('ledger_tables')} {as_ourselves()} {SHARED}")
        production.run("set local lock_timeout = '200ms'")
        scratch.set(path="public, pg_temp")
        wanted = {"shelf": ["s1"], "book": ["b1"], "page": ['["b2","2"]']}
        look_up_all(scratch, specs, **wanted)
        named = ", ".join(f"('{table}', '{key}')" for table, keys in wanted.items() for key in keys)
        text = f"(values {named}) as p(table_name, key)"
        production.run("".join(mark_deletes(spec, specs, text, "true") for spec in specs.values()))
        yield scratch, specs, visitor


@pytest.mark.parametrize(
    "held",
    [
        "select from shelf where slug = 's1' for key share",
        "select from book where isbn = 'b1' for update",
        "select from page where book_id = 22 and kind = 2 for share",
    ],
)
def test_a_row_that_somebody_holds_is_not_deleted(visited, held):
    scratch, specs, visitor = visited
    visitor.execute(held)
    said = scratch.run(delete(specs))
    assert said == "a row to delete is in use: no lock in 1 tries; nothing was changed"
    visitor.rollback()
    assert scratch.run(delete(specs)) == ""
    assert there(scratch) == "b2 b3 s2 s3 a c"


def test_who_holds_a_row_that_stays_is_not_waited_for(visited):
    scratch, specs, visitor = visited
    visitor.execute("select from shelf where slug <> 's1' for update")
    visitor.execute("select from book where isbn <> 'b1' for update")
    visitor.execute("select from page where (book_id, kind) <> (22, 2) for update")
    assert scratch.run(delete(specs)) == ""


def test_rows_that_refer_to_each_other_go_together(library):
    scratch, specs, mark = library
    scratch.place.run("update public.book set next_id = case id when 21 then 23 when 23 then 21 end")
    assert mark(shelf=["s1"], book=["b1", "b3"], page=['["b3","1"]']) == []
    assert scratch.run(delete(specs)) == ""
    assert there(scratch) == "b2 s2 s3 a b"


def test_a_row_that_got_a_reference_since_it_was_marked_stays(library):
    scratch, specs, mark = library
    mark(shelf=["s2"], book=["b2"], page=['["b2","1"]', '["b2","2"]'])
    scratch.place.run("update public.book set next_id = 22 where id = 21")
    assert scratch.run(delete(specs)) == (
        "refused, nothing was changed: book b2: is referred to by 1 of book (book_next_id_fkey)"
    )


@pytest.mark.parametrize(
    ("keys", "says"), [(["s2"], "0 of 1 row of shelf"), (["s2", "s1"], "1 of 2 rows of shelf")]
)
def test_what_a_trigger_keeps_is_told(library, keys, says):
    scratch, specs, mark = library
    scratch.place.run("delete from public.page; delete from public.book")
    scratch.place.run(
        "create function public.keeps() returns trigger language plpgsql as"
        " $$ begin if old.slug = 's2' then return null; end if; return old; end $$;"
        "create trigger keeps before delete on public.shelf for each row execute function public.keeps()"
    )
    mark(shelf=keys)
    assert scratch.run(delete(specs)).startswith(f"nothing was changed: {says}")
