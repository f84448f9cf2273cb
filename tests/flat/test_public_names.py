"""Plugins, examples and the documents need nothing of Maulstick but its public names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import maulstick
from tests.checkout import ROOT

PUBLIC = {"maulstick", "maulstick.tasks", "maulstick.testing"}
FILES = sorted(path for folder in ("plugins", "examples") for path in (ROOT / folder).rglob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _imports(source: str) -> Iterator[tuple[str, str]]:
    """Return each module of ours that a source imports, with each name that it takes from there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("maulstick"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("maulstick"):
            yield from ((str(node.module), alias.name) for alias in node.names)


def _sources(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [text] if path.suffix == ".py" else PYTHON.findall(text)


@pytest.mark.parametrize("path", [*FILES, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_imported_from_inside(path: Path) -> None:
    imports = [place for source in _sources(path) for place in _imports(source)]
    assert [module for module, _ in imports if module not in PUBLIC] == []
    assert [name for module, name in imports if module == "maulstick" and name not in maulstick.__all__] == []


@pytest.mark.parametrize("name", maulstick.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(maulstick, name) is not None


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Console'"):
        maulstick.Console  # noqa: B018
