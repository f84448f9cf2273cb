"""Paths into JSON columns, as plugins write them: `$.items[*].id`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

PATH = re.compile(r'\$(?:\.(?:[^\W\d]\w*|"[^"\\]+")|\[\*\])*')
"""A dollar, then `.name`, `."any name"` or `[*]`, as often as it takes."""
EACH = "[*]"


def steps_of(path: str) -> list[str]:
    """List the steps of a JSON path: `$.items[*].id` gives `items`, `[*]`, `id`."""
    return [step.strip('"') for step in re.findall(r'\[\*\]|"[^"]*"|[^.\[\]"$]+', path)]


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Return the values that a path leads to in a JSON value."""
    values = [value]
    for step in steps_of(path):
        if step == EACH:
            values = [item for value in values if isinstance(value, list) for item in value]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    return iter(values)
