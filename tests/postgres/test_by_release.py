"""The ledger's changes are found by their release, in a ledger too that was made without that index."""

import pytest

from maulstick.plan.rollback import rollback
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.places import release

HAS = "select to_regclass('maulstick.change_release') is not null"
GRANTS = """
drop role if exists clerk; create role clerk;
grant usage on schema public, maulstick to clerk;
grant select, insert, update, delete on all tables in schema public, maulstick to clerk;
grant usage on all sequences in schema public to clerk
"""


@pytest.fixture
def old_ledger(released_once, production):
    production.run("drop index maulstick.change_release")


def test_a_new_ledger_has_it(released_once, production):
    assert production.value(HAS)


def test_an_old_ledger_gets_it_with_the_next_release(old_ledger, source, production):
    source.run("update book set price = 1")
    release(source, production)
    assert production.value(HAS)


def test_a_role_that_does_not_own_the_ledger_undoes_without_it(old_ledger, production):
    production.run(GRANTS)
    with connect(Secret(production.url), "production", role="clerk") as database:
        undone = rollback(database, 1, target="production", left_out=(), rehearse=False)
    assert (undone.count("delete"), production.value(HAS)) == (4, False)
    production.run("drop owned by clerk; drop role clerk")


def test_a_release_does_not_wait_for_who_reads_the_ledger_s_changes(old_ledger, source, production):
    source.run("update book set price = 1")
    with production.other_connection() as other:
        other.execute("lock table maulstick.change in share update exclusive mode")  # as autovacuum does
        assert release(source, production).number == 2
    assert not production.value(HAS)
