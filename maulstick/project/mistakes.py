"""What is wrong with one value of a file, in our words and without its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from maulstick.redact import HIDDEN

LONGEST = 120
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CREDENTIALS = re.compile(r":.*@")


class Mistake(ValueError):  # noqa: N818 - it is a mistake in a file, not an error of ours
    """What is wrong with a value, and what to do; `beside` the value itself, where that may be seen."""

    def __init__(self, what: str, hint: str = "", *, beside: bool = False) -> None:
        super().__init__(what)
        self.what, self.hint, self.beside = what, hint, beside


def should_be(what: str, hint: str = "") -> Mistake:
    """Return the mistake of a value that is something else, and is shown as the file has it."""
    return Mistake(f"should be {what}", hint, beside=True)


def required(hint: str) -> Mistake:
    """Return the mistake of a key that must be there."""
    return Mistake("is required", hint)


def shown(value: object) -> str:
    """Return a value as an error shows it; an address that holds a user or a password stays hidden."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return HIDDEN if _CREDENTIALS.search(value) else f'"{visible(value)}"'
    if value is None:
        return "null"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or a time"


def either(words: Sequence[str]) -> str:
    """Return quoted words as a choice: `"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return " or ".join([part for part in (", ".join(quoted[:-1]), quoted[-1]) if part])


def visible(text: str) -> str:
    """Return a text of a file on one line: it may not steer the terminal that shows it."""
    line = CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
