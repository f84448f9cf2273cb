"""Answers of plugins, checked against their annotated types."""

from __future__ import annotations

import collections.abc
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import islice
from operator import attrgetter
from reprlib import Repr
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

MOST = 5_000_000
"""How many answers a hook may give, and how many values one of their fields may hold."""
WORDS = {
    str: ("a text", "texts"),
    int: ("a whole number", "whole numbers"),
    bool: ("True or False", "True or False"),
    NoneType: ("None", "None"),
}
NOT_TO_BE_WRITTEN = re.compile("[\0\ud800-\udfff]")
"""What no database accepts: NUL, and halves of surrogate pairs."""
NO_SEQUENCES: tuple[type, ...] = (str, bytes, collections.abc.Mapping, collections.abc.Set)
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


class BrokenPromise(Exception):  # noqa: N818 - caught where the owner is known
    """An answer that is not of the annotated type, and what to write instead."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def each(answer: object) -> Iterable[Any]:
    """Return the answers of a hook; a single one, a text or a coroutine in their place is refused."""
    if answer is None:
        return ()
    if inspect.iscoroutine(answer):
        answer.close()
        raise BrokenPromise("is an async function", "a hook is a plain function: def, not async def")
    if inspect.isasyncgen(answer):
        raise BrokenPromise("is an async generator", "a hook is a plain function: def, not async def")
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
        raise BrokenPromise(f"answered {short(answer)}, not a list of answers", "yield it, or put it in [ ]")
    return answer


def held(value: Any, kind: Any, where: str = "") -> Any:
    """Return an answer as its type promises it, with lists and generators in it as tuples.

    `where` names the field. Raise BrokenPromise for anything else.
    """
    if _surely(kind)(value):
        return value
    if not where and not _is(value, kind):
        raise BrokenPromise(f"answered {short(value)}")
    return _check_of(kind)(value, kind, where)


@cache
def _check_of(kind: Any) -> Callable[[Any, Any, str], Any]:
    return next((check for is_kind, check in CHECKS if is_kind(kind)), _held_plain)


def short(value: object) -> str:
    """Return a value as a message shows it, shortened."""
    return _SHORT.repr(value)


def _held_fields(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, kind):
        raise _broken(value, kind, where)
    name, changed = where or kind.__name__, {}
    for field, hint in _hints(kind).items():
        before = getattr(value, field)
        after = held(before, hint, f"{name}.{field}")
        if after is not before:
            changed[field] = after
    if type(value) is not kind:  # a subclass: no bundle could be read with its own fields
        return kind(**{field: getattr(value, field) for field in _hints(kind)} | changed)
    return replace(value, **changed) if changed else value


@cache
def _surely(kind: Any) -> Callable[[Any], bool]:
    """Return a quick test that accepts most values that are as promised."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind is str:
        return lambda value: type(value) is str and _can_be_written(value)
    if kind in (bool, int, NoneType):
        return lambda value: type(value) is kind
    if origin is Literal:
        return lambda value: type(value) is str and value in inside
    if origin in (Union, UnionType):
        return _surely_one_of([_surely(option) for option in inside])
    if _is_sequence(kind) and not _is_fixed(kind):
        item = _surely(inside[0])
        return lambda value: type(value) is tuple and (not value or all(map(item, value)))
    if origin is collections.abc.Mapping:
        key, item = map(_surely, inside)
        return lambda value: type(value) is dict and all(map(key, value)) and all(map(item, value.values()))
    if isinstance(kind, type) and is_dataclass(kind):
        return _surely_fields(kind)
    return lambda _: False


