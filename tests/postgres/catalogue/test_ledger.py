"""A ledger is read only where it is whole and nothing in it is a stranger's."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql.trust.own_ledger import own_ledger, proof_for
from maulstick.postgres.sql_files import sql_file
from tests.postgres.catalogue.asking import asked, told


@pytest.fixture
def ledger(production):
    """A ledger without releases."""
    production.run(f"create schema maulstick; {sql_file('ledger_tables')}")
    production.run("insert into maulstick.ledger values (1, null)")
    production.run(
        "create function public.f() returns trigger language plpgsql as 'begin return new; end';"
        "create domain public.word as text; create table public.other (release bigint)"
    )
    return production


def read(place, change):
    """Return why a ledger that was changed is not read."""
    return told(place, change, own_ledger(is_written=False))


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ("create trigger t before insert on maulstick.change execute function f()", "the trigger t"),
        ("create rule r as on update to maulstick.agreed do also select 1", "the rule r"),
        ("create table public.child () inherits (maulstick.ledger)", "tables that inherit"),
        (
            "create table public.up (size bigint); alter table maulstick.object inherit public.up",
            "tables that inherit",
        ),
        ("alter table maulstick.upload add constraint c check (key <> '')", "the check c"),
        ("alter table maulstick.release alter kind set default 'x'", "a default"),
        ("alter table maulstick.change add more word", "a column of the type public.word"),
        ("create index i on maulstick.change (lower(key))", "the index maulstick.i"),
        ("create index i on maulstick.upload (key) where undone is null", "the index maulstick.i"),
        (
            "alter table maulstick.upload rename to own; create view maulstick.upload as"
            " select * from maulstick.own",
            "another kind: it is not a plain table",
        ),
        ("create table maulstick.pulled (key text default 'x')", "a default"),
        ("create sequence maulstick.pulled", "another kind: it is not a plain table"),
        ("alter table maulstick.ledger alter target type word", "a column of the type public.word"),
    ],
)
def test_what_is_planted_in_a_ledger_stops_who_reads_it(ledger, planted, says):
    for is_written in (True, False):
        proof = own_ledger(is_written=is_written)
        assert f"has {says}, which Maulstick did not make" in told(ledger, planted, proof)


@pytest.mark.parametrize(
    "change",
    [
        "select 1",
        "create index i on maulstick.change (action)",
        "create index i on maulstick.upload (subject) where release is null",
        "alter table maulstick.change add more pg_catalog.text, drop times, add times jsonb",
        "create table maulstick.mine (a word default 'x'); create trigger t before insert on maulstick.mine"
        " execute function f()",
        "create trigger t before insert on public.other execute function f()",
        "create table public.release (a word default 'x', check (a <> '')); create index on public.release"
        " (lower(a)) where a > 'b'; create table public.child () inherits (public.other)",
        "drop view maulstick.base",
        "drop schema maulstick cascade",
        "drop schema maulstick cascade; create schema maulstick",
    ],
)
def test_what_is_beside_it_or_runs_nothing_is_let_be(ledger, change):
    assert read(ledger, change) == ""
    assert told(ledger, change, own_ledger(is_written=True)) == ""


def test_of_several_things_the_first_is_named(ledger):
    planted = "alter table maulstick.release alter kind set default 'x', alter as_of set default 'x';"
    planted += "create trigger t before insert on maulstick.agreed execute function f()"
    assert read(ledger, planted).startswith("maulstick.agreed has the trigger t")
    lacks = "alter table maulstick.change drop times, drop was; drop table maulstick.upload"
    assert read(ledger, lacks).startswith("maulstick.change lacks the column times jsonb")
    both = "alter table maulstick.upload drop undone; delete from maulstick.ledger"
    assert read(ledger, both).startswith("maulstick.upload lacks the column undone bigint")


def test_a_table_of_another_schema_is_no_part_of_the_ledger(ledger):
    other = "create table public.upload as table maulstick.upload;"
    assert read(ledger, other + "drop table maulstick.upload") == (
        "maulstick.upload does not exist: the ledger is not whole; nothing was changed"
    )


@pytest.mark.parametrize(
    "change",
    [
        "alter table maulstick.ledger drop version; create table maulstick.mine (version int)",
        "alter table maulstick.ledger drop version; create table public.mine (version int)",
        "alter table maulstick.ledger drop version, add other int",
        "alter table maulstick.ledger alter version type text using 'x'",
    ],
)
def test_what_is_no_version_of_the_ledger_is_not_read_as_one(ledger, change):
    assert read(ledger, change).startswith("maulstick.ledger lacks the column version integer")


def test_each_table_and_each_column_is_missed(ledger):
    columns = ledger.rows(
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_class as c join"
        " pg_attribute as a on a.attrelid = c.oid where c.relnamespace = 'maulstick'::regnamespace"
        " and c.relkind = 'r' and a.attnum > 0 and a.attname <> 'sums' order by 1, a.attnum"
    )
    for table, column, type_ in columns:
        gone = f"alter table maulstick.{table} drop {column} cascade"
        lacks = f"maulstick.{table} lacks the column {column} {type_}"
        assert read(ledger, gone).startswith(lacks)
        other = (
            f"drop view maulstick.base; alter table maulstick.{table} drop {column} cascade, add {column} xml"
        )
        assert read(ledger, other).startswith(lacks)
    for table in {table for table, _, _ in columns}:
        gone = f"drop table maulstick.{table} cascade"
        assert read(ledger, gone).startswith(f"maulstick.{table} does not exist")
    renamed = "alter schema maulstick rename to old; create schema maulstick"
    assert read(ledger, renamed) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("update maulstick.ledger set version = 0", "the ledger has version 0, and known here is 1"),
        ("update maulstick.ledger set version = 2", "the ledger has version 2, and known here is 1"),
        ("delete from maulstick.ledger", "maulstick.ledger has 0 rows instead of one"),
        ("insert into maulstick.ledger values (1)", "maulstick.ledger has 2 rows instead of one"),
    ],
)
def test_a_ledger_has_one_version(ledger, change, says):
    assert read(ledger, change).startswith(says)


@pytest.mark.parametrize(
    ("is_written", "mode"), [(True, "RowExclusiveLock"), (False, "AccessShareLock")], ids=["written", "read"]
)
def test_what_is_proven_is_locked_and_the_path_is_as_before(ledger, is_written, mode):
    ledger.run("create table maulstick.mine (a int); create table public.pulled (a int)")
    with ledger.connection.transaction():
        ledger.run("set local search_path = public, maulstick")
        ledger.run(own_ledger(is_written=is_written))
        assert ledger.value("show search_path") == "public, maulstick"
        locked = ledger.rows(
            "select distinct c.relname from pg_locks as l join pg_class as c on c.oid = l.relation"
            " where l.pid = pg_backend_pid() and l.mode = %s and c.relkind = 'r'"
            " and c.relnamespace in ('maulstick'::regnamespace, 'public'::regnamespace) order by 1",
            mode,
        )
    tables = ["agreed", "base_row", "change", "ledger", "object", "release", "upload"]
    assert [name for (name,) in locked] == tables


@pytest.mark.parametrize("change", ["select", "drop schema maulstick cascade"])
def test_the_session_s_own_path_is_as_before(ledger, change):
    ledger.run(change)
    with ledger.connection.transaction():
        ledger.run("set local search_path = maulstick")
        ledger.run(own_ledger(is_written=False))
    assert ledger.value("show search_path") == '"$user", public'


def test_a_text_that_names_the_ledger_is_preceded_by_its_proof():
    reads, writes = "select from maulstick.release", "insert  into maulstick.change select"
    assert proof_for("select from public.release; select from maulstick.mine") == ""
    assert proof_for(reads) == own_ledger(is_written=False) + "\n"
    assert proof_for(writes) == own_ledger(is_written=True) + "\n"


def test_who_may_not_read_the_ledger_is_not_stopped_by_its_rows(ledger):
    change = "update maulstick.ledger set version = 2; create role guest;"
    change += "grant usage on schema maulstick to guest;"
    assert read(ledger, change + "set role guest") == ""
    assert read(ledger, change + "grant select on maulstick.ledger to guest; set role guest") != ""
    hidden = "update maulstick.ledger set version = 2; create role guest;"
    hidden += "grant select on maulstick.ledger to guest; set role guest"
    assert told(ledger, hidden, own_ledger(is_written=True)) == ""
    assert asked(ledger, "select 1 from pg_roles where rolname = 'guest'") == []
