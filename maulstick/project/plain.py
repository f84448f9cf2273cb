"""Our frozen dataclasses as values of JSON, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_hints: Callable[[Any], Mapping[str, Any]] = cache(get_type_hints)


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


def require_types(value: object) -> None:
    """Raise TypeError with the name of the first field of a dataclass that holds something else."""
    for field, kind in _hints(type(value)).items():
        if not _is(getattr(value, field), kind):
            raise TypeError(f"{field} holds something else")


def _is(value: object, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(_is(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is tuple:
        kinds = inner[:1] * len(value) if inner[-1] is ... and isinstance(value, tuple) else inner
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(_is, value, kinds))
    if origin is Mapping:
        items = value.items() if isinstance(value, Mapping) else [(None, None)]
        return all(_is(key, inner[0]) and _is(item, inner[1]) for key, item in items)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(_is(item, inner[0]) for item in value)
    if is_dataclass(kind):
        fields = _hints(kind)
        return type(value) is kind and all(_is(getattr(value, name), one) for name, one in fields.items())
    return type(value) is kind
