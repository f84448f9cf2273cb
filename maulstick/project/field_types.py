"""Whether what was read from outside holds in each field what the field is declared to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_fields: Callable[[Any], Mapping[str, Any]] = cache(get_type_hints)


def require_types(value: object) -> None:
    """Raise TypeError with the name of the first field of a dataclass that holds something else."""
    for field, kind in _fields(type(value)).items():
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
        fields = _fields(kind)
        return type(value) is kind and all(_is(getattr(value, name), one) for name, one in fields.items())
    return type(value) is kind
