"""What changed in a text, word by word and line by line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Literal

Part = tuple[Literal["same", "out", "in"], str]
LONGEST = 4000
"""Words of a text that is compared word by word; a longer one is shown whole on both sides."""


def words(before: str, after: str) -> list[Part]:
    """Return the parts of a text: those in both, those that go out and those that come in."""
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > LONGEST:
        return [("out", before), ("in", after)]
    return list(_parts(old, new))


def lines(before: str, after: str) -> list[str]:
    """Return a difference of lines as `diff -u` writes it, without its head."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in found if not line.startswith(("---", "+++"))]


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _parts(old: list[str], new: list[str]) -> Iterator[Part]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[a:b])
        else:
            if a < b:
                yield "out", "".join(old[a:b])
            if c < d:
                yield "in", "".join(new[c:d])
