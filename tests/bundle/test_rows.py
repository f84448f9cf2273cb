"""A bundle's rows by table: few are held once they are read, many are read each time."""

import pytest

from maulstick.bundle.rows import HELD, RowsOnDemand, held_if_few


@pytest.fixture
def asked():
    return []


@pytest.fixture
def rows(asked):
    counts = {"few": 3, "many": HELD + 1, "none": 0}

    def read(name):
        asked.append(name)
        return ({"n": str(n)} for n in range(counts[name]))

    return RowsOnDemand(counts, read)


def test_few_rows_are_read_once(rows, asked):
    assert [len(rows["few"]), len(rows["few"])] == [3, 3]
    assert asked == ["few"]


def test_many_rows_are_held_by_nobody(rows, asked):
    assert [sum(1 for _ in rows["many"]) for _ in range(2)] == [HELD + 1] * 2
    assert asked == ["many"] * 2
    assert (len(rows["many"]), len(asked)) == (HELD + 1, 2)


def test_many_rows_are_a_sequence_like_few(rows):
    many = rows["many"]
    assert (many[2], many[-1], many[:2]) == ({"n": "2"}, {"n": str(HELD)}, [{"n": "0"}, {"n": "1"}])
    assert (len(many), bool(many), {"n": "7"} in many) == (HELD + 1, True, True)
    assert len(many + rows["few"]) == HELD + 4
    with pytest.raises(IndexError):
        many[HELD + 1]


def test_a_table_without_rows_is_there_and_an_unknown_one_is_not(rows):
    assert (list(rows), len(rows), "none" in rows, rows["none"]) == (["few", "many", "none"], 3, True, [])
    with pytest.raises(KeyError):
        rows["users"]


@pytest.mark.parametrize(("number", "times"), [(0, 1), (HELD, 1), (HELD + 1, 3)])
def test_rows_of_which_nobody_knows_the_number_are_held_if_they_are_few(number, times):
    asked = []

    def read():
        asked.append(number)
        return ({"n": str(n)} for n in range(number))

    rows = held_if_few(read)
    assert [sum(1 for _ in rows) for _ in range(2)] == [number] * 2
    assert len(asked) == times
