"""Subjects that share rows are in one unit, all others in units of their own."""

from __future__ import annotations

import pytest

from maulstick.bundle.independent import units_of
from maulstick.project.declarations import Subject

CASES = {
    "nothing shared": ({"a": "1", "b": "2"}, ["a", "b"]),
    "one row shared": ({"a": "12", "b": "3", "c": "24"}, ["ac", "b"]),
    "over another": ({"a": "1", "b": "2", "c": "12"}, ["abc"]),
    "two that meet late": ({"a": "1", "b": "2", "c": "13", "d": "24", "e": "34"}, ["abcde"]),
    "without rows": ({"a": "", "b": ""}, ["a", "b"]),
}


@pytest.mark.parametrize(("rows", "units"), CASES.values(), ids=CASES)
def test_subjects_that_share_rows_are_one_unit(rows: dict[str, str], units: list[str]) -> None:
    found = units_of({Subject("series", key): its for key, its in rows.items()})
    assert ["".join(one.key for one in unit) for unit in found] == units
