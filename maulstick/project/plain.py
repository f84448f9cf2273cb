"""Our frozen dataclasses as values of JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any


def plain(value: Any) -> Any:
    """Return a value with dataclasses as dicts of their fields, and tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def brief(value: Any) -> dict[str, Any]:
    """Return a dataclass as a dict of the fields that differ from their default."""
    kind: Any = type(value)
    values = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: item for name, item, default in values if default is MISSING or item != default}


@cache
def _defaults(kind: Any) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in fields(kind)]


def frozen(value: Any) -> Any:
    """Return a value of JSON with lists as tuples."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value
