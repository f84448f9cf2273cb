"""What becomes of a row and of each of its columns, over all that the three sides may say."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from maulstick.postgres.sql.temp_tables import CHANGE, DEFAULTS, DIFFERS, PROBLEM, RESTORES, TAKES
from maulstick.postgres.sql.three_way import decide
from maulstick.postgres.tables.specs import Link, Pointing, Reference, TableSpec

ABSENT, NO_BASE = "(absent)", "(no base)"
SPEC = TableSpec(
    "public", "book", ("key",), True, ("a", "b", "c", "d"), {}, (), {}, (), (), (), "id", {},
)  # fmt: skip


def cell(local, production, base, default):
    """Return what becomes of a column, as docs/architecture.md has it."""
    if local == production:
        return "unchanged"
    if base not in (ABSENT, NO_BASE):
        return "update" if production == base else "kept" if local == base else "conflict"
    adopts = production is None or production == default
    return "update" if local is not None and adopts else "conflict"


def row(local, production, base, name="x"):
    sides = {"local": local, "production": production, "base": base}
    return {side: None if value is None else {name: value} for side, value in sides.items()}


def decided(scratch, specs=None):
    scratch.place.run(decide(specs or {}))
    rows = scratch.rows(f"select key, action, columns, before, after, sets from {CHANGE}")
    return {key: rest for key, *rest in rows}


def test_every_cell_is_decided_by_its_three_values(scratch):
    values = (None, "1", "2")
    bases = (ABSENT, NO_BASE, *values)
    cases = {str(case): case for case in product(values, values, bases, (None, "2"))}
    for key, (local, production, base, default) in cases.items():
        sides = {"local": {"x": local}, "production": {"x": production}}
        sides["base"] = None if base == NO_BASE else {} if base == ABSENT else {"x": base}
        scratch.fill(DIFFERS, {"table_name": key, "key": key, **sides})
        scratch.fill(DEFAULTS, {"table_name": key, "column_name": "y", "value": production})
        if default is not None:
            scratch.fill(DEFAULTS, {"table_name": key, "column_name": "x", "value": default})
    found = decided(scratch)
    assert found.keys() == cases.keys()
    assert len(scratch.rows(f"select from {CHANGE}")) == len(cases)
    for key, (action, columns, before, after, sets) in found.items():
        local, production, base, default = cases[key]
        expected = cell(local, production, base, default)
        says = {"action": expected, "local": local, "production": production}
        says |= {} if base in (ABSENT, NO_BASE) else {"base": base}
        assert (key, action) == (key, expected)
        assert columns == (None if expected == "unchanged" else {"x": says})
        is_update = expected == "update"
        assert (before, after, sets) == (
            ({"x": production}, {"x": local}, ["x"]) if is_update else (None, None, None)
        )


@pytest.mark.parametrize(
    ("base", "restored", "action", "cells"),
    [
        (None, False, "insert", None),
        ({"x": "1", "y": "2"}, False, "removed", {}),
        ({"x": "1", "y": "3"}, False, "conflict", {"y": "conflict"}),
        ({"x": "1"}, False, "removed", {"y": "insert"}),
        ({"x": None}, False, "conflict", {"x": "conflict", "y": "insert"}),
        ({"x": "1", "y": "2"}, True, "insert", {"x": "update", "y": "update"}),
        ({"x": "1", "y": "3"}, True, "insert", {"x": "update", "y": "update"}),
        ({}, True, "insert", {"x": "update", "y": "update"}),
        (None, True, "insert", None),
        ({"x": "1", "y": None}, False, "conflict", {"y": "conflict"}),
    ],
)
def test_a_row_that_production_lacks_is_new_or_was_removed(scratch, base, restored, action, cells):
    own, local = {"table_name": "book", "key": "k"}, {"x": "1", "y": "2"}
    scratch.fill(DIFFERS, {**own, "local": local, "base": base})
    scratch.fill(RESTORES, {"table_name": "book", "key": "other"}, {"table_name": "other", "key": "k"})
    if restored:
        scratch.fill(RESTORES, own)
    [(found, columns, _, after, _)] = decided(scratch).values()
    told = None if columns is None else {name: one["action"] for name, one in columns.items()}
    assert (found, told or None) == (action, cells or None)
    assert all("production" not in one for one in (columns or {}).values())
    assert after == (None if base is None else local)


def test_a_column_that_base_does_not_know_is_new_to_a_removed_row_though_it_is_empty(scratch):
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", "local": {"x": None}, "base": {}})
    assert decided(scratch)["k"][:2] == ["removed", {"x": {"action": "insert", "local": None}}]


def test_who_restores_a_row_that_is_there_changes_nothing(scratch):
    own = {"table_name": "book", "key": "k"}
    scratch.fill(DIFFERS, {**own, **row("1", "2", "1")})
    scratch.fill(RESTORES, own)
    assert decided(scratch)["k"][0] == "kept"


def take(side, table=None, key=None, column=None):
    return {"side": side, "table_name": table, "key": key, "column_name": column}


KEPT, UPDATE, CONFLICT = "kept", "update", "conflict"
NO_TAKE = (CONFLICT, UPDATE, KEPT)


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        ([], NO_TAKE),
        ([take("local")], (UPDATE, UPDATE, KEPT)),
        ([take("production")], (KEPT, UPDATE, KEPT)),
        ([take("local", "book")], (UPDATE, UPDATE, KEPT)),
        ([take("local", "book", "k")], (UPDATE, UPDATE, KEPT)),
        ([take("local", column="x")], (UPDATE, UPDATE, UPDATE)),
        ([take("production", column="x")], (KEPT, KEPT, KEPT)),
        ([take("production", "book", "k", "x")], (KEPT, KEPT, KEPT)),
        ([take("local", "other")], NO_TAKE),
        ([take("local", "book", "other")], NO_TAKE),
        ([take("local", "book", "k", "y")], NO_TAKE),
        ([take("production", "other", column="x")], NO_TAKE),
        ([take("local"), take("production", "book")], (KEPT, UPDATE, KEPT)),
        ([take("production"), take("local", "book")], (UPDATE, UPDATE, KEPT)),
        ([take("local", "book"), take("production", column="x")], (KEPT, KEPT, KEPT)),
        ([take("production", column="x"), take("local", "book", "k")], (UPDATE, KEPT, KEPT)),
        ([take("local", "book", "k"), take("production", "book", "k", "x")], (KEPT, KEPT, KEPT)),
        ([take("local", "book", column="x"), take("production", column="x")], (UPDATE, UPDATE, UPDATE)),
        ([take("local", "book", "k", "x"), take("production", "book", column="x")], (UPDATE,) * 3),
    ],
)  # fmt: skip
def test_the_nearest_take_decides_what_both_sides_changed(scratch, takes, expected):
    """A take without a column leaves what only one side changed."""
    found = []
    for sides in (row("1", "2", "3"), row("1", "2", "2"), row("1", "2", "1")):
        scratch.place.run(f"truncate {DIFFERS}, {CHANGE}, {TAKES}")
        scratch.fill(TAKES, *takes)
        scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides})
        found.append(decided(scratch)["k"][0])
    assert tuple(found) == expected


def sides(**columns):
    """Return a row whose columns are as their letters say: changed here, there, in both, or the same."""
    values = {"u": ("1", "2", "2"), "k": ("1", "2", "1"), "c": ("1", "2", "3"), "-": ("1", "1", "1")}
    return {
        side: {name: values[letter][n] for name, letter in columns.items()}
        for n, side in enumerate(("local", "production", "base"))
    }


LINKED = {"book": replace(SPEC, links=(Link(("a", "b"), "shelf", ("c", "d")),))}
POINTED = {"book": replace(SPEC, pointers=(Pointing("a", "shelf", "b = 'Shelf'"),))}


@pytest.mark.parametrize("specs", [LINKED, POINTED], ids=["link", "pointer"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"a": "u", "b": "u", "c": "k"}, {"a": UPDATE, "b": UPDATE, "c": KEPT}),
        ({"a": "u", "b": "-", "c": "k"}, {"a": UPDATE, "c": KEPT}),
        ({"a": "u", "b": "k", "c": "u"}, {"a": CONFLICT, "b": CONFLICT, "c": UPDATE}),
        ({"a": "c", "b": "-", "c": "u"}, {"a": CONFLICT, "c": UPDATE}),
        ({"a": "k", "b": "k", "c": "u"}, {"a": KEPT, "b": KEPT, "c": UPDATE}),
        ({"a": "u", "c": "k", "d": "u"}, {"a": UPDATE, "c": KEPT, "d": UPDATE}),
        ({"d": "u", "a": "u", "b": "u"}, {"a": UPDATE, "b": UPDATE, "d": UPDATE}),
    ],
)
def test_a_reference_of_two_columns_is_taken_from_one_side(scratch, specs, row, expected):
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides(**row)})
    scratch.fill(DIFFERS, {"table_name": "other", "key": "other", **sides(a="u", b="k")})
    found = decided(scratch, specs)
    assert {name: one["action"] for name, one in found["k"][1].items()} == expected
    assert {name: one["action"] for name, one in found["other"][1].items()} == {"a": UPDATE, "b": KEPT}
    assert found["k"][4] == (sorted(name for name, one in expected.items() if one == UPDATE) or None)


TO_ROOM = Link(("b", "c"), "room", ("e", "f"))
WAYS = {
    "one of which holds the id": (
        replace(SPEC, references={"a": Reference("shelf")}, links=(Link(("a", "b"), "shelf", ("id", "c")),)),
        {"a": UPDATE, "b": KEPT, "c": KEPT},
    ),
    "that are plain values": (
        replace(SPEC, pointers=(Pointing("a", "", "b = 'Address'"), Pointing("a", "shelf", "b = 'S'"))),
        {"a": CONFLICT, "b": CONFLICT, "c": KEPT},
    ),
    "that are only plain values": (
        replace(SPEC, pointers=(Pointing("a", "", "b = 'Address'"),)),
        {"a": UPDATE, "b": KEPT, "c": KEPT},
    ),
    "that several tables share": (
        replace(SPEC, links=(Link(("a", "d"), "shelf", ("c", "d")), TO_ROOM)),
        {"a": UPDATE, "b": KEPT, "c": KEPT},
    ),
    "one of which is in another": (
        replace(SPEC, links=(Link(("a", "b"), "shelf", ("c", "d")), TO_ROOM)),
        {"a": CONFLICT, "b": CONFLICT, "c": CONFLICT},
    ),
    "and names two kinds by two others": (
        replace(SPEC, pointers=(Pointing("a", "shelf", "d = 'S'"), Pointing("a", "room", "b = 'R'"))),
        {"a": UPDATE, "b": KEPT, "c": KEPT},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_reference_of_several_columns(scratch, way):
    spec, expected = WAYS[way]
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides(a="u", b="k", c="k")})
    found = decided(scratch, {"book": spec, "shelf": replace(SPEC, name="shelf")})
    assert {name: one["action"] for name, one in found["k"][1].items()} == expected


def test_half_of_one_reference_makes_all_a_conflict_that_share_a_column_with_it(scratch):
    spec, _ = WAYS["one of which is in another"]
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides(a="u", b="u", c="k", d="k")})
    found = decided(scratch, {"book": spec})
    told = {name: one["action"] for name, one in found["k"][1].items()}
    assert told == {"a": CONFLICT, "b": CONFLICT, "c": CONFLICT, "d": KEPT}


@pytest.mark.parametrize(
    ("takes", "says"),
    [
        ([take("local", "book", "k", "a")], True),
        ([take("local", "book", column="a")], True),
        ([take("local", "book", "k", "a"), take("local", "book", "k", "b")], False),
        ([take("local", "book", "k", "a"), take("production", "book", "k", "b")], True),
        ([take("local", "book", "other", "a")], False),
        ([take("local", "other", "k", "a")], False),
        ([take("local", "book", "k", "c")], False),
        ([take("local", column="a")], False),
    ],
)
def test_a_take_of_half_a_reference_is_named(scratch, takes, says):
    scratch.fill(TAKES, *takes)
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides(a="c", b="c", c="u")})
    decided(scratch, LINKED)
    told = "a and b are one reference to shelf: take them from one side"
    assert scratch.rows(f"select kind, key, says from {PROBLEM}") == ([("half", "k", told)] * says)


def test_half_a_reference_is_named_by_its_own_table_and_columns(scratch):
    two = replace(SPEC, links=(*LINKED["book"].links, Link(("c", "d"), "room", ("e", "f"))))
    page = replace(SPEC, name="page", links=(Link(("a", "b"), "book", ("c", "d")),))
    scratch.fill(TAKES, take("local", "book", "k", "c"), take("local", "page", "k", "a"))
    for table in ("book", "page"):
        scratch.fill(DIFFERS, {"table_name": table, "key": "k", **sides(a="c", b="c", c="c", d="c")})
    decided(scratch, {"book": two, "page": page})
    told = "{} are one reference to {}: take them from one side"
    assert scratch.rows(f"select table_name, says from {PROBLEM} order by 1") == [
        ("book", told.format("c and d", "room")),
        ("page", told.format("a and b", "book")),
    ]


def test_a_reference_that_is_taken_whole_is_no_half_where_another_column_is_a_conflict(scratch):
    scratch.fill(TAKES, take("local", "book", "k", "a"), take("local", "book", "k", "b"))
    scratch.fill(DIFFERS, {"table_name": "book", "key": "k", **sides(a="c", b="c", c="c")})
    assert decided(scratch, LINKED)["k"][0] == CONFLICT
    assert scratch.rows(f"select from {PROBLEM}") == []
