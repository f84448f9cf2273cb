"""What differs between texts: by words, by lines, and between the sides of a column."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, unified_diff
from itertools import islice
from typing import Literal

from maulstick.text import at_most, drawn

SIDES = ("base", "local", "production")
LONGEST = 60
WIDEST = 90
BEFORE = 20
"""Characters of a line that are shown before the first that differs."""
MOST = 20
"""Lines of a difference that are shown."""
MOST_LINES = 1000
"""Lines of a text that are compared one by one; in a longer one every line counts as changed."""
MOST_WORDS = 4000
"""Words of a text that are compared one by one; a longer one is shown whole on both sides."""

Cell = Mapping[str, str | None]
"""A column's value on each side, as a plan has it; a side that does not exist is not in it."""
Pair = tuple[str | None, str | None]
"""A line as it was and as it is, None where it was not or is not."""
Part = tuple[Literal["same", "out", "in"], str]
Side = tuple[str, str | None]
"""A value behind the name of who has it."""


def word_parts(before: str, after: str) -> list[Part]:
    """List the parts of a text: those in both versions, those removed, and those added."""
    old, new = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (before, after))
    if max(len(old), len(new)) > MOST_WORDS:
        return [("out", before), ("in", after)]
    parts: list[Part] = []
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word == "equal":
            parts.append(("same", "".join(old[a:b])))
        else:
            changed: list[Part] = [("out", "".join(old[a:b])), ("in", "".join(new[c:d]))]
            parts += [part for part in changed if part[1]]
    return parts


def patch_lines(before: str, after: str) -> list[str]:
    """Return a difference of lines as `diff -u` writes it, without its head."""
    patch = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in patch if not line.startswith(("---", "+++"))]


def quoted(text: str | None) -> str:
    """Return a value in quotes as it fits in a line: blanks folded, long ones cut, null for NULL."""
    if text is None:
        return "null"
    folded = " ".join(text.split())
    return f'"{folded}"' if len(folded) <= LONGEST else f'"{folded[: LONGEST - 1]}…"'


def quoted_apart(texts: Sequence[str | None]) -> list[str]:
    """Return values in quotes; those that differ and would look the same show each character."""
    looks = Counter(drawn(text) for text in {*texts} if text is not None)
    return [
        json.dumps(text) if text is not None and looks[drawn(text)] > 1 else quoted(text) for text in texts
    ]


def is_long(cell: Cell) -> bool:
    """Return whether a column's values are too long for a line."""
    return any(len(text) > LONGEST or "\n" in text.strip() for side in SIDES if (text := cell.get(side)))


def cell_line(cell: Cell) -> str:
    """Return a column's value on each side in one line."""
    return ", ".join(f"{side} {value}" for side, value in _quoted_sides(cell).items())


def cell_difference(cell: Cell) -> Iterator[str]:
    """Yield what differs, line by line: each side compared with base, or with production without one."""
    sides = [side for side in SIDES if side in cell]
    against = "base" if "base" in cell else sides[-1]
    for side in sides:
        if cell[side] != cell[against]:
            yield f"{side}, against {against}:"
            yield from (f"  {line}" for line in _difference(cell[against], cell[side]))


def cell_lines(cell: Cell) -> list[str]:
    """Return each side in a line of its own, or what differs where they are long."""
    if is_long(cell):
        return [*cell_difference(cell)]
    shown = {"base": "never released", "production": "deleted there"} | _quoted_sides(cell)
    return [f"{side:<11}{shown[side]}" for side in SIDES if side in shown]


def whole_difference(old: Side | None, new: Side | None) -> list[str]:
    """Return a value as it was and as it becomes, nothing cut; None where it was not, or will not be.

    Short values are one line, long ones a difference of lines as `diff -u` writes it.
    """
    sides = [side for side in (old, new) if side is not None]
    if not is_long(dict(zip(SIDES, (value for _, value in sides), strict=False))):
        values = {value or "" for _, value in sides}
        is_plain = len({*map(drawn, values)}) == len(values)
        return [" → ".join(f"{name} {json.dumps(value, ensure_ascii=not is_plain)}" for name, value in sides)]
    heads = [f"{sign} {_head(side)}" for sign, side in (("---", old), ("+++", new))]
    before, after = ([] if side is None or side[1] is None else _lines(side[1]) for side in (old, new))
    if max(len(before), len(after)) > MOST_LINES:
        return [*heads, *(f"-{line}" for line in before), *(f"+{line}" for line in after)]
    return [*heads, *islice(unified_diff(before, after, lineterm=""), 2, None)]


def _quoted_sides(cell: Cell) -> dict[str, str]:
    sides = [side for side in SIDES if side in cell]
    return dict(zip(sides, quoted_apart([cell[side] for side in sides]), strict=True))


def _head(side: Side | None) -> str:
    if side is None:
        return "not there"
    return f"{side[0]}: null" if side[1] is None else side[0]


def _difference(old: str | None, new: str | None) -> Iterator[str]:
    lines = [line for pair in _pairs(_lines(old), _lines(new)) for line in _signed(*pair)]
    yield from at_most(MOST, lines, "… and {} more")


def _lines(text: str | None) -> list[str]:
    return ["null"] if text is None else text.replace("\r\n", "\n").split("\n")


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > MOST_LINES:
        yield from _beside(old, new)
        return
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word != "equal":
            yield from _beside(old[a:b], new[c:d])


def _beside(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    both = min(len(old), len(new))
    yield from zip(old[:both], new[:both], strict=True)
    yield from ((line, None) for line in old[both:])
    yield from ((None, line) for line in new[both:])


def _signed(old: str | None, new: str | None) -> Iterator[str]:
    at = 0 if old is None or new is None else _same(old, new)
    is_alike = old is not None and new is not None and drawn(old) == drawn(new)
    for sign, line in (("-", old), ("+", new)):
        if line is not None:
            part = _cut(line, at)
            yield f"{sign} {json.dumps(part) if is_alike else part}"


def _cut(line: str, at: int) -> str:
    """Return the part of a line around what differs."""
    start = max(0, at - BEFORE) if len(line) > WIDEST or at > WIDEST else 0
    part = line[start : start + WIDEST]
    return f"{'…' if start else ''}{part}{'…' if start + WIDEST < len(line) else ''}"


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """Count how many items are equal from the start."""
    return next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
