"""Our frozen dataclasses as JSON holds them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any


def plain(value: Any) -> Any:
    """Return a value with its dataclasses as dicts of their fields, and its tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def brief(value: Any) -> dict[str, Any]:
    """Return a dataclass as a dict of those fields that say something else than their default."""
    kind: Any = type(value)
    known = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: one for name, one, default in known if default is MISSING or one != default}


@cache
def _defaults(kind: Any) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in fields(kind)]


def frozen(value: Any) -> Any:
    """Return a value of JSON with its lists as tuples."""
    return tuple(frozen(one) for one in value) if isinstance(value, list) else value
