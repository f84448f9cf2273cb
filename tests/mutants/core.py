"""What is mutated: the core, which decides what is written to production; and what a mutant is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.checkout import ROOT

PACKAGES = ("maulstick/plan", "maulstick/postgres/sql", "maulstick/media/compare", "maulstick/bundle/trust")


def _sources() -> Iterator[str]:
    for path in sorted((ROOT / "maulstick").rglob("*")):
        source = path.relative_to(ROOT).as_posix()
        if path.suffix in (".py", ".sql") and path.name != "__init__.py" and package_of(source):
            yield source


def package_of(source: str) -> str:
    """Return which part of the core a file belongs to, "" for none."""
    return next((one for one in PACKAGES if source.startswith((f"{one}/", f"{one}."))), "")


SOURCES = tuple(_sources())


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of one file; `change` makes the new text of the old."""

    source: str
    line: int
    kind: str
    change: Callable[[str], str | None] = field(repr=False, compare=False)
    number: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line} {self.kind} {self.number}"


def read(source: str, root: Path = ROOT) -> str:
    """Return a file's text."""
    return (root / source).read_text(encoding="utf-8")


def numbered(mutants: list[Mutant]) -> list[Mutant]:
    """Number the mutants of one kind in one line, so that each has a name of its own."""
    seen: dict[tuple[int, str], int] = {}
    result = []
    for one in mutants:
        seen[one.line, one.kind] = number = seen.get((one.line, one.kind), 0) + 1
        result.append(Mutant(one.source, one.line, one.kind, one.change, number))
    return result
