"""Rows that are asked for by their keys: an index finds them among many others, and their text tells them."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.places import BOOK, SHELF, apply, export, plan
from tests.postgres.test_statistics import reads

OTHERS = 20_000
READ = 2_000
"""Rows that are read at most of all tables."""
ROWS = """
create table shelf (id serial primary key, slug text not null unique, inserted_at timestamp(0) default now());
create table book (id serial primary key, isbn {} not null unique, price integer, shelf_id integer
  references shelf);
create table note (id serial primary key, book_id integer not null references book, place {} not null,
  unique (book_id, place));
create index on book (shelf_id);
"""
FILL = """
insert into shelf (slug) values ('{0}');
insert into book (isbn, price, shelf_id) select {1}, n, (select id from shelf where slug = '{0}')
from generate_series({2}, {3}) as n;
insert into note (book_id, place) select b.id, {4} from generate_series({2}, {3}) as n
join book as b on b.price = n;
"""
KEYS = {
    "text": ("text", "'b' || n"),
    "varchar": ("varchar(20)", "'b' || n"),
    "bigint": ("bigint", "n"),
    "numeric": ("numeric(12, 3)", "n / 4.0"),
    "uuid": ("uuid", "md5(n::text)::uuid"),
    "timestamp": ("timestamp(0)", "'2025-01-01'::timestamp + n * interval '1 minute'"),
}
TABLES = (SHELF, BOOK, Table("note", key=("book_id", "place"), via="book_id"))


@pytest.fixture(params=KEYS)
def few_of_many(request, source, production):
    """A shelf of twenty books is in production among many others, whose keys are of one type."""
    type_, value = KEYS[request.param]
    for place in (source, production):
        place.run(ROWS.format(type_, type_))
    source.run(FILL.format("poetry", value, 1, 20, value))
    production.run(FILL.format("others", value, 100, 100 + OTHERS, value))
    apply(export(source, *TABLES), production)
    return export(source, *TABLES)


@pytest.mark.parametrize("statistics", ["select 1", "vacuum analyze"], ids=["stale", "fresh"])
def test_nothing_changed_is_told_without_the_rows_of_others(few_of_many, production, statistics):
    production.run(statistics)
    before = reads(production)
    assert not plan(few_of_many, production).changes
    assert apply(few_of_many, production).says == "41 rows equal"
    assert reads(production) - before < READ


def test_a_key_that_is_only_spelt_otherwise_is_an_edit(source, production):
    for place in (source, production):
        place.run(ROWS.format("numeric", "numeric"))
    source.run(FILL.format("poetry", "n / 4.0", 1, 4, "1.00"))
    apply(export(source, *TABLES), production)
    production.run("update book set isbn = isbn * 1.000")
    assert plan(export(source, *TABLES), production).counts()["kept"] == 4
