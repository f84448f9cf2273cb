"""Which releases stand: the ledger knows what was undone, and what of that was undone again."""

from maulstick.postgres import ledger
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone as undo
from tests.databases.places import release


def undone(production):
    with connect(Secret(production.url), "production") as database:
        return {*ledger.undone(database)}


def test_nothing_is_undone_where_nothing_was_released(production):
    assert undone(production) == set()


def test_a_release_is_undone_until_its_rollback_is(released_once, source, production):
    source.run("update shelf set note = 'new'")
    release(source, production)
    assert undone(production) == set()
    undo(production, 2)
    assert undone(production) == {2}
    undo(production, 3)
    assert undone(production) == {3}
