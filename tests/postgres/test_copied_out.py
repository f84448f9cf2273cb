"""Rows that a database copies out to us: whoever stops taking them can still use the connection."""

import pytest

from maulstick.errors import Problem
from maulstick.postgres.connection import connect, one_snapshot
from maulstick.redact import Secret

MANY = "copy (select n, repeat('x', 1000) from generate_series(1, 5000) as n) to stdout"
FEW = "copy (select 1) to stdout"
NONE = "copy (select 1 where false) to stdout"
BROKEN = "copy (select 1 / (n - 4000) from generate_series(1, 5000) as n) to stdout"


@pytest.fixture
def database(source):
    with connect(Secret(source.url), "source") as database:
        yield database


def test_all_rows_come_in_blocks_of_whole_rows(database):
    with one_snapshot(database):
        blocks = list(database.copy_out(MANY))
    assert len(blocks) > 5
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks).count(b"\n") == 5000


def test_no_rows_are_no_bytes(database):
    with one_snapshot(database):
        assert b"".join(database.copy_out(NONE)) == b""
        assert database.query("select 1") == [(1,)]


@pytest.mark.parametrize("text", [MANY, FEW, NONE])
def test_who_fails_to_take_them_says_so_and_the_connection_stays(database, text):
    def fails():
        with one_snapshot(database):
            for _ in database.copy_out(text):
                raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fails()
    assert database.query("select 1") == [(1,)]


@pytest.mark.parametrize("text", [BROKEN, "copy nowhere to stdout"])
def test_what_the_server_refuses_is_a_problem(database, text):
    with pytest.raises(Problem, match=r"division by zero|does not exist"), one_snapshot(database):
        list(database.copy_out(text))
    assert database.query("select 1") == [(1,)]
