"""What a plan learns of the target: is it read-only, what do its triggers set, can its rows be updated."""

from __future__ import annotations

import pytest

from maulstick.plan.database_state import READ_ONLY, strangers, triggers, unpublishable, unwritable
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.places import export
from tests.postgres.catalogue.asking import roles


@pytest.fixture
def specs(library, source):
    return [*export(source).manifest.specs.values()]


@pytest.fixture
def database(production):
    with connect(Secret(production.url), "production") as database:
        yield database


FUNCTIONS = """
create function sets() returns trigger language plpgsql as
  'begin new.title := upper(new.title); select 1 into strict new."price"; return new; end';
create function also() returns trigger language plpgsql as
  'begin NEW.Title:= 1; if new.isbn = 1 then old.isbn := 2; end if; return new; end';
"""
TRIGGERS = FUNCTIONS + (
    "create trigger a before insert on book for each row execute function sets();"
    "create trigger b before update on book for each row execute function also();"
    "create trigger c before insert on book for each row execute function also();"
    "create trigger d after insert on shelf for each row execute function sets();"
    "create trigger e before insert on shelf for each statement execute function sets();"
    "create trigger f before insert on shelf for each row execute function sets();"
    "create trigger g before update on author for each row execute function also();"
    "create trigger h before delete on shelf for each row execute function also();"
    "alter table shelf disable trigger f; alter table author enable always trigger g;"
    "create table other (title text);"
    "create trigger i before insert on other for each row execute function also()"
)


def test_what_triggers_set_before_a_row_is_written_is_known(specs, database, production):
    production.run(TRIGGERS)
    production.run("alter table shelf disable trigger h")
    assert [(spec.label, *rest) for spec, *rest in triggers(database, specs)] == [
        ("author", "title", "g", False, True),
        ("book", "price", "a", True, False),
        ("book", "title", "a, b, c", True, True),
    ]


def test_a_trigger_of_a_replica_alone_is_not_asked(specs, database, production):
    production.run(
        FUNCTIONS + "create trigger a before insert on book for each row execute function sets();"
        "alter table book enable replica trigger a"
    )
    assert triggers(database, specs) == []


@pytest.mark.parametrize(
    ("change", "tables"),
    [
        ("create publication p for table shelf, book", []),
        ("create publication p for table shelf; alter table book drop constraint book_pkey", []),
        ("create publication p for all tables; alter table book drop constraint book_pkey", ["book"]),
        ("create publication p for all tables; alter table book replica identity nothing", ["book"]),
        (
            "create publication p for all tables; alter table book drop constraint book_pkey;"
            "alter table book replica identity full",
            [],
        ),
        (
            "create publication p for all tables with (publish = 'insert');"
            "alter table book drop constraint book_pkey",
            [],
        ),
        (
            "create publication p for all tables; create publication q for table book;"
            "alter table book drop constraint book_pkey; alter table author replica identity nothing",
            ["author", "book"],
        ),
        (
            "create schema other; create table other.book (a int);"
            "create publication p for table other.book; alter table book drop constraint book_pkey",
            [],
        ),
    ],
)
def test_tables_whose_updates_postgresql_refuses_are_named(specs, database, production, change, tables):
    try:
        production.run(change)
        assert [table for table, _ in unpublishable(database, specs)] == tables
    finally:
        production.run("drop publication if exists p, q")


@pytest.mark.parametrize(
    ("settings", "is_read_only"),
    [
        ([], False),
        (["database {0} set {1} = on"], True),
        (["role reader set {1} = on"], True),
        (["role reader in database {0} set {1} = on"], True),
        (["role all set {1} = on"], True),
        (["role other set {1} = on"], False),
        (["database postgres set {1} = on"], False),
        (["role reader in database postgres set {1} = on"], False),
        (["database {0} set {1} = on", "role reader set {1} = off"], False),
        (["database {0} set {1} = off", "role reader set {1} = on"], True),
        (["role reader set {1} = on", "role reader in database {0} set {1} = off"], False),
        (["role all set {1} = on", "database {0} set {1} = off"], False),
        (["database {0} set {1} = on", "database {0} set work_mem = '1MB'"], True),
    ],
)
def test_a_role_is_told_to_be_read_only_as_its_next_session_will_be(
    production, database, settings, is_read_only
):
    with roles(production, "reader", "other"):
        try:
            for setting in settings:
                production.run(
                    "alter " + setting.format(production.database, "default_transaction_read_only")
                )
            found = unwritable(database, although=False, role="reader")
            assert (found is not None and READ_ONLY in found.what) is is_read_only
            assert unwritable(database, although=True, role="reader") is None
        finally:
            off = "reset default_transaction_read_only"
            production.run(f"alter role all {off}; alter database postgres {off}")


def test_a_schema_of_strangers_is_told_with_what_takes_the_right_away(specs, database, production):
    with roles(production, "guest", '"some one"'):
        production.run("grant create on schema public to public")
        assert strangers(database, specs) == [
            'search_path: the role "guest" and 1 more may create objects in the schema public, and triggers'
            " run what is there: revoke create on schema public from public;"
        ]
        production.run(
            "revoke create on schema public from public; grant create on schema public to guest,"
            ' "some one"; grant usage on schema public to public'
        )
        assert strangers(database, specs) == [
            'search_path: the role "guest" and 1 more may create objects in the schema public, and triggers'
            ' run what is there: revoke create on schema public from guest, "some one";'
        ]
        production.run('revoke create on schema public from guest, "some one"')
        assert strangers(database, specs) == []
