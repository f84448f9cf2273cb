"""Whether production's schema can take a bundle: every difference at once, before anything runs."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.planner import fit, require_fit
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Table
from maulstick.redact import Secret
from tests.databases.deciding import planned, release_of
from tests.databases.places import LIBRARY, apply, both, export, perform, release


@pytest.fixture
def reasons(library, source, production):
    """Change production's schema and say what is wrong with it."""

    def ask(change):
        production.run(change)
        with connect(Secret(production.url), "production") as database, pytest.raises(Problem) as caught:
            require_fit(fit(export(source, *LIBRARY), database))
        assert caught.value.code == Exit.REFUSED
        return [line.strip() for line in caught.value.what.splitlines()[1:]]

    return ask


def warnings(source, production):
    with connect(Secret(production.url), "production") as database:
        found = fit(export(source, *LIBRARY), database)
        assert found.errors == []
        return found.warnings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("alter table book rename to boook", 'book: is not in production (did you mean "boook"?)'),
        ("alter table book drop column price", "book.price: is not in production"),
        ("alter table book alter price type text", "book.price: is text in production and integer here"),
        (
            "alter table book alter price set not null",
            "book.price: is not null in production and may be null here",
        ),
        (
            "alter table book add pages integer not null",
            "book.pages: production needs a value and this bundle brings none",
        ),
    ],
)
def test_a_schema_that_does_not_fit_is_refused(reasons, change, reason):
    assert reasons(change) == [reason]


def test_a_label_that_production_lacks_is_refused(library, source, production):
    source.run("create type mood as enum ('sad', 'wild')")
    production.run("create type mood as enum ('sad')")
    both(source, production, "alter table book add column mood mood")
    source.run("update book set mood = 'wild'")
    with pytest.raises(Problem, match='invalid input value for enum mood: "wild"') as caught:
        planned(export(source), source, production)
    assert (caught.value.code, caught.value.where) == (Exit.REFUSED, "schema")


def test_a_label_may_come_with_the_deploy(library, source, production):
    both(source, production, "create type mood as enum ('sad'); alter table book add column mood mood")
    source.run("alter type mood add value 'wild'")
    source.run("update book set mood = 'wild'")
    run = release_of(export(source), source, production, "plan", "deploy", "apply")
    outcome = perform(run, "plan")
    assert (run.plan, outcome.says) == (None, "the rows are not known yet: the deploy must bring the schema")
    assert 'enum mood: "wild"' in outcome.warnings[0]


def test_a_refused_schema_names_the_migration_that_is_missing(reasons, source, production):
    both(source, production, "create table schema_migrations (version bigint primary key)")
    source.run("insert into schema_migrations values (20260101000000)")
    production.run("insert into schema_migrations values (20250101000000)")
    assert reasons("alter table book drop column price") == [
        "book.price: is not in production",
        "schema_migrations: production lacks 20260101000000",
    ]


@pytest.mark.parametrize("path", ["public, ext", "ext", "pg_catalog"])
def test_a_type_is_the_same_whatever_the_search_path_is(library, source, production, path):
    both(
        source,
        production,
        "create schema ext; create type ext.mood as enum ('a'); alter table book add column mood ext.mood",
    )
    production.run(f"alter database {production.database} set search_path = {path}")
    assert warnings(source, production) == []


def test_every_difference_is_listed_at_once(reasons):
    assert len(reasons("alter table book drop column price; alter table author add pen text not null")) == 2


@pytest.mark.parametrize(
    "change",
    [
        "alter table book add pages integer",
        "alter table book add pages integer not null default 0",
        "alter table book alter title drop not null",
        "create table other (n integer not null)",
    ],
)
def test_what_production_has_more_is_no_error(library, source, production, change):
    production.run(change)
    assert warnings(source, production) == []
    assert apply(export(source), production).says == "4 inserted"


def test_a_migration_that_production_lacks_is_a_warning(library, source, production):
    for place, versions in ((source, "(1), (2)"), (production, "(1)")):
        place.run("create table schema_migrations (version bigint)")
        place.run(f"insert into schema_migrations values {versions}")
    assert warnings(source, production) == ["schema_migrations: production lacks 2"]


def test_columns_in_another_order_are_no_difference(library, source, production):
    production.run("alter table book drop column title; alter table book add title text not null")
    assert warnings(source, production) == []
    assert apply(export(source), production).says == "4 inserted"


MADE = [
    ("domain worth as numeric", "domain worth as numeric(4, 1)", "1.55"),
    ("domain worth as timestamp", "domain worth as timestamp(0)", "2025-01-01 10:00:00.9"),
    ("domain worth as double precision", "domain worth as real", "0.123456789012"),
    ("type worth as (x integer, y integer)", "type worth as (y integer, x integer)", "(1,2)"),
    ("domain inner_ as numeric; create domain worth as inner_",
     "domain inner_ as numeric(4, 1); create domain worth as inner_", "1.55"),
    ("domain inner_ as numeric(4, 2); create domain worth as inner_",
     "domain worth as numeric(4, 1)", "1.55"),
    ("domain inner_ as numeric; create type worth as (a text, x inner_)",
     "domain inner_ as numeric(4, 1); create type worth as (a text, x inner_)", "(a,1.55)"),
    ("type pair as (x int, y int); create type worth as (a text, p pair[])",
     "type pair as (y int, x int); create type worth as (a text, p pair[])", '(a,"{""(1,2)""}")'),
    ("type pair as (x int, y int); create domain worth as pair",
     "type pair as (y int, x int); create domain worth as pair", "(1,2)"),
    ("domain inner_ as timestamp[]; create domain worth as inner_",
     "domain inner_ as timestamp(0)[]; create domain worth as inner_", "{2025-01-01 10:00:00.9}"),
    ("domain inner_ as numeric; create type worth as range (subtype = inner_)",
     "domain inner_ as numeric(4, 1); create type worth as range (subtype = inner_)", "[1.55,2.55]"),
]  # fmt: skip


@pytest.mark.parametrize("column", ["worth", "worth[]"])
@pytest.mark.parametrize(("here", "there", "value"), MADE)
def test_a_type_that_would_change_values_there_is_named(source, production, column, here, there, value):
    for place, made in ((source, here), (production, there)):
        place.run(f"create {made}; create table art (slug text primary key, worth {column})")
    given = "array[%s]::worth[]" if column.endswith("]") else "%s"
    source.run(f"insert into art values ('a', {given})", value)
    bundle = export(source, Table("art", key="slug"), key="a")
    with connect(Secret(production.url), "production") as database:
        [error] = fit(bundle, database).errors
    assert error.startswith(f"art.worth: {column} is ")
    assert " in production and " in error


def test_a_type_that_is_made_alike_or_refuses_by_itself_is_no_difference(source, production):
    more = "type pair as (x numeric(4, 1), y text); create table art (slug text primary key, w worth, p pair)"
    for place, made in ((source, "text"), (production, "varchar(9)")):
        place.run(f"create domain worth as {made}; create {more}")
    source.run("insert into art values ('a', 'b', '(1.5,c)')")
    assert release(source, production, Table("art", key="slug"), key="a").says == "1 inserted"
    with connect(Secret(production.url), "production") as database:
        assert fit(export(source, Table("art", key="slug"), key="a"), database).errors == []
