"""Pieces of Markdown: content as code that nothing in it can end, and as many lines as fit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from maulstick.text import printable

LONGEST = 1000
"""Characters of a value that are shown."""
FENCE = re.compile(r"( *`{3,})(?:diff)?")
DETAILS_END = "\n</details>\n"


def value(text: str | None) -> str:
    """Write a value as code; null, an empty and a blank value are words that are not code."""
    if text is None:
        return "*null*"
    return code(shortened(text, LONGEST)) if text.strip() else "*empty*" if not text else "*blank*"


def code(text: str) -> str:
    """Write a text as inline code that nothing in it can end."""
    shown = printable(" ".join(str(text).split())) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    blank = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{blank}{shown}{blank}{ticks}"


def table_cell(text: str) -> str:
    """Write a text as the cell of a table."""
    return code(text).replace("|", "\\|") if text else ""


def fenced(text: str, language: str = "") -> list[str]:
    """Write a text as the lines of a fenced block that nothing in it can end."""
    shown = printable(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return [f"{ticks}{language}", *shown.splitlines(), ticks]


def shortened(text: str, most: int) -> str:
    """Cut a text, and say how much is left out."""
    return text if len(text) <= most else f"{text[:most]}… and {len(text) - most:,} characters more"


def length(lines_of: Iterable[str]) -> int:
    """Count the characters of some lines with their line ends."""
    return sum(len(line) + 1 for line in lines_of)


def fitting(lines_of: Iterable[str], most: int) -> list[str]:
    """Keep as many lines as fit, and close what is open after the last one."""
    kept: list[str] = []
    opened: list[str] = []
    for line in lines_of:
        after, most = _opened(opened, line), most - len(line) - 1
        if most < length(after):
            return [*kept, *reversed(opened)]
        kept.append(line)
        opened = after
    return kept


def _opened(opened: list[str], line: str) -> list[str]:
    """Return what closes each block that is open after a line, the outermost first."""
    if opened and opened[-1] != DETAILS_END:  # in a fence nothing counts but its end
        return opened[:-1] if line == opened[-1] else opened
    if fence := FENCE.fullmatch(line):
        return [*opened, fence[1]]
    if line.startswith("<details"):
        return [*opened, DETAILS_END]
    return opened[:-1] if line == "</details>" else opened
