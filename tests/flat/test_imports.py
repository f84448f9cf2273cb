"""Files import one way, over few steps, and a folder holds no more of them than one takes in at a glance."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import maulstick

ROOT = Path(maulstick.__file__).parent
LONGEST = 20
MOST = 18
TO_BE_SPLIT = {"sandbox": 36}
"""Folders that hold more, and how many files each has now: none of them may grow."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement, but those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from statements(node)


def imported(path: Path) -> Iterator[str]:
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{one.name}" for one in node.names)
            yield from (name if name in MODULES else node.module for name in whole)


@cache
def graph() -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(one for one in imported(path) if one in MODULES and one != name)
        for name, path in MODULES.items()
    }


def test_no_file_imports_itself_over_others() -> None:
    tuple(TopologicalSorter(graph()).static_order())  # raises CycleError, with the files


def test_no_chain_of_imports_is_long() -> None:
    chains: dict[str, list[str]] = {}
    for name in TopologicalSorter(graph()).static_order():
        chains[name] = [name, *max((chains[one] for one in sorted(graph()[name])), key=len, default=[])]
    longest = max(chains.values(), key=len)
    assert len(longest) <= LONGEST, " -> ".join(longest)


def test_no_folder_holds_many_files() -> None:
    files = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    many = {str(folder.relative_to(ROOT)): n for folder, n in files.items() if n > MOST}
    assert {name: n for name, n in many.items() if n > TO_BE_SPLIT.get(name, MOST)} == {}
