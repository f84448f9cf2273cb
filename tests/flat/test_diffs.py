"""A column's values beside each other, as plans and conflicts show them."""

from __future__ import annotations

import time

import pytest

from maulstick.diffs import (
    MOST_LINES,
    Cell,
    Side,
    cell_difference,
    cell_line,
    cell_lines,
    is_long,
    whole_difference,
)

X = "x" * 70
SHORT: dict[str, tuple[Cell, str, list[str]]] = {
    "a conflict": (
        {"base": "1", "local": "2", "production": None},
        'base "1", local "2", production null',
        ['base       "1"', 'local      "2"', "production null"],
    ),
    "never released": (
        {"local": "2", "production": "3"},
        'local "2", production "3"',
        ["base       never released", 'local      "2"', 'production "3"'],
    ),
    "two that look alike": (
        {"base": "1", "local": "cafe\u0301", "production": "caf\u00e9"},
        'base "1", local "cafe\\u0301", production "caf\\u00e9"',
        ['base       "1"', 'local      "cafe\\u0301"', 'production "caf\\u00e9"'],
    ),
    "blanks that nobody sees": (
        {"base": "é  x", "local": "é x", "production": "é x\n"},
        'base "\\u00e9  x", local "\\u00e9 x", production "\\u00e9 x\\n"',
        ['base       "\\u00e9  x"', 'local      "\\u00e9 x"', 'production "\\u00e9 x\\n"'],
    ),
    "deleted there": (
        {"base": None, "local": "2"},
        'base null, local "2"',
        ["base       null", 'local      "2"', "production deleted there"],
    ),
}


@pytest.mark.parametrize(("cell", "line", "lines"), SHORT.values(), ids=SHORT)
def test_short_values_are_in_one_line_or_one_a_side(cell: Cell, line: str, lines: list[str]) -> None:
    assert not is_long(cell)
    assert (cell_line(cell), cell_lines(cell)) == (line, lines)


LONG: dict[str, tuple[Cell, list[str]]] = {
    "two texts that begin alike": (
        {"base": X, "local": X + "LOCAL", "production": X + "THEIRS"},
        ["local, against base:", f"  - {X}", f"  + {X}LOCAL"],
    ),
    "a line of many": (
        {"base": "one\ntwo\nthree", "local": "one\n2\nthree", "production": "one\ntwo\nthree"},
        ["local, against base:", "  - two", "  + 2"],
    ),
    "lines that look alike": (
        {"base": "é\ntwo", "local": "é\ntwo ", "production": "e\u0301\ntwo"},
        [
            "local, against base:",
            '  - "two"',
            '  + "two "',
            "production, against base:",
            '  - "\\u00e9"',
            '  + "e\\u0301"',
        ],
    ),
    "a line more and a line less": (
        {"base": "one\ntwo\nthree\nfour", "local": "zero\none\ntwo\nfour", "production": None},
        ["local, against base:", "  + zero", "  - three", "production, against base:"],
    ),
    "never released": (
        {"local": "one\ntwo", "production": "one\n2"},
        ["local, against production:", "  - 2", "  + two"],
    ),
    "nothing before": (
        {"base": None, "local": "one\ntwo", "production": None},
        ["local, against base:", "  - null", "  + one", "  + two"],
    ),
    "what differs far into a line": (
        {"base": "a" * 500 + "b" + "c" * 500, "local": "a" * 500 + "d" + "c" * 500, "production": "-"},
        ["local, against base:", f"  - …{'a' * 20}b{'c' * 69}…", f"  + …{'a' * 20}d{'c' * 69}…"],
    ),
}


@pytest.mark.parametrize(("cell", "first"), LONG.values(), ids=LONG)
def test_long_values_are_a_difference_of_lines(cell: Cell, first: list[str]) -> None:
    assert is_long(cell)
    assert cell_lines(cell)[: len(first)] == first


def test_a_long_difference_is_cut() -> None:
    cell = {"base": "", "local": "\n".join(map(str, range(100))), "production": ""}
    lines = [*cell_difference(cell)]
    assert (len(lines), lines[-1]) == (22, "  … and 81 more")


def test_two_huge_texts_are_told_apart_at_once() -> None:
    one, other = ("\n".join(f"{n} {word}" for n in range(300_000)) for word in ("here", "there"))
    before = time.process_time()
    assert [*cell_difference({"base": one, "local": other})][1:3] == ["  - 0 here", "  + 0 there"]
    assert time.process_time() - before < 60


WHOLE: dict[str, tuple[Side | None, Side | None, list[str]]] = {
    "short": (("live", "a"), ("local", None), ['live "a" → local null']),
    "new": (None, ("local", 'say "a"'), ['local "say \\"a\\""']),
    "gone": (("live", "a"), None, ['live "a"']),
    "long": (
        ("live", f"{X}\nb\nc"),
        ("local", f"{X}\nB\nc"),
        ["--- live", "+++ local", "@@ -1,3 +1,3 @@", f" {X}", "-b", "+B", " c"],
    ),
    "a last line that ends": (
        ("live", f"{X}\n"),
        ("local", X),
        ["--- live", "+++ local", "@@ -1,2 +1 @@", f" {X}", "-"],
    ),
    "long and new": (None, ("local", X), ["--- not there", "+++ local", "@@ -0,0 +1 @@", f"+{X}"]),
    "long in the place of null": (
        ("live", None),
        ("local", X),
        ["--- live: null", "+++ local", "@@ -0,0 +1 @@", f"+{X}"],
    ),
}


@pytest.mark.parametrize(("old", "new", "lines"), WHOLE.values(), ids=WHOLE)
def test_a_whole_difference_cuts_nothing(old: Side | None, new: Side | None, lines: list[str]) -> None:
    assert whole_difference(old, new) == lines


def test_very_long_texts_are_whole_on_both_sides() -> None:
    lines = [str(n) for n in range(MOST_LINES + 1)]
    found = whole_difference(("live", "\n".join(lines)), ("local", "x"))
    assert found == ["--- live", "+++ local", *(f"-{line}" for line in lines), "+x"]