def _surely_one_of(options: Sequence[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    def is_one(value: Any) -> bool:
        for option in options:  # noqa: SIM110 - called a million times for some thousand subjects
            if option(value):
                return True
        return False

    return is_one


def _surely_fields(kind: type) -> Callable[[Any], bool]:
    if not _hints(kind):
        return lambda value: type(value) is kind
    values = attrgetter(*_hints(kind), "__class__")  # for a single field it would not return a tuple
    parts = [*map(_surely, _hints(kind).values())]

    def is_whole(value: Any) -> bool:
        if type(value) is not kind:
            return False
        for part, item in zip(parts, values(value), strict=False):  # noqa: SIM110 - as above
            if not part(item):
                return False
        return True

    return is_whole


def _can_be_written(text: str) -> bool:
    return NOT_TO_BE_WRITTEN.search(text) is None if not text.isascii() else "\0" not in text


def _held_union(value: Any, kind: Any, where: str) -> Any:
    broken: list[BrokenPromise] = []
    for option in get_args(kind):
        if _is(value, option):
            try:
                return held(value, option, where)
            except BrokenPromise as error:
                broken.append(error)
    raise broken[0] if broken else _broken(value, kind, where)


def _held_tuple(value: Any, kind: Any, where: str) -> tuple[Any, ...]:
    if not _is(value, kind):
        raise _broken(value, kind, where)
    kinds = get_args(kind)
    many = tuple(islice(value, MOST + 1))
    if len(many) > MOST:
        raise BrokenPromise(f"{where} does not end: more than {MOST} values")
    if _is_fixed(kind):
        if len(many) != len(kinds):
            raise _broken(many, kind, where)
    else:
        kinds = (kinds[0],) * len(many)
    pairs = zip(many, kinds, strict=True)
    whole = tuple(held(item, item_kind, f"{where}[{n}]") for n, (item, item_kind) in enumerate(pairs))
    same = type(value) is tuple and all(a is b for a, b in zip(whole, value, strict=True))
    return value if same else whole


def _held_mapping(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise _broken(value, kind, where)
    keys, values = get_args(kind)
    whole = {
        held(key, keys, f"{where} key"): held(item, values, f"{where}[{key!r}]")
        for key, item in value.items()
    }
    return value if all(whole[key] is item for key, item in value.items()) else whole


def _held_plain(value: Any, kind: Any, where: str) -> Any:
    if not _is(value, kind):
        raise _broken(value, kind, where)
    return _text(value, where) if isinstance(value, str) else value


def _text(value: str, where: str) -> str:
    plain = str.__str__(value)  # of an enumeration too
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise BrokenPromise(f"{where} is {short(value)}, which cannot be written as UTF-8") from None
    if "\0" in plain:
        raise BrokenPromise(f"{where} is {short(value)}, which holds a NUL character")
    return value if type(value) is str else plain


def _is(value: object, kind: Any) -> bool:
    """Return whether a value is of a type, without looking at the values in it."""
    origin = get_origin(kind)
    if kind is Any or kind is object:
        return True
    if origin in (Union, UnionType):
        return any(_is(value, option) for option in get_args(kind))
    if origin is Literal:
        return any(value == word and type(value) is type(word) for word in get_args(kind))
    if _is_sequence(kind):
        return isinstance(value, Iterable) and not isinstance(value, NO_SEQUENCES)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or (NoneType if kind is None else kind))


def _is_sequence(kind: Any) -> bool:
    return get_origin(kind) in (tuple, collections.abc.Iterable, collections.abc.Sequence)


def _is_fixed(kind: Any) -> bool:
    return get_origin(kind) is tuple and Ellipsis not in get_args(kind)


CHECKS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any, str], Any]], ...] = (
    (lambda kind: isinstance(kind, type) and is_dataclass(kind), _held_fields),
    (lambda kind: get_origin(kind) in (Union, UnionType), _held_union),
    (_is_sequence, _held_tuple),
    (lambda kind: get_origin(kind) is collections.abc.Mapping, _held_mapping),
)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """Return the annotations of a dataclass's fields, in their order."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _broken(value: object, kind: Any, where: str) -> BrokenPromise:
    return BrokenPromise(f"{where} is {short(value)}, not {_name(kind)}", _hint(value, kind, where))


def _hint(value: object, kind: Any, where: str) -> str:
    field = where.rpartition(".")[2]
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    if isinstance(value, collections.abc.Set) and any(map(_is_sequence, options)):
        return "a set has no order: sorted(…) gives it an order"
    if isinstance(value, str) and _is_sequence(kind) and not _is_fixed(kind) and "[" not in field:
        return f"a single value needs a comma: {field}=({short(value)},)"
    if bool in options and not isinstance(value, bool | str):
        return f"make it a truth value: {field}=bool(…)"
    if str in options and isinstance(value, int | float) and not isinstance(value, bool):
        return f"as a text: {short(str(value))}"
    if str in options and value is None:
        return "leave out what is missing: filter(None, …)" if "[" in field else ""
    return ""


def _name(kind: Any, *, several: bool = False) -> str:
    if kind in WORDS:
        return WORDS[kind][several]
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(_name(option, several=several) for option in inside)
    if origin is Literal:
        return f"one of {', '.join(map(repr, inside))}"
    if _is_fixed(kind):
        pair = "pair" if len(inside) == 2 else f"tuple of {len(inside)}:"
        return f"{pair}s" if several else f"a {pair} of {_name(inside[0], several=True)}"
    if _is_sequence(kind):
        return f"{'tuples' if several else 'a tuple'} of {_name(inside[0], several=True)}"
    if origin is collections.abc.Mapping:
        return f"a dict of {_name(inside[1], several=True)}"
    if origin is collections.abc.Callable:
        return "a function"
    name = cast(str, getattr(kind, "__name__", str(kind)))
    return name if several else f"a {name}"
