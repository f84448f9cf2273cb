"""What only the newest servers know, on one side of a release."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Table
from tests.databases.places import apply, both, export, plan
from tests.servers.clusters import NEWEST

FROM_NEWEST = pytest.mark.parametrize("pair", [(NEWEST, 14)], indirect=True)
THING = "create table thing (id bigserial primary key, slug text not null unique, n integer{})"


@FROM_NEWEST
def test_a_column_that_is_made_when_it_is_read_stays_at_home(source, production):
    source.run(THING.format(", twice integer generated always as (n * 2) virtual"))
    production.run(THING.format(", twice integer generated always as (n * 2) stored"))
    source.run("insert into thing (slug, n) values ('a', 4)")
    assert apply(export(source, Table("thing", key="slug"), key="a"), production).says == "1 inserted"
    assert production.value("select twice from thing") == 8


@FROM_NEWEST
def test_a_constraint_that_does_not_hold_for_old_rows_is_no_promise(source, production):
    for place in (source, production):
        place.run(THING.format(", home text, unique (slug, home)"))
    source.run("insert into thing (slug, n) values ('a', 4)")
    source.run("alter table thing add constraint home_is_there not null home not valid")
    table = Table("thing", key=("slug", "home"))
    bundle = export(source, table, key="a")
    assert apply(bundle, production).says == "1 inserted"
    source.run("alter table thing drop constraint home_is_there; update thing set n = 5")
    source.run("alter table thing add constraint home_is_there not null home not valid")
    assert apply(export(source, table, key="a"), production).says == "1 updated"


@pytest.mark.parametrize("pair", [(14, NEWEST)], indirect=True)
def test_what_the_newest_alone_forbids_stops_a_release_whole(source, production):
    source.run(THING.format(""))
    production.run(THING.format(", unique nulls not distinct (n)"))
    source.run("insert into thing (slug) values ('a')")
    production.run("insert into thing (slug) values ('b')")
    bundle, before = export(source, Table("thing", key="slug"), key="a"), production.dump()
    with pytest.raises(Problem) as caught:
        apply(bundle, production)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    assert "n is taken in production by b (index thing_n_key)" in caught.value.what


def test_rows_for_spans_of_time_travel(source, production):
    both(
        source,
        production,
        "create table shown (thing int4range not null, span daterange not null, says text,"
        " primary key (thing, span without overlaps))",
    )
    source.run("insert into shown values ('[1,2)', '[2025-01-01,2025-02-01)', 'a')")
    table = Table("shown", key=("thing", "span"), where="says is distinct from %(key)s")
    assert apply(export(source, table, key="x"), production).says == "1 inserted"
    source.run("update shown set says = 'b'")
    bundle = export(source, table, key="x")
    assert plan(bundle, production).counts()["update"] == 1
    assert apply(bundle, production).says == "1 updated"
