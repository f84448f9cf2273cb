"""What is wrong with a value of a file, without the place of the value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from maulstick.redact import HIDDEN

LONGEST = 120
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CREDENTIALS = re.compile(r":.*@")


class Mistake(ValueError):  # noqa: N818 - it is a mistake in a file, not an error of ours
    """What is wrong with a value, and what to do; with `beside`, the value is shown too."""

    def __init__(self, what: str, hint: str = "", *, beside: bool = False) -> None:
        super().__init__(what)
        self.what, self.hint, self.beside = what, hint, beside


def should_be(what: str, hint: str = "") -> Mistake:
    """Return the mistake of a value of another kind; it is shown as the file has it."""
    return Mistake(f"should be {what}", hint, beside=True)


def required(hint: str) -> Mistake:
    """Return the mistake of a missing key."""
    return Mistake("is required", hint)


def shown(value: object) -> str:
    """Return a value as an error shows it; an address with a user or a password is hidden."""
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
    """Return a text of a file on one line, with control characters escaped."""
    line = CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
