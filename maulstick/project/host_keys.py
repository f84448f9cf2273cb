"""The keys that a kind of host adds to its targets: a frozen dataclass, each field made by `key`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, NewType, get_type_hints

from maulstick.project.plugins.promise import BrokenPromise

Program = NewType("Program", str)
"""A program: its name on PATH, or a path relative to the inventory."""
Command = NewType("Command", str)
"""A command that a shell elsewhere reads: `${NAME}` in it is left to that shell."""
SAYS = "maulstick"


@dataclass(frozen=True, slots=True)
class Says:
    """What a key means, the hint where it is missing, and what reads its value of a text."""

    help: str
    missing: str = ""
    read: Callable[[str], Any] | None = None


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of a kind of host: its place in the plugin, its name and type, and its default."""

    where: str
    name: str
    kind: Any
    default: Any
    says: Says

    @property
    def required(self) -> bool:
        """Return whether a target must have it."""
        return self.default is MISSING


@dataclass(frozen=True)
class NoKeys:
    """The keys of a host that needs none of its own."""


def key(
    says: str, default: Any = MISSING, *, missing: str = "", read: Callable[[str], Any] | None = None
) -> Any:
    """Return a field of a host's keys: what it means, and its default; without one it is required.

    `missing` is the hint where it is missing. `read` makes its value of a text; ValueError refuses one.
    """
    return field(default=default, kw_only=True, metadata={SAYS: Says(says, missing, read)})


def own_keys(keys: type) -> Iterator[OwnKey]:
    """Yield the keys that a dataclass declares, in their order."""
    if not is_dataclass(keys):
        raise BrokenPromise("HostKind.keys is not a dataclass", "@dataclass(frozen=True)")
    hints = get_type_hints(keys)
    for declared in fields(keys):
        where, says = f"{keys.__name__}.{declared.name}", declared.metadata.get(SAYS)
        if not isinstance(says, Says):
            raise BrokenPromise(
                f"{where} is not made by key(…)", f'{declared.name}: str = key("what it means")'
            )
        yield OwnKey(where, declared.name, hints[declared.name], declared.default, says)
