"""Which rows a unique index or an exclusion constraint takes for the same, asked before they are written."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql_files import sql_file
from tests.postgres.catalogue.asking import asked

COLUMNS = """id int, a text, b int, c int, twice int generated always as (b * 2) stored, span int4range,
  "odd ""name" int default 7"""
TABLES = f"""
create extension if not exists btree_gist;
create table work ({COLUMNS}); create table other (a text unique); create index on work (a);
alter table work add gone int; alter table work drop column gone;
create table rows ({COLUMNS});
insert into rows values (1, 'x', 1, 5, default, '[1,3)'), (2, 'X', 2, 5, default, '[2,4)'),
  (3, 'y', 3, null, default, '[9,9]'), (4, 'z', 4, null, default, null);
"""


@pytest.fixture
def work(production):
    """A table without rows that gets an index, and rows that might be written into it."""
    production.run(TABLES)
    return production


def indexes(place, *brought):
    """Return each index of the table by its name, for rows that bring some columns."""
    rows = asked(
        place,
        "select i.name, i.now, i.columns, i.rest, i.only, i.says, i.names, i.same from (values"
        f" ('public.work', array{[*brought]}::text[])) as s(real, brought)"
        f" cross join lateral ({sql_file('unique_indexes')}) as i order by 1",
    )
    return {name: rest for name, *rest in rows}


def alike(place):
    """Return the pairs of rows that the table's one index takes for the same."""
    [(*_, only, says, names, same)] = indexes(place).values()
    rows = f"(select id, {says} from public.rows where {only})"
    pairs = asked(
        place,
        f"select w.id || ' ' || u.id from {rows} as w(id, {names}) join {rows} as u(id, {names})"
        f" on {same} where w.id <= u.id order by 1",
    )
    return [pair for (pair,) in pairs]


@pytest.mark.parametrize(
    ("index", "pairs"),
    [
        ("unique index on work (lower(a))", "11 12 22 33 44"),
        ("unique index on work (a)", "11 22 33 44"),
        ("unique index on work (c)", "11 12 22"),
        ("unique index on work (c) nulls not distinct", "11 12 22 33 34 44"),
        ("unique index on work (c, lower(a)) nulls not distinct", "11 12 22 33 44"),
        ("unique index on work (c, b)", "11 22"),
        ("unique index on work (c) include (b)", "11 12 22"),
        ("unique index on work (c) where b > 1", "22"),
        ("unique index on work (twice)", "11 22 33 44"),
        ("unique index on work (twice, c)", "11 22"),
        ("unique index on work (a text_pattern_ops desc, b)", "11 22 33 44"),
        ("constraint exclude using gist (span with &&)", "11 12 22 33"),
        ("constraint exclude using gist (c with =, span with &&)", "11 12 22"),
        ("constraint exclude using gist (c with =, b with <>)", "12"),
        ("constraint exclude using gist (span with &&) where (b < 3)", "11 12 22"),
    ],
)
def test_the_same_rows_are_the_same_as_for_the_index(work, index, pairs):
    kind, _, rest = index.partition(" ")
    work.run(f"create {index}" if kind == "unique" else f"alter table work add {rest}")
    assert [pair.replace(" ", "") for pair in alike(work)] == pairs.split()


def test_a_key_of_periods_that_others_refer_to_is_asked_once(work):
    if work.connection.info.server_version < 180000:
        pytest.skip("keys of periods came with PostgreSQL 18")
    work.run(
        "alter table work add constraint times unique (c, span without overlaps);"
        "create table theirs (c int, span int4range,"
        " foreign key (c, period span) references work (c, period span))"
    )
    assert alike(work) == ["1 1", "1 2", "2 2"]


def test_only_indexes_that_are_in_force_count(work):
    work.run(
        "create unique index fine on work (a); create unique index broken on work (b);"
        "create index plain on work (c);"
        "update pg_index set indisvalid = false where indexrelid = 'broken'::regclass"
    )
    assert [*indexes(work)] == ["fine"]


def test_which_columns_decide_and_which_stay_at_home_is_known(work):
    work.run(
        "create unique index computed on work (lower(a), c) include (id) where b > 1;"
        "create unique index made on work (twice);"
        'alter table work add constraint late unique ("odd ""name") deferrable;'
        "alter table work add constraint apart exclude using gist (span with &&);"
        "alter table work add constraint kept unique (a) include (b)"
    )
    found = {name: (now, {*columns}) for name, (now, columns, *_) in indexes(work).items()}
    assert found == {
        "apart": (True, {"span"}),
        "computed": (True, {"a", "b", "c", "id"}),
        "kept": (True, {"a"}),
        "late": (False, {'odd "name'}),
        "made": (True, {"twice", "b"}),
    }
    rests = {rest for _, _, rest, *_ in indexes(work, "id", "a", "b").values()}
    [kept] = [
        asked(work, f'select {rest} from (select 1 as c, 2 as span, 3 as "odd ""name") as t')
        for rest in rests
    ]
    assert kept == [(1, 2, 3)]


def test_which_indexes_take_nulls_for_the_same_is_known(work):
    if work.connection.info.server_version < 150000:
        pytest.skip("indexes that take nulls for the same came with PostgreSQL 15")
    work.run(
        "create unique index apart on work (a); create unique index same on work (b) nulls not distinct;"
        "alter table work add constraint span exclude using gist (span with &&)"
    )
    found = asked(
        work,
        "select i.name, i.nulls_same from (values ('public.work', array['a', 'b'])) as s(real, brought)"
        f" cross join lateral ({sql_file('unique_indexes')}) as i order by 1",
    )
    assert found == [("apart", False), ("same", True), ("span", False)]
