"""How a release opens the ledger: under the target's one lock; made if it is not there, hardly mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from maulstick.postgres.search_path import as_ourselves
from maulstick.postgres.sql.ledger import open_ledger, writable
from maulstick.postgres.sql_files import sql_file
from tests.databases.places import Place
from tests.postgres.catalogue.asking import roles

BY_RELEASE = "select to_regclass('maulstick.change_release') is not null"
SHARED = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


def opening() -> str:
    """Compose what opens the ledger."""
    return f"{as_ourselves()} {open_ledger()}"


@contextmanager
def session(place: Place, **settings: str) -> Iterator[psycopg.Connection]:
    """A session of its own, whose transaction is open, with settings of a release."""
    with place.other_connection() as connection:
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, true)", (f"maulstick.{name}", value))
        yield connection


def opened(place: Place, change: str = "", **settings: str) -> str:
    """Open the ledger once something is changed, and return how it fails, "" if it does not."""
    with session(place, **settings) as connection:
        try:
            connection.execute(f"{change}; {opening()}".encode())
        except psycopg.Error as error:
            connection.rollback()
            return error.diag.message_primary or ""
        connection.commit()
    return ""


def told(connection: psycopg.Connection, text: str) -> object:
    [value] = connection.execute(text.encode()).fetchone() or (None,)
    return value


def test_a_ledger_is_made_once(production):
    """Tables of others of the same names, or beside it in its schema, are none of it."""
    production.run("create table public.release (a int); create table public.object (a int)")
    production.run("create schema maulstick; create table maulstick.mine (a int)")
    assert opened(production, target="shop") == ""
    assert production.rows("select version, target from maulstick.ledger") == [(1, "shop")]
    assert production.value(BY_RELEASE)
    assert opened(production, target="other") == ""
    assert production.rows("select version, target from maulstick.ledger") == [(1, "shop")]


def test_who_says_no_name_leaves_the_ledger_without_one(production):
    assert opened(production) == ""
    assert production.rows("select version, target from maulstick.ledger") == [(1, None)]
    with session(production, target="shop") as connection:
        connection.execute(opening().encode())
        connection.execute("select set_config('maulstick.target', '', true)")
        connection.execute(opening().encode())
        assert told(connection, "select target from maulstick.ledger") == "shop"


def test_a_ledger_that_is_there_in_part_is_not_mended(production):
    production.run("create schema maulstick; create table maulstick.upload (a int)")
    assert opened(production).endswith("the ledger is not whole; nothing was changed")
    assert production.rows("select tablename from pg_tables where schemaname = 'maulstick'") == [("upload",)]


def test_a_plan_makes_nothing_and_takes_no_lock(production):
    with session(production, mode="plan") as connection:
        connection.execute(opening().encode())
        assert told(connection, SHARED) == 0
        assert told(connection, "select to_regnamespace('maulstick') is null")
    assert opened(production) == ""
    with session(production, mode="plan", target="shop") as connection:
        connection.execute(f"drop index maulstick.change_release; {opening()}".encode())
        assert told(connection, BY_RELEASE) is False
        assert told(connection, "select target from maulstick.ledger") is None


def test_a_ledger_is_opened_by_one_at_a_time(production):
    """Under the lock of every version of Maulstick, "maul", for so long as the transaction."""
    with session(production) as first:
        first.execute(opening().encode())
        mine = "select classid, objid, objsubid from pg_locks where locktype = 'advisory'"
        assert first.execute(mine.encode()).fetchall() == [(0, int.from_bytes(b"maul"), 1)]
        waits = "set local statement_timeout = '5s'"
        assert opened(production, waits, lock_wait="20ms") == "another release holds the lock"
    assert opened(production, lock_wait="20ms") == ""


def test_only_what_is_to_be_read_is_held(production):
    opened(production)
    with session(production) as connection:
        connection.execute(opening().encode())
        held = (
            "select l.mode from pg_locks as l join pg_class as c on c.oid = l.relation"
            " where l.pid = pg_backend_pid() and c.relname = 'object' and c.relkind = 'r'"
        )
        assert told(connection, held) == "AccessShareLock"


@pytest.mark.parametrize(("before", "during"), [("off", "on"), ("on", "on"), ("local", "local")])
def test_what_is_set_for_a_release_ends_with_it(production, before, during):
    with session(production, lock_wait="7s") as connection:
        connection.execute(
            f"set synchronous_commit = {before}; set lock_timeout = '3s'; {opening()}".encode()
        )
        assert told(connection, "show synchronous_commit") == during
        assert told(connection, "show lock_timeout") == "500ms"
        connection.commit()
        assert told(connection, "show synchronous_commit") == before
        assert told(connection, "show lock_timeout") == "3s"


@pytest.fixture
def old(production):
    """A ledger that was made before it had an index by release, and a role that may read and write it."""
    with roles(production, "guest"):
        production.run(f"create schema maulstick; {sql_file('ledger_tables')}")
        production.run("insert into maulstick.ledger values (1, null); drop index maulstick.change_release")
        production.run("grant all on all tables in schema maulstick to guest")
        yield production


def indexed(place, change="", role="guest"):
    """Open the ledger as somebody, and return whether it has its index then."""
    with session(place) as connection:
        connection.execute(f"{change}; set local role {role}; {opening()}".encode())
        found = told(connection, BY_RELEASE)
        connection.rollback()
    return found


USES = "grant usage on schema maulstick to guest;"
CREATES = "grant usage, create on schema maulstick to guest;"
OWNS = "alter table maulstick.change owner to guest;"
OWNS_OTHERS = "alter table maulstick.upload owner to guest; alter table maulstick.base_row owner to guest;"


@pytest.mark.parametrize(
    ("change", "role", "expected"),
    [
        ("", "postgres", True),
        ("create index change_release on public.other (release)", "postgres", True),
        (OWNS + CREATES, "guest", True),
        (OWNS + USES, "guest", False),
        (CREATES, "guest", False),
        (OWNS_OTHERS + CREATES, "guest", False),
        (OWNS_OTHERS + USES, "guest", False),
    ],
)
def test_a_ledger_gets_its_index_from_who_owns_it(old, change, role, expected):
    old.run("create table public.other (release bigint)")
    assert indexed(old, change, role) is expected


def test_a_ledger_that_is_in_use_goes_without_its_index(old):
    with old.other_connection() as other:
        other.execute("lock table maulstick.change in share update exclusive mode")
        other.execute("select")
        assert indexed(old, role="postgres") is False


@pytest.mark.parametrize(
    ("is_read_only", "settings", "stops"),
    [
        ("off", {}, False),
        ("on", {}, True),
        ("on", {"although_read_only": "on"}, False),
        ("on", {"mode": "plan"}, False),
    ],
)
def test_a_database_that_is_only_read_is_not_written(production, is_read_only, settings, stops):
    production.run(f"alter database {production.database} set default_transaction_read_only = {is_read_only}")
    try:
        with session(production, **settings) as connection:
            connection.execute(writable().encode())
            says = ""
    except psycopg.Error as error:
        says = error.diag.message_primary or ""
    finally:
        production.run(f"alter database {production.database} reset default_transaction_read_only")
    assert says.startswith("the database is set to be only read") is stops
