"""Rows without an id of their own that would share a value: told by their keys, and put aside by them."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import move_aside
from maulstick.postgres.sql.constraints.unique import clashes
from tests.postgres.statements.walls import PLACE, become, hang, moved, places, wall_in


@pytest.fixture
def wall(staging):
    """Four pictures in production, and what a release makes of some of them."""
    return wall_in(staging)


def spots(wall, *rows, **more):
    """Return which of these rows are in the way, and the places once others are put aside."""
    become(wall, *rows, **more)
    bundle = BundleTables(wall.specs, wall.specs, wall.specs)
    wall.run(clashes(bundle), move_aside(bundle))
    return [key for _, key, _ in wall.problems()], places(wall)


@pytest.mark.parametrize(
    ("rows", "problems", "there"),
    [
        ([("r", 1, 2, True), ("r", 2, 1, True)], [], "r1= r2= s1=3"),
        ([("r", 1, 2, True)], ['["r","1"]'], "r1=1 r2=2 s1=3"),
        ([("r", 1, 1, True)], [], "r1=1 r2=2 s1=3"),
        ([("t", 1, 3, False), ("s", 1, 9, True)], [], "r1=1 r2=2 s1="),
        ([("t", 1, 3, False)], ['["t","1"]'], "r1=1 r2=2 s1=3"),
    ],
)
def test_rows_without_an_id_are_told_by_their_keys(wall, rows, problems, there):
    assert spots(wall, *rows) == (problems, there)


def test_a_row_without_an_id_is_known_by_its_old_key(wall):
    renames = [('["t","1"]', '["r","1"]')]
    assert spots(wall, ("t", 1, 2, True), ("r", 2, 1, True), renames=renames) == ([], "r1= r2= s1=3")


@pytest.mark.parametrize(
    ("rows", "problems", "there"),
    [
        ([("r", 1, 2, True), ("r", 2, 1, True)], [], "r1= r2= s1=3"),
        ([("r", 1, 3, True)], ['["r","1"]'], "r1=1 r2=2 s1=3"),
        ([("r", 1, 2, True)], [], "r1=1 r2=2 s1=3"),
    ],
)
def test_columns_that_stay_at_home_are_those_of_the_row_itself(wall, rows, problems, there):
    """Two rows have one place, but not in the same note."""
    wall.scratch.place.run("update public.spot set note = 'other' where room || n = 'r2'")
    if len(rows) == 2:
        wall.scratch.place.run("update public.spot set note = 'k'")
    index = "create unique index one_spot on public.spot (place, note)"
    assert spots(wall, *rows, index=index) == (problems, there)


def test_a_key_that_finds_a_row_is_not_put_aside(wall):
    index = (
        "alter table public.spot alter place set not null, add check (place < 4), add check (place > 0);"
        "create unique index one_spot on public.spot (room, place)"
    )
    wall.scratch.place.run("insert into public.spot values ('s', 2, 2)")
    rows = (("s", 1, 2, True), ("s", 2, 3, True))
    assert spots(wall, *rows, index=index) == (['["s","1"]', '["s","2"]'], "r1=1 r2=2 s1=3 s2=2")


def test_rows_of_two_tables_are_put_aside_each_in_its_own(wall):
    index = "create unique index one_spot on public.spot (place)"
    must = f"alter table public.spot alter place set not null; {index}"
    become(wall, ("r", 2, 1, True), ("r", 1, 2, True), index=must)
    assert hang(wall, PLACE, {"c": {"place": 1}, "a": {"place": 3}}) == []
    assert moved(wall) == "a= b=2 c= d=4"
    assert places(wall) == "r1=4 r2=5 s1=3"
