"""A failing round made small: edits and the fault's details are taken away while it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.faults.rounds import Round

Fails = Callable[[Round], bool]


def shrunk(one: Round, fails: Fails) -> Round:
    """Return the smallest round that was found to fail: each step is kept if the round still fails."""
    smaller = next((other for other in _smaller(one) if fails(other)), None)
    return one if smaller is None else shrunk(smaller, fails)


def _smaller(one: Round) -> Iterator[Round]:
    for at in range(len(one.edits)):
        yield replace(one, edits=one.edits[:at] + one.edits[at + 1 :])
    if one.start != "released":
        yield replace(one, start="released")
    if one.command.startswith("release --"):
        yield replace(one, command="release")
    if one.fault.detail:
        yield replace(one, fault=replace(one.fault, detail=0))
