"""How the transaction of a release begins: its settings, temporary tables, and what it locks."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from maulstick.postgres.sql import stage
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.session import PLANNING, REHEARSING, THERE, TRIES, formats, limits, opening
from maulstick.postgres.sql.stage import copy_in, lock, mark_matched, stage_tables
from maulstick.postgres.sql.temp_tables import CHANGE, HIDDEN, keys, ready
from maulstick.postgres.tables.specs import Link, Pointing, Reference
from tests.postgres.statements.test_decided import SPEC

SHELF = replace(SPEC, name="shelf", key=("code",), columns=("code", "n"))
BOOK = replace(
    SPEC,
    key=("key", "part"),
    columns=("key", "part", "shelf_id", "at", "price"),
    references={"shelf_id": Reference("shelf")},
    pointers=(Pointing("at", "shelf"),),
)
PAGE = replace(SPEC, name="page", columns=("key",), surrogate=None)
SPECS = {"shelf": SHELF, "book": BOOK, "page": PAGE}
TABLES = """
create table shelf (id int primary key, code text unique, n int);
create table book (id bigint primary key, key text, part int, shelf_id int references shelf, at uuid,
  price numeric(5,2));
create table page (key text)
"""
COLUMNS = """select c.relname::text, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod),
    ', ' order by a.attnum) from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
  where c.relnamespace = pg_my_temp_schema() and c.relkind = 'r' and c.relname ~ 'stage|_key_|write|hidden'
  group by c.relname"""


@pytest.fixture
def begun(production):
    """A transaction, nothing of which stays."""
    production.run(TABLES)
    with production.connection.transaction(force_rollback=True):
        yield production


def made(place, bundle):
    """Make the tables of a bundle, and return the columns of each."""
    place.run(stage_tables(bundle))
    return {name.removeprefix("maulstick_"): columns for name, columns in place.rows(COLUMNS)}


KEYS = {"key_shelf": "row tid, key text, found boolean, id integer"}
KEYS |= {
    "key_book": "row tid, key text, found boolean, id bigint",
    "key_page": "row tid, key text, found boolean",
}
STAGES = {
    "stage_shelf": "code text, n integer, maulstick_matched boolean",
    "stage_book": "key text, part integer, shelf_id text, at text, price numeric(5,2),"
    " maulstick_matched boolean",
    "stage_page": "key text, maulstick_matched boolean",
}
WRITES = {
    "write_shelf": "maulstick_row tid, code text, n integer",
    "write_book": "maulstick_row tid, key text, part integer, shelf_id integer, at uuid, price numeric(5,2)",
    "write_page": "maulstick_row tid, key text",
}


def of(*tables):
    known = {**KEYS, **STAGES, **WRITES}
    return {name: known[name] for name in tables}


def test_only_tables_with_rows_and_those_that_they_refer_to_are_worked_in(begun):
    found = made(begun, BundleTables(SPECS, {"book": BOOK}, {"book": BOOK}))
    assert found == of("stage_book", "key_book", "stage_shelf", "key_shelf", "write_book")
    assert begun.rows(f"select from {CHANGE}") == []
    assert begun.value("select current_setting('maulstick.path')") == "public, pg_temp"


def test_tables_that_refer_to_each_other_by_names_are_worked_in_together(begun):
    led = replace(BOOK, links=(Link(("key",), "shelf", ("code",)),))
    specs = {**SPECS, "book": led, "shelf": replace(SHELF, publish="n")}
    found = made(begun, BundleTables(specs, {"page": PAGE}, {"page": PAGE}))
    assert found.pop("hidden").startswith("table_name text")
    assert found == {**KEYS, **STAGES, **WRITES}


def test_tables_that_ids_in_values_lead_to_are_looked_up_by_an_index(begun):
    made(begun, BundleTables(SPECS, SPECS, SPECS))
    asked = f"select indrelid::regclass = '{{}}'::regclass from pg_index where indrelid in ('{keys(SHELF)}'"
    asked += f"::regclass, '{keys(BOOK)}'::regclass)"
    assert begun.rows(asked.format(keys(SHELF))) == [(True,)]
    assert begun.value(f"select to_regclass('{HIDDEN}')") is None


def test_all_of_it_ends_with_the_transaction(production):
    production.run(TABLES)
    with production.connection.transaction():
        assert made(production, BundleTables(SPECS, SPECS, SPECS)) == {**KEYS, **STAGES, **WRITES}
    assert production.rows(COLUMNS) == []


def test_rows_and_keys_are_staged_apart(begun):
    made(begun, BundleTables(SPECS, SPECS, SPECS))
    for matched, line in ((True, "k\t1\n"), (False, "l\t2\ts\t{}\t1.5\n")):
        with begun.connection.cursor().copy(copy_in(BOOK, matched=matched).encode()) as copy:
            copy.write(line)
        if matched:
            begun.run(mark_matched(BOOK))
    asked = "select key, part, shelf_id, maulstick_matched from pg_temp.maulstick_stage_book order by 1"
    assert begun.rows(asked) == [("k", 1, None, True), ("l", 2, "s", None)]
    assert begun.rows(f"select from {ready(BOOK)}") == []


def test_settings_are_those_of_the_transaction_alone(production):
    with production.other_connection() as session:
        session.autocommit = True
        session.execute("set search_path = public; set row_security = on; set timezone = 'Asia/Tokyo'")
        session.execute((opening({"mode": "plan", "seal": ""}) + formats() + ";\n" + limits()).encode())
        names = ("maulstick.mode", "search_path", "row_security", "timezone", "lock_timeout", "bytea_output")
        asked = "select " + ", ".join(f"current_setting('{name}')" for name in names)
        during = session.execute(asked.encode()).fetchone()
        assert during == ("plan", "pg_catalog, pg_temp", "off", "UTC", "500ms", "hex")
        modes = f"select {PLANNING}, {REHEARSING}, {THERE}".encode()
        assert session.execute(modes).fetchone() == (True, False, "production")
        session.execute("set local maulstick.mode = 'rehearse'; set local maulstick.target = 'shop'")
        assert session.execute(modes).fetchone() == (False, True, "shop")
        session.execute("set local maulstick.mode = ''; set local maulstick.target = ''")
        assert session.execute(modes).fetchone() == (False, False, "production")
        session.execute("commit")
        assert session.execute("show search_path").fetchone() == ("public",)
        assert session.execute(modes).fetchone() == (False, False, "production")


def test_a_lock_is_tried_for_less_than_a_minute():
    assert TRIES == 20


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (
            "lock table book in row exclusive mode",
            "the tables are busy: no lock in 1 tries; nothing was changed",
        ),
        ("lock table book in share mode", "the tables are busy: no lock in 1 tries; nothing was changed"),
        ("lock table page in row exclusive mode", ""),
        ("lock table book in access share mode", ""),
    ],
)
def test_the_tables_of_the_slice_are_locked_against_who_writes(production, monkeypatch, held, says):
    monkeypatch.setattr(stage, "TRIES", 1)
    production.run(TABLES)
    with production.other_connection() as visitor:
        visitor.execute(held.encode())
        said = ""
        try:
            with production.connection.transaction(force_rollback=True):
                production.run("set local lock_timeout = '50ms'")
                production.run(lock({**SPECS, "page": replace(PAGE, travels=False)}))
        except psycopg.Error as error:
            said = error.diag.message_primary or ""
    assert said == says
