"""What a question is answered with: a word, what there is to say, and a hint where something is to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from maulstick.text import at_most

Word = Literal["ok", "warn", "fail", "skipped"]
WORDS: tuple[Word, ...] = get_args(Word)
SHOWN = 5
"""Places that are named before the others are only counted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A word of the closed set, and what there is to say; further lines of `says` are places."""

    word: Word
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A question by its name, answered."""

    name: str
    word: Word
    says: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as `doctor --json` prints it (docs/doctor.schema.json)."""
        return asdict(self)


def ok(says: str) -> Answer:
    """Return that all is well."""
    return Answer("ok", says)


def warn(says: str, hint: str = "") -> Answer:
    """Return that a release would go on, and a person should look."""
    return Answer("warn", says, hint)


def fail(says: str, hint: str = "") -> Answer:
    """Return that a release would stop."""
    return Answer("fail", says, hint)


def skipped(says: str) -> Answer:
    """Return that nobody could ask, and why."""
    return Answer("skipped", says)


def places(found: Iterable[str]) -> str:
    """Return places as lines behind what is said of them; of many the first, and how many more."""
    # The name of a file may be no text at all.
    texts = (text.encode(errors="surrogateescape").decode(errors="replace") for text in found)
    return "".join(f"\n{line}" for line in at_most(SHOWN, texts))
