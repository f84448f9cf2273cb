"""Rows of an answer: few in memory, many on disk, read as often as anyone wants."""

from maulstick.postgres.results import IN_MEMORY, ResultRows

FEW = [("a", None), ("", "b\n\t\\"), ("é\x1b", "x" * 5000)]


def rows_of(texts):
    rows = ResultRows()
    for text in texts:
        rows.add(text)
    return rows


def test_rows_come_back_as_they_were():
    rows = rows_of(FEW)
    assert (list(rows), list(rows), len(rows), rows.first()) == (FEW, FEW, 3, FEW[0])


def test_many_rows_leave_memory_and_come_back():
    many = [(str(n), f"{n:01000}") for n in range(2 * IN_MEMORY // 1000)]
    rows = rows_of(many)
    assert rows._file._rolled
    assert list(rows) == many


def test_two_readers_do_not_disturb_each_other():
    rows = rows_of(FEW)
    assert list(zip(rows, rows, strict=True)) == list(zip(FEW, FEW, strict=True))


def test_rows_may_come_while_others_are_read():
    rows = rows_of(FEW)
    reader = iter(rows)
    next(reader)
    rows.add(("late", None))
    assert list(rows) == [*FEW, ("late", None)]
    assert next(reader) == FEW[1]
