"""A command: what it is called and takes, and what its user typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from maulstick.cli import options as groups
from maulstick.console import Console
from maulstick.errors import Problem, usage
from maulstick.project import inventory as inventories
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.release.settings import CommandOptions

Typed = TypeVar("Typed", bound=CommandOptions)
Known = TypeVar("Known", bound=CommandOptions, covariant=True)


@dataclass(frozen=True, slots=True)
class Command(Generic[Known]):
    """A command as typed: its options, and the keys of subjects by kind, in the project it was typed in."""

    project: Path
    plugins: Plugins
    options: Known
    keys: Mapping[str, tuple[str, ...]]
    _console: Console = field(init=False, repr=False)

    def __post_init__(self) -> None:
        quiet = isinstance(self.options, groups.Quiet) and self.options.quiet
        verbose = isinstance(self.options, groups.Verbose) and self.options.verbose
        object.__setattr__(self, "_console", Console(quiet=quiet, verbose=verbose))

    def named(self: Command[groups.Subjects]) -> list[Subject]:
        """List the subjects that were named, each once, in the order of kinds."""
        named = [(kind, key) for kind, keys in self.keys.items() for key in keys]
        for text in groups.listed("--select", self.options.select):
            kind, equals, key = text.partition("=")
            if not equals:
                raise usage(f"--select {text}", "is not KIND=KEY", "for example --select series=embodiment")
            named.append((kind, key))
        for kind, key in named:
            if not key:
                raise usage(f"--{kind}", "names nothing", f"for example --{kind} KEY")
        return [Subject(self.plugins.kind(kind).name, key) for kind, key in dict.fromkeys(named)]

    def subjects(self: Command[groups.Subjects], sealed: Iterable[str] = ()) -> list[Subject]:
        """List the subjects that were named, else those of a sealed plan; none is a usage problem."""
        if named := self.named():
            return named
        planned = [(kind, key) for kind, _, key in (text.partition(" ") for text in sealed)]
        if not planned:
            hint = " or ".join(f"--{kind} KEY" for kind in self.keys) or "--select KIND=KEY"
            raise usage("subject", "nothing was named", hint)
        return [Subject(self.plugins.kind(kind).name, key) for kind, key in planned]

    def inventory(self: Command[groups.InventoryOptions]) -> inventories.Inventory:
        """Return the inventory that the command names."""
        try:
            return inventories.load(self.project / self.options.inventory, self.plugins.hosts())
        except Problem as problem:
            if any(one.where.endswith("/host") for one in (problem, *problem.also)):
                self.plugins.require_all()  # the host may be one of a plugin that could not be loaded
            raise

    def targets(self: Command[groups.TargetsOptions]) -> list[inventories.Target]:
        """List the targets that the command names, in order."""
        limits = self.options.limit if isinstance(self.options, groups.Limit) else ()
        return self.inventory().chosen(self.options.target, limits)

    def console(self) -> Console:
        """Return the one console on which the command says what it does."""
        return self._console

    def trace(self) -> AbstractContextManager[None]:
        """Say the calls of hooks in the block, where that was asked for."""
        asked = isinstance(self.options, groups.TraceHooks) and self.options.trace_hooks
        return self.plugins.traced(self._console.trouble) if asked else nullcontext()


@dataclass(frozen=True, slots=True)
class Definition(Generic[Typed]):
    """A command as it is offered: its name, one line about it, its options, and what it does."""

    name: str
    says: str
    options: type[Typed]
    act: Callable[[Command[Typed]], int]
