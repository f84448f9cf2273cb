"""Which tables of a bundle are worked in, and by which columns their rows reference each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.bundle_tables import BundleTables, changed_of, linking_columns, links_change
from maulstick.postgres.sql.temp_tables import CHANGE
from maulstick.postgres.tables.specs import Link, Pointing, Reference, TableSpec

ROOM = TableSpec(
    "public", "room", ("name",), True, ("name", "floor"), {}, (), {}, (), (), (), "id", {}
)  # fmt: skip
SEAT = replace(ROOM, name="seat", columns=("row", "floor", "room", "host_id"), links=(
    Link(("floor", "room"), "room", ("floor", "name", "id")), Link(("row",), "far", ("row",)),
))  # fmt: skip
HOST = replace(ROOM, name="host", publish="public")
FAR = replace(ROOM, name="far", columns=("row",), travels=False)
OWN = replace(ROOM, name="own", links=(Link(("floor",), "alone", ("id",)),))
ALONE = replace(ROOM, name="alone")
SPECS = {one.label: one for one in (ROOM, SEAT, HOST, FAR, OWN, ALONE)}
UNLED = {**SPECS, "seat": replace(SEAT, links=())}


def test_rows_link_by_columns_that_travel_on_both_sides():
    columns = {label: linking_columns(spec, SPECS) for label, spec in SPECS.items()}
    assert columns == {
        "room": ["floor", "name"], "seat": ["floor", "room"], "host": [], "far": [], "own": [], "alone": []
    }  # fmt: skip
    staying = {**SPECS, "seat": replace(SEAT, travels=False)}
    assert [linking_columns(spec, staying) for spec in staying.values()] == [[]] * len(SPECS)
    assert linking_columns(SEAT, {"seat": SEAT}) == []


def test_tables_go_together_where_rows_link_by_columns():
    led = BundleTables(SPECS, {"own": OWN}, {})
    assert (led.is_led, led.worked_in) == (True, SPECS)
    assert BundleTables(UNLED, {}, {}).is_led is False


@pytest.mark.parametrize(
    "reached",
    [
        {"references": {"host_id": Reference("host")}},
        {"pointers": (Pointing("host_id", "host"),)},
        {"links": (Link(("host_id",), "host", ("id",)),)},
    ],
    ids=["a reference", "a pointer", "columns"],
)
def test_staged_tables_and_those_they_reference_are_worked_in(reached):
    specs = {**UNLED, "seat": replace(UNLED["seat"], **reached), "own": ALONE}
    assert [*BundleTables(specs, {"seat": specs["seat"]}, {}).worked_in] == ["seat", "host"]
    only = changed_of(specs, ["seat", "far"])
    assert ([*only.filled], [*only.staged]) == (["seat"], ["seat", "host"])


def test_tables_that_travel_or_publish_are_known():
    of_room = BundleTables(SPECS, SPECS, {"room": ROOM})
    assert [spec.label for spec in of_room.travelling] == ["room", "seat", "host", "own", "alone"]
    assert (of_room.published, of_room.publishes) == ((), True)
    assert BundleTables(SPECS, SPECS, SPECS).published == (HOST,)
    assert BundleTables({"room": ROOM}, {}, {}).publishes is False


@pytest.mark.parametrize(
    ("change", "linked"),
    [
        ({"table_name": "room", "action": "update", "sets": ["note", "name"]}, True),
        ({"table_name": "room", "action": "update", "sets": ["note"]}, False),
        ({"table_name": "room", "action": "insert", "sets": ["name"]}, False),
        ({"table_name": "seat", "action": "update", "sets": ["name"]}, False),
        ({"table_name": "alone", "action": "update", "sets": ["id", "name", "floor"]}, False),
    ],
)
def test_a_column_by_which_others_reference_a_row_may_change(scratch, change, linked):
    scratch.fill(CHANGE, {"table_name": "room", "action": "insert"}, change)
    assert scratch.rows(f"select {links_change(SPECS)}") == [(linked,)]
    assert scratch.rows(f"select {links_change(UNLED)}") == [(False,)]
