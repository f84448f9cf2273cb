"""The page of what PostgreSQL refuses: each of its lines is backed by a test that exists."""

from __future__ import annotations

import re

from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "what-postgresql-refuses.md").read_text(encoding="utf-8")
CLASSES = ("22", "23", "25", "42", "55")


def test_every_line_names_a_test_that_exists() -> None:
    named = set(re.findall(r"\| `(test_\w+)` \|$", PAGE, re.MULTILINE))
    lines = [line for line in PAGE.splitlines() if line.startswith("|") and "---" not in line]
    headings = [line for line in lines if line.startswith("| SQLSTATE")]
    assert len(re.findall(r"\| `(test_\w+)` \|$", PAGE, re.MULTILINE)) == len(lines) - len(headings)
    tests = {
        found
        for path in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - tests == set()


def test_every_class_has_its_heading() -> None:
    assert tuple(re.findall(r"^## (\d\d):", PAGE, re.MULTILINE)) == CLASSES
