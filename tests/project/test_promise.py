"""Annotations that the dataclasses of plugins may come to have are held as they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pytest

from maulstick.project.plugins.promise import BrokenPromise, held

Either = tuple[int, ...] | tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (["a"], Either, ("a",)),
        ([1, 2], Either, (1, 2)),
        (["a"], Sequence[str], ("a",)),
        ({"a": ["b"]}, Mapping[str, tuple[str, ...]], {"a": ("b",)}),
        ("a", Literal["a", "b"] | None, "a"),
        (None, str | None, None),
        (3, Any, 3),
        (frozenset("a"), frozenset[str], frozenset("a")),
        (len, Callable[..., int], len),
    ],
)
def test_what_is_promised_is_taken(value: object, kind: Any, result: object) -> None:
    assert held(value, kind, "Thing.field") == result


@pytest.mark.parametrize(
    ("value", "kind", "says"),
    [
        (["a", 1], Either, "Thing.field[0] is 'a', not a whole number"),
        (True, int, "Thing.field is True, not a whole number"),
        ("c", Literal["a", "b"], "Thing.field is 'c', not one of 'a', 'b'"),
        ({"a": 1}, Mapping[str, str], "Thing.field['a'] is 1, not a text"),
        ({1: "a"}, Mapping[str, str], "Thing.field key is 1, not a text"),
        ([["a"]], tuple[tuple[str, str], ...], "Thing.field[0] is ('a',), not a pair of texts"),
        ("a\0b", str, "holds a NUL character"),
    ],
)
def test_what_is_not_is_named(value: object, kind: Any, says: str) -> None:
    with pytest.raises(BrokenPromise) as caught:
        held(value, kind, "Thing.field")
    assert says in caught.value.what
