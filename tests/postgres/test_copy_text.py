"""Rows as COPY writes them are read block by block, wherever a block ends."""

import pytest

from maulstick.postgres.copy_text import parse_rows, rows_with, unescape

COLUMNS = ("a", "b")
ROWS = [
    {"a": "1", "b": None},
    {"a": "", "b": "two\nlines\n"},
    {"a": "\\N", "b": "a\tb\r\v\f\b"},
    {"a": "\\", "b": "C:\\new\\\\table"},
    {"a": "\\\n", "b": "É\u2028·中\N{GRINNING FACE}"},
    {"a": None, "b": None},
]
WRITTEN = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\v": "\\v", "\f": "\\f", "\b": "\\b"}


def written(rows):
    lines = ["\t".join(map(_written, row.values())) + "\n" for row in rows]
    return "".join(lines).encode()


def _written(value):
    return "\\N" if value is None else "".join(WRITTEN.get(one, one) for one in value)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_rows_are_read_wherever_a_block_ends(size):
    text = written(ROWS)
    blocks = (text[at : at + size] for at in range(0, len(text), size))
    assert list(parse_rows(blocks, COLUMNS)) == ROWS


def test_one_column_may_be_empty():
    assert list(parse_rows([b"\n\\N\n"], ("a",))) == [{"a": ""}, {"a": None}]


def test_no_rows_are_none():
    assert list(parse_rows([b""], COLUMNS)) == []


def test_values_that_do_not_fit_the_columns_are_an_error():
    with pytest.raises(ValueError, match="3 values in rows of 2"):
        list(parse_rows([b"1\t2\t3\n"], COLUMNS))


@pytest.mark.parametrize(
    ("wanted", "found"), [(["a"], ROWS[:-1]), (["b"], ROWS[1:-1]), (["a", "b"], ROWS[:-1]), ([], [])]
)
def test_only_rows_that_have_a_value_there_are_parsed(wanted, found):
    assert list(rows_with([written(ROWS)], COLUMNS, wanted)) == found


@pytest.mark.parametrize("value", [one for row in ROWS for one in row.values()])
def test_a_value_comes_back(value):
    assert unescape(_written(value)) == value
