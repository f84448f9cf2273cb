"""Errors that people read: where, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum

SHOWN = 20
"""How many known names a hint lists at most."""
DENIED = "42501"
"""The SQLSTATE of a missing privilege."""


class Exit(IntEnum):
    """Exit codes of every command (docs/architecture.md)."""

    DONE = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    FAILED = 4
    WRONG = 5
    PLUGIN = 6
    LOCKED = 7
    UNKNOWN = 8
    CHANGES = 10
    INTERRUPTED = 130


class Problem(Exception):  # noqa: N818 - it is a problem in the user's world, not an error of ours
    """Something that a person must fix: `<where>: <what>`, with a hint on the next line."""

    def __init__(
        self, where: str, what: str, hint: str = "", *, code: int = Exit.FAILED, harmless: bool = False
    ) -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint
        self.code = int(code)
        # It was noticed before anything was changed, so nothing is left half done.
        self.harmless = harmless or code in (Exit.USAGE, Exit.REFUSED)
        # Further mistakes in the same file.
        self.also: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        return "\n".join([f"{text}\n  hint: {self.hint}" if self.hint else text, *map(str, self.also)])


def usage(where: str, what: str, hint: str = "") -> Problem:
    """Describe a problem with an inventory, a playbook or a command line (exit 2)."""
    return Problem(where, what, hint, code=Exit.USAGE)


def refused(where: str, what: str, hint: str = "") -> Problem:
    """Describe a problem with a plan that must not be carried out (exit 3)."""
    return Problem(where, what, hint, code=Exit.REFUSED)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar, None if none is similar."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with the most similar known word, or all known words if none is similar."""
    names = sorted(known)
    if near := nearest(word, names):
        return f'did you mean "{near}"?'
    more = ", …" if len(names) > SHOWN else ""
    return f"known here: {', '.join(names[:SHOWN])}{more}" if names else ""
