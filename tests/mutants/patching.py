"""A mutant put into a process that has imported everything already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from maulstick.postgres import sql_files
from maulstick.postgres.sections import Section

PLAIN = str | int | tuple | dict | list | frozenset | set | Section
LONG = 8
"""From this length on, a text that is another module's own object is the same constant."""


class UnpatchableError(Exception):
    """A change that cannot be made in a process that has imported the old module."""


def put_in(source: str, old: str, new: str, root: Path) -> None:
    """Change a file's text here, and on disk for whatever is started."""
    (root / source).write_text(new, encoding="utf-8")
    if source.endswith(".sql"):
        before = sql_files.sql_file(Path(source).stem)
        sql_files.sql_file.cache_clear()
        after = sql_files.sql_file(Path(source).stem)
        _replace_texts({before: after})
    elif (
        name := source.removesuffix(".py").replace("/", ".")
    ) in sys.modules:  # else it is read when imported
        _put_in_module(name, new, str(root / source))
    _forget()


def _put_in_module(name: str, text: str, path: str, done: frozenset[str] = frozenset()) -> None:
    module = sys.modules[name]
    fresh = ModuleType(name)
    fresh.__dict__.update(__file__=path, __package__=name.rpartition(".")[0])
    code = compile(text, path, "exec", dont_inherit=True)
    # dataclasses look their module up while the class is made
    sys.modules[name] = fresh
    try:
        exec(code, fresh.__dict__)
    finally:
        sys.modules[name] = module
    changed = {}
    for key, value in [*vars(fresh).items()]:
        before = vars(module).get(key)
        if isinstance(value, type) and value.__module__ == name:
            _patch_class(before, value)
        elif function := _function(value):
            if function.__module__ == name:
                _patch_function(_function(before), function)
        elif isinstance(value, PLAIN) and not key.startswith("__") and value != before:
            setattr(module, key, value)
            changed[key] = before, value
    for key, (before, value) in changed.items():
        _replace(key, before, value)
    if changed:
        _compute_again({*changed}, done | {name})


def _compute_again(names: set[str], done: frozenset[str]) -> None:
    """Compute anew what other modules made of changed constants while they were imported."""
    for module in _ours("maulstick."):
        path = getattr(module, "__file__", None)
        if module.__name__ in done or not path or not names & vars(module).keys():
            continue
        _put_in_module(module.__name__, Path(path).read_text(encoding="utf-8"), path, done)


def _patch_class(old: Any, new: type) -> None:
    for key, value in vars(new).items():
        before = vars(old).get(key)
        for one, other in zip(_functions(before), _functions(value), strict=True):
            _patch_function(one, other)


def _functions(value: Any) -> Iterator[FunctionType]:
    if isinstance(value, property):
        for part in (value.fget, value.fset):
            yield from _functions(part)
    elif isinstance(value, classmethod | staticmethod):
        yield from _functions(value.__func__)
    elif function := _function(value):
        yield function


def _function(value: Any) -> FunctionType | None:
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value if isinstance(value, FunctionType) else None


def _patch_function(old: FunctionType | None, new: FunctionType) -> None:
    if old is None or old.__code__.co_freevars != new.__code__.co_freevars:
        raise UnpatchableError(new.__qualname__)
    if _text_of(old.__code__) != _text_of(new.__code__):
        old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _text_of(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _text_of(one) if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts
    )
    return code.co_code, constants, code.co_names


def _replace(name: str, old: Any, new: Any) -> None:
    """Let modules that have imported a constant by its name see the new one."""
    for module in _ours("maulstick.", "tests."):
        if name in vars(module) and vars(module)[name] == old:
            setattr(module, name, new)


def _replace_texts(texts: dict[str, str]) -> None:
    """Change texts in constants that hold them as a whole or in part."""
    for module in _ours("maulstick."):
        for key, value in [*vars(module).items()]:
            if isinstance(value, str):
                for old, new in texts.items():
                    if len(old) > LONG and old in value:
                        setattr(module, key, value.replace(old, new))


def _forget() -> None:
    """Empty every cache: what it holds was made by the old code."""
    for module in _ours("maulstick."):
        for value in [*vars(module).values()]:
            clear: Callable[[], None] = getattr(value, "cache_clear", partial(int))
            clear()


def _ours(*begins: str) -> list[ModuleType]:
    return [module for name, module in [*sys.modules.items()] if name.startswith(begins)]
