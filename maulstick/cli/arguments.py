"""A command as its user typed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import Any

from maulstick.console import Console
from maulstick.errors import Problem, usage
from maulstick.project import inventory as inventories
from maulstick.project import playbook as books
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins


def attribute(option: str) -> str:
    """Return what an option's value is called in Python: `press-feature` is `press_feature`."""
    plain = option.replace("-", "_")
    return f"{plain}_" if iskeyword(plain) else plain


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed: the project it was typed in and the values of its options."""

    project: Path
    plugins: Plugins
    kinds: tuple[str, ...]
    given: Mapping[str, Any]

    def subjects(self, sealed: Iterable[str] = ()) -> list[Subject]:
        """Return the subjects named, each once, in the order of kinds, else those of a sealed plan.

        None is a usage problem; where `--all` was typed there are none, and naming one more is.
        """
        named = self._named()
        if self.given.get("all"):
            if named:
                raise usage("--all", "names every subject already", "leave it out, or name none")
            return []
        named = named or [(kind, key) for kind, _, key in (text.partition(" ") for text in sealed)]
        if not named:
            options = " or ".join(f"--{kind} KEY" for kind in self.kinds) or "--select KIND=KEY"
            raise usage("subject", "nothing was named", options)
        return [Subject(self.plugins.kind(kind).name, key) for kind, key in dict.fromkeys(named)]

    def _named(self) -> list[tuple[str, str]]:
        named = [(kind, key) for kind in self.kinds for key in self.given.get(attribute(kind)) or ()]
        for text in self.given.get("select") or ():
            kind, equals, key = str(text).partition("=")
            if not equals:
                raise usage(f"--select {text}", "is not KIND=KEY", "for example --select series=embodiment")
            named.append((kind, key))
        for kind, key in named:
            if not key:
                raise usage(f"--{kind}", "names nothing", f"for example --{kind} KEY")
        return named

    def targets(self) -> list[inventories.Target]:
        """Return the targets that the command names, in order."""
        return self.inventory().chosen(self.given["target"] or ())

    def console(self) -> Console:
        """Return the console that the command says what it does on."""
        return Console(quiet=bool(self.given.get("quiet")), verbose=bool(self.given.get("verbose")))

    def inventory(self) -> inventories.Inventory:
        """Return the inventory that the command names."""
        try:
            return inventories.load(self.project / self.given["inventory"], self.plugins.hosts())
        except Problem as problem:
            if any(one.where.endswith("/host") for one in (problem, *problem.also)):
                self.plugins.require_all()  # the host may be one of a plugin that could not be loaded
            raise

    def playbook(self) -> books.Playbook:
        """Return the playbook that the command names."""
        self.plugins.require_all()
        steps = books.known_steps(self.plugins.steps().values())
        return books.load(self.project / "playbooks", self.given["playbook"], steps)
