"""Connections that a command keeps: used again where that is safe, and only there."""

import pytest

from maulstick.errors import Problem
from maulstick.postgres import connections as module
from maulstick.postgres.connection import Database, connect
from maulstick.postgres.connections import Connections
from maulstick.redact import Secret

OURS = (
    "select pid from pg_stat_activity where application_name = 'maulstick' and datname = current_database()"
)
END = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'maulstick'"


@pytest.fixture
def kept():
    with Connections() as connections:
        yield connections


def process(database: Database) -> int:
    return database.query("select pg_backend_pid()")[0][0]


def asked(kept, place, **how) -> int:
    with kept.lend(Secret(place.url), "production", **how) as database:
        return process(database)


def test_the_next_gets_the_same_connection(kept, production):
    assert asked(kept, production) == asked(kept, production, read_only=True)


def test_what_one_may_the_next_may_not(kept, production):
    may = "select current_setting('transaction_read_only'), current_user::text"
    for how, wanted in (
        ({"read_only": True}, ("on", "postgres")),
        ({"role": "pg_monitor"}, ("off", "pg_monitor")),
        ({}, ("off", "postgres")),
    ):
        with kept.lend(Secret(production.url), "production", **how) as database:
            assert [tuple(row) for row in database.query(may)] == [wanted]


def test_another_address_is_another_connection(kept, source, production):
    assert asked(kept, source) != asked(kept, production)
    with kept.lend(Secret(source.url), "source") as database:
        assert database.query("select current_database()")[0][0] == source.database


def test_who_asks_meanwhile_gets_one_of_his_own(kept, production):
    with kept.lend(Secret(production.url), "production") as database:
        assert asked(kept, production) != process(database)


def test_one_that_the_server_has_ended_is_not_lent(kept, production):
    first = asked(kept, production)
    production.run(END)
    assert asked(kept, production) != first


def test_one_whose_transaction_is_open_is_not_lent_again(kept, production):
    with kept.lend(Secret(production.url), "production") as database:
        first = process(database)
        database.connection.execute("begin")
    assert asked(kept, production) != first


def test_one_that_lay_idle_for_long_is_not_lent(kept, production, monkeypatch):
    first = asked(kept, production)
    monkeypatch.setattr(module, "KEPT", 0.0)
    assert asked(kept, production) != first


def test_one_that_broke_while_it_was_lent_is_not_kept(kept, production):
    with kept.lend(Secret(production.url), "production") as database:
        production.run(END)
        with pytest.raises(Problem):
            process(database)
    assert asked(kept, production)


def test_none_is_left_behind(production):
    with Connections() as kept:
        asked(kept, production)
        assert len(production.rows(OURS)) == 1
    production.wait_for_quiet()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("/source", "/nowhere"), "is the name at the end of the address right?"),
        (("its-password", "another"), "are user and password right?"),
        (("/source", "/source?sslmode=require"), "sslmode=disable in the address goes without"),
        (("127.0.0.1", "no.such.host.invalid"), "is the host in the address right"),
        (("127.0.0.1:", "127.0.0.1:1"), "is the server running"),
    ],
)
def test_an_address_that_does_not_work_says_which_part_to_look_at(source, change, says):
    url = source.url.replace(*change)
    assert url != source.url
    with pytest.raises(Problem) as caught, connect(Secret(url), "source"):
        pass
    assert caught.value.hint.startswith(says) or says in caught.value.hint
    assert "another" not in str(caught.value)
