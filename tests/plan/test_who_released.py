"""Who made a release: what was claimed of it, and what the database proves."""

import pytest

from maulstick.plan import history
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone
from tests.databases.places import apply, export, release

CI = {
    "GITHUB_ACTOR": "olivia",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "olivia/site",
    "GITHUB_RUN_ID": "77",
}
RUN = "https://github.com/olivia/site/actions/runs/77"
WHO = "select who from maulstick.release order by number"
COLUMNS = """select attname from pg_attribute where attrelid = 'maulstick.release'::regclass
and attname = 'who' and not attisdropped"""


@pytest.fixture
def in_ci(monkeypatch):
    for name, value in CI.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def at_a_desk(monkeypatch):
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def old_ledger(library, source, production):
    """A ledger as it was before it had a column for who made a release."""
    release(source, production)
    production.run("alter table maulstick.release drop column who")
    source.run("update book set price = 1 where isbn = '1'")


def records(production):
    with connect(Secret(production.url), "production", read_only=True) as database:
        return history.releases(database)


def test_what_is_claimed_and_what_is_proven_are_told_apart(library, source, production, at_a_desk):
    release(source, production)
    [made] = records(production)
    assert made["proven"] == {"session_user": production.value("select session_user")}
    assert made["claimed"]["operator"] == "a test"
    assert made["claimed"]["host"]
    assert made["claimed"]["version"]
    assert (made["claimed"]["actor"], made["claimed"]["run"]) == (None, None)


def test_a_release_of_a_workflow_names_its_actor_and_its_run(library, source, production, in_ci):
    release(source, production)
    [made] = records(production)
    assert (made["claimed"]["actor"], made["claimed"]["run"]) == ("olivia", RUN)
    claimed, proven = history.who_lines(made)
    assert claimed.startswith("claimed: a test on ")
    assert f"CI actor olivia, {RUN}, " in claimed
    assert proven == f"proven: database user {production.value('select session_user')}"


def test_a_rollback_has_its_own_maker(library, source, production, in_ci):
    release(source, production)
    undone(production)
    made, of = records(production)
    assert (made["of"], of["undone_by"], made["claimed"]["run"]) == (1, 2, RUN)
    assert made["proven"] == of["proven"]


def test_nobody_claims_to_be_another_database_user(library, source, production, monkeypatch):
    claim = '{"session_user": "somebody else"}'
    monkeypatch.setattr("maulstick.release.writing.transaction.claims", lambda: claim)
    release(source, production)
    assert records(production)[0]["proven"] == {"session_user": production.value("select session_user")}


def test_an_old_ledger_is_read_as_it_is(old_ledger, production):
    [made] = records(production)
    assert made["claimed"]["operator"] == "a test"
    assert (made["claimed"]["host"], made["proven"]) == (None, {"session_user": None})
    assert [*history.who_lines(made)] == ["claimed: a test", "proven: nothing was recorded"]


def test_an_old_ledger_gets_the_column_with_the_next_release(old_ledger, source, production):
    release(source, production)
    new, old = records(production)
    assert new["proven"]["session_user"]
    assert old["proven"] == {"session_user": None}


def test_a_rehearsal_leaves_an_old_ledger_as_it_is(old_ledger, source, production):
    undone(production, rehearse=True)
    assert production.rows(COLUMNS) == []


def test_a_reader_of_an_old_ledger_does_not_stop_a_release(old_ledger, source, production):
    bundle = export(source)
    with production.other_connection() as reader:
        reader.execute("select from maulstick.release")
        assert apply(bundle, production).number == 2
    assert production.rows(COLUMNS) == []
    assert [made["number"] for made in records(production)] == [2, 1]


def test_an_older_maulstick_writes_to_a_new_ledger(library, source, production, monkeypatch):
    monkeypatch.setattr("maulstick.release.writing.transaction.claims", lambda: "")
    release(source, production)
    assert records(production)[0]["proven"] == {"session_user": None}
