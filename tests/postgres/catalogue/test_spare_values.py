"""What may stand in a column for a while, so that another row can have its value."""

from __future__ import annotations

import psycopg
import pytest

from maulstick.postgres.sql_files import sql_file
from tests.postgres.catalogue.asking import asked

TABLES = """
create table room (id int primary key);
create table work (id int primary key, n int, day date, name text, code varchar(10), initial char(3),
  must int not null, named int unique, room int references room, late int references room deferrable,
  span int4range, home int);
create table named (work int references work (named)); create table stranger (n int references room);
create table far (a int, b int unique); create table refers (b int references far (b));
insert into work values (1, 7, '2020-01-05', 'n', 'c', 'i', 3, 4, null, null, '[1,2)', 1);
create table written as select * from work with no data;
insert into written values (2, 9, '2020-01-01', 'm', 'd', 'j', 5, 6, null, null, '[1,2)', 2);
"""


def spare(place, *columns, nulls_same="false", travels=()):
    """Return the values that are tried in columns of the table, in their order, as texts."""
    lists = (f"array{[*names]}::text[]" for names in (columns, travels or columns))
    found = asked(
        place,
        f"select v.column_name, v.type, v.value from (values ('public.work', 'public.written',"
        f" {', '.join(lists)}, {nulls_same})) as one(real, ready, columns, travels, nulls_same)"
        f" cross join lateral ({sql_file('spare_values')}) as v",
    )
    values = []
    for column, type_, value in found:
        try:
            [(text,)] = asked(place, f"select ({value})::{type_}::text from (select 1 as n) as a")
        except psycopg.Error:  # this type has no such value
            continue
        values.append((column, text))
    return values


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("n", [None, "10", "6"]),
        ("day", [None, "2020-01-06", "2019-12-31", "2020-01-06", "2019-12-31"]),
        ("must", ["6", "2"]),
        ("named", ["7", "3"]),
        ("room", [None]),
        ("span", [None, "empty"]),
    ],
)
def test_nothing_or_what_is_beyond_all_others_is_spare(production, column, values):
    production.run(TABLES)
    tried = [value for _, value in spare(production, column) if value is None or len(value) < 11]
    assert tried == values


@pytest.mark.parametrize(("column", "length"), [("name", 32), ("code", 10), ("initial", 3)])
def test_a_spare_text_is_as_long_as_it_may_be(production, column, length):
    production.run(TABLES)
    nothing, *texts = [value for _, value in spare(production, column)]
    assert nothing is None
    assert {len(text) for text in texts if text != "empty"[:length]} >= {length}
    assert {text[0] for text in texts} >= {"z", "Z"}


def test_a_reference_that_can_wait_may_hold_what_is_nowhere(production):
    production.run(TABLES)
    assert spare(production, "late")[0] == ("late", None)
    assert len(spare(production, "late")) > len(spare(production, "room"))


def test_where_nulls_are_the_same_none_is_spare(production):
    production.run(TABLES)
    assert (None in [value for _, value in spare(production, "n")]) is True
    assert (None in [value for _, value in spare(production, "n", nulls_same="true")]) is False


def test_only_columns_of_the_index_that_travel_are_given_spare_values(production):
    production.run(TABLES)
    assert [*dict.fromkeys(name for name, _ in spare(production, "n", "home", travels=("must", "n")))] == [
        "n"
    ]
    assert spare(production, "must", "n")[:3] == [("n", None), ("n", "10"), ("must", "6")]
