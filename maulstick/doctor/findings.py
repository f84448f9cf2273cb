"""Answers to the questions: a word, what was found, and a hint where there is something to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field

from maulstick.project.json_file import Natural, Printed
from maulstick.text import at_most

Word = Literal["ok", "warn", "fail", "skipped"]
WORDS: tuple[Word, ...] = get_args(Word)
SHOWN = 5
"""How many places are listed; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to a question: a word of the closed set, and what was found; further lines are places."""

    word: Word
    says: str
    hint: str = ""


class NamedFinding(Printed):
    """An answer with the name of its question."""

    name: str = Field(description="The question; one about a subject begins with kind and key.")
    word: Word = Field(description="A release would go on, go on but look, stop, or nobody could ask.")
    says: str = Field(description="The first line says it; each further line is a place.")
    hint: str = Field(description="What to do, empty where there is nothing to do.")


class WordCount(Printed):
    """How many answers there are of each word."""

    ok: Natural
    warn: Natural
    fail: Natural
    skipped: Natural


class TargetFindings(Printed):
    """The answers about one target."""

    target: str = Field(description="Its name in the inventory.")
    answers: list[NamedFinding]
    summary: WordCount


class DoctorReport(Printed):
    """What `invoke doctor --json` prints."""

    version: Literal[1]
    targets: list[TargetFindings]


def about_target(target: str, answers: list[NamedFinding]) -> TargetFindings:
    """Return the answers about a target with their summary."""
    count = Counter(answer.word for answer in answers)
    summary = WordCount(**{word: count[word] for word in WORDS})
    return TargetFindings(target=target, answers=answers, summary=summary)


def ok(says: str) -> Finding:
    """Everything is as a release needs it."""
    return Finding("ok", says)


def warn(says: str, hint: str = "") -> Finding:
    """A release would go on, but a person should look."""
    return Finding("warn", says, hint)


def fail(says: str, hint: str = "") -> Finding:
    """A release would stop."""
    return Finding("fail", says, hint)


def skipped(says: str) -> Finding:
    """The question could not be asked; `says` why."""
    return Finding("skipped", says)


def places(texts: Iterable[str]) -> str:
    """List places as lines below a message: the first few, and how many more there are."""
    # The name of a file need not be valid UTF-8.
    valid = (text.encode(errors="surrogateescape").decode(errors="replace") for text in texts)
    return "".join(f"\n{line}" for line in at_most(SHOWN, valid))
