"""Paths into JSON, as a plugin writes them for references and files."""

import pytest

from maulstick.project.plugins.json_path import PATH, steps_of, values_at

VALUE = {"items": [{"id": 1}, {"other": 2}, "text", {"id": [3]}], "a b": {"c": None}}


@pytest.mark.parametrize(
    ("path", "steps", "values"),
    [
        ("$", [], [VALUE]),
        ("$.items[*].id", ["items", "[*]", "id"], [1, [3]]),
        ("$.items[*].id[*]", ["items", "[*]", "id", "[*]"], [3]),
        ('$."a b".c', ["a b", "c"], [None]),
        ("$[*]", ["[*]"], []),
        ("$.none.c", ["none", "c"], []),
    ],
)
def test_a_path_leads_to_the_values_that_its_steps_name(path, steps, values):
    assert steps_of(path) == steps
    assert list(values_at(VALUE, path)) == values


@pytest.mark.parametrize("path", ["", "items", "$.", "$.items[0]", "$..id", "$.a b", "$.items[*]id"])
def test_other_paths_are_not_followed(path):
    assert PATH.fullmatch(path) is None
