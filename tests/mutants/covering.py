"""Which tests execute a mutant's line, the likeliest to kill it first."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from random import Random

from coverage import CoverageData

from tests.checkout import ROOT
from tests.mutants.core import SOURCES, Mutant, read
from tests.mutants.homes import is_home, is_quick

SLOW = 20.0
"""Seconds from which a test is too dear to be run for a mutant."""
KNOWN_KILLERS = 6
"""How many tests that killed mutants of the same file go first."""
HOME_FIRST, OTHERS = 30, 10
"""How many tests that are about the file, and how many of other files, come next."""


@dataclass(frozen=True)
class Record:
    """What was recorded: each test's seconds, and the tests of each line."""

    seconds: dict[str, float]
    tests: dict[str, dict[int, set[str]]]
    killers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that execute a mutant's statement, the likeliest to kill it first."""
        return self._ordered(mutant, self._around(mutant.source, mutant.line))

    def _around(self, source: str, line: int) -> set[str]:
        if source.endswith(".sql"):
            users = [*_mentions(f'"{Path(source).stem}"')]
            return self._at(users) or {*self.seconds}
        first, last, names = _statement(source, line)
        tests = self._at((source, number) for number in range(first, last + 1))
        if not tests and names:
            tests = self._at(place for name in names for place in _users(name))
        everything = self._at((source, number) for number in [*self.tests[source]])
        return tests or everything or {*self.seconds}

    @cached_property
    def _quick(self) -> set[str]:
        return {test for test, seconds in self.seconds.items() if seconds < SLOW}

    def _at(self, places: Iterable[tuple[str, int]]) -> set[str]:
        found: set[str] = set()
        for source, line in places:
            found |= self.tests[source].get(line, set())
        return {test for test in found if self.seconds.get(test, SLOW) < SLOW}

    def _ordered(self, mutant: Mutant, tests: set[str]) -> list[str]:
        """Begin with those that killed in this file before, go on with those that are about it."""
        if mutant.source.startswith("maulstick/postgres/sql/"):  # composed once, SQL serves many tests
            tests = tests | {test for test in self._quick if is_home(mutant.source, test)}
        killers = [test for test, _ in self.killers[mutant.source].most_common() if test in tests]
        order = sorted(tests)
        Random(str(mutant)).shuffle(order)
        about = [test for test in order if is_home(mutant.source, test)]
        alone = [test for test in about if is_quick(test)]
        homes = [test for test in about if not is_quick(test)]
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in sorted(order, key=self.seconds.__getitem__):
            by_file[test.partition("::")[0]].append(test)
        turns = max(map(len, by_file.values()), default=0)
        rest = [of_file[turn] for turn in range(turns) for of_file in by_file.values() if turn < len(of_file)]
        return [
            *dict.fromkeys(
                [*killers[:KNOWN_KILLERS], *alone, *homes[:HOME_FIRST], *rest[:OTHERS], *homes, *rest]
            )
        ]


def load(folder: Path) -> Record:
    """Read what `recording` has written."""
    seconds: dict[str, float] = {}
    for path in folder.glob("*.seconds"):
        seconds |= json.loads(path.read_text(encoding="utf-8"))
    tests: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in folder.glob("*.lines"):
        lines = CoverageData(str(path))
        lines.read()
        for file in lines.measured_files():
            source = Path(file).relative_to(ROOT).as_posix()
            for line, contexts in lines.contexts_by_lineno(file).items():
                tests[source][line] |= {*contexts} - {""}
    return Record(seconds, tests)


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse(read(source))


def _statement(source: str, line: int) -> tuple[int, int, Sequence[str]]:
    """Return the lines of the innermost statement around a line, and what a module's own one names."""
    tree = _tree(source)
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _has(node, line)]
    if not inside:
        return line, line, ()
    inner = min(inside, key=lambda node: (node.end_lineno or 0) - node.lineno)
    body = getattr(inner, "body", None)
    last = body[0].lineno - 1 if body else inner.end_lineno or inner.lineno
    names: list[str] = []
    if inner in tree.body and isinstance(inner, ast.Assign | ast.AnnAssign):
        targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
        names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return inner.lineno, max(last, inner.lineno), names


def _has(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


@cache
def _users(name: str, depth: int = 3) -> frozenset[tuple[str, int]]:
    """Return the lines of statements in functions that use a module's name, directly or by another name."""
    found: set[tuple[str, int]] = set()
    for source, line in _mentions(rf"\b{name}\b", is_pattern=True):
        if source.endswith(".py"):
            first, last, names = _statement(source, line)
            if names and depth and name not in names:
                for other in names:
                    found |= _users(other, depth - 1)
            found |= {(source, number) for number in range(first, last + 1)}
    return frozenset(found)


def _mentions(text: str, is_pattern: bool = False) -> Iterator[tuple[str, int]]:
    pattern = re.compile(text if is_pattern else re.escape(text))
    for source in SOURCES:
        for number, line in enumerate(read(source).splitlines(), 1):
            if pattern.search(line):
                yield source, number
