"""A column's values beside each other: in one line, or as a difference of lines where they are long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from maulstick.text import at_most

SIDES = ("base", "local", "production")
LONGEST = 60
WIDEST = 90
BEFORE = 20
"""Characters of a line that are shown before the first that differs."""
MOST = 20
"""Lines of a difference that are shown."""
COMPARED = 1000
"""Lines of a text that are held against the other's one by one; more are only shown as others."""

Cell = Mapping[str, str | None]
"""A column's value on each side, as a plan has it; a side that does not exist is not in it."""
Pair = tuple[str | None, str | None]
"""A line as it was and as it is, None where it was not or is not."""


def shown(text: str | None) -> str:
    """Return a value in quotes as a line has room for it: blanks folded, long ones cut, null for NULL."""
    if text is None:
        return "null"
    folded = " ".join(text.split())
    return f'"{folded}"' if len(folded) <= LONGEST else f'"{folded[: LONGEST - 1]}…"'


def is_long(cell: Cell) -> bool:
    """Tell whether a column's values are more than a line has room for."""
    return any(len(text) > LONGEST or "\n" in text.strip() for side in SIDES if (text := cell.get(side)))


def one_line(cell: Cell) -> str:
    """Return the sides that there are in one line."""
    return ", ".join(f"{side} {shown(cell[side])}" for side in SIDES if side in cell)


def difference(cell: Cell) -> Iterator[str]:
    """Return what differs, a line each: both sides held against base, or against production without one."""
    there = [side for side in SIDES if side in cell]
    against = "base" if "base" in cell else there[-1]
    for side in there:
        if cell[side] != cell[against]:
            yield f"{side}, against {against}:"
            yield from (f"  {line}" for line in _difference(cell[against], cell[side]))


def side_lines(cell: Cell) -> list[str]:
    """Return every side in a line of its own, or what differs where they are long."""
    if is_long(cell):
        return [*difference(cell)]
    missing = {"base": "never released", "production": "deleted there"}
    return [
        f"{side:<11}{shown(cell[side]) if side in cell else missing[side]}"
        for side in SIDES
        if side in cell or side in missing
    ]


def _difference(old: str | None, new: str | None) -> Iterator[str]:
    lines = [line for pair in _pairs(_lines(old), _lines(new)) for line in _signed(*pair)]
    yield from at_most(MOST, lines, "… and {} more")


def _lines(text: str | None) -> list[str]:
    return ["null"] if text is None else text.replace("\r\n", "\n").split("\n")


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > COMPARED:
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
    if old is not None:
        yield f"- {_cut(old, at)}"
    if new is not None:
        yield f"+ {_cut(new, at)}"


def _cut(line: str, at: int) -> str:
    """Return the part of a line around what differs."""
    start = max(0, at - BEFORE) if len(line) > WIDEST or at > WIDEST else 0
    part = line[start : start + WIDEST]
    return f"{'…' if start else ''}{part}{'…' if start + WIDEST < len(line) else ''}"


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many items are equal from the start."""
    return next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
