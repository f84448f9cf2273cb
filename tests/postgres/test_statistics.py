"""What the server believes of the ledger's size is old after a large release: nothing becomes slow by it."""

import pytest

from tests.databases.deciding import undone
from tests.databases.places import apply, export, plan, release

ROWS = 1000
READS = 30 * ROWS
"""Rows that a step may read of tables; gone through once for each row of another, it is a million."""
MORE = (
    "insert into book (isbn, title, price, shelf_id)"
    f" select 'b' || n, 'Book ' || n, n, (select id from shelf) from generate_series(1, {ROWS}) as n"
)
DEARER = "update book set price = price + 1 where isbn like 'b%'"
LEDGER = ("analyze maulstick.change", "analyze maulstick.base_row", "analyze maulstick.release")


def reads(production):
    """Return how many rows of all tables were read so far, by a scan or by an index."""
    production.wait_for_quiet()
    production.run("select pg_stat_force_next_flush()")
    counted = "coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
    ours = "schemaname in ('maulstick', 'public')"
    return production.value(f"select sum({counted}) from pg_stat_all_tables where {ours}")


def analyse(production):
    for statement in LEDGER:
        production.run(statement)


@pytest.fixture
def large(released_once, source, production):
    """A release of many rows that the ledger's statistics do not know: they are from before it."""
    analyse(production)
    source.run(MORE)
    return release(source, production).number


def test_many_new_rows_are_undone_in_one_pass(large, production):
    before = reads(production)
    assert undone(production, large).count("delete") == ROWS
    assert reads(production) - before < READS


def test_many_changed_rows_are_undone_in_one_pass(large, source, production):
    analyse(production)
    source.run(DEARER)
    number = release(source, production).number
    before = reads(production)
    assert undone(production, number).count("update") == ROWS
    assert reads(production) - before < READS


def test_an_undoing_is_undone_in_one_pass(large, source, production):
    undone(production, large)
    analyse(production)
    before = reads(production)
    assert undone(production).count("insert") == ROWS
    assert reads(production) - before < READS


def test_a_plan_reads_the_ledger_in_one_pass(large, source, production):
    source.run(DEARER)
    bundle, before = export(source), reads(production)
    assert plan(bundle, production).counts()["update"] == ROWS
    assert reads(production) - before < READS


def test_rows_of_a_table_new_to_the_ledger_are_compared_in_one_pass(library, source, production):
    source.run("update book set shelf_id = null")
    release(source, production)
    analyse(production)
    source.run(MORE)
    bundle = export(source)
    apply(bundle, production)
    before = reads(production)
    assert apply(bundle, production).word == "unchanged"
    assert reads(production) - before < READS
