"""Every subject as the desk lists it: how it stood when it was last asked about, and its picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.bundle.folder import read_manifest
from maulstick.bundle.names import folder_of
from maulstick.bundle.slice.every_subject import every_subject
from maulstick.cli.desk.children import Answer
from maulstick.errors import Problem
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.project.targets import LocalSource
from maulstick.release.status import first_picture

UNKNOWN = "not asked yet"
TONES: Mapping[str, str] = {
    "conflict": "bad",
    "refused": "bad",
    "unknown": "bad",
    "gone": "warn",
    "not verified": "warn",
    "ahead": "news",
    "new": "news",
    "never released": "news",
    "in step": "good",
    UNKNOWN: "none",
}
"""The colour of each word that `status` says; those that name the target are of a warning."""
URGENCY = ("bad", "warn", "news", "none", "good")


@dataclass(frozen=True, slots=True)
class Card:
    """A subject in the list."""

    kind: str
    key: str
    word: str
    says: str
    picture: str

    @property
    def tone(self) -> str:
        """The colour of its word."""
        return TONES.get(self.word, "warn")


def cards(status: Answer | None, listed: Callable[[], Sequence[Card]]) -> Sequence[Card]:
    """List the subjects, those first that need somebody; before any answer, as they are `listed`."""
    if status is None or not status.records:
        return listed()
    told = [_card(record) for record in status.records]
    return sorted(told, key=lambda card: (URGENCY.index(card.tone), card.word, card.kind, card.key))


def all_subjects(source: LocalSource, plugins: Plugins) -> list[Card]:
    """List what the source has, each with a picture of its bundle; none where it cannot be asked now."""
    try:
        subjects = every_subject(source, plugins)
    except Problem:  # the command that is asked says why
        return []
    return [Card(one.kind, one.key, UNKNOWN, "", _picture(source.bundles, one)) for one in subjects]


def counted(cards: Sequence[Card]) -> dict[str, int]:
    """Count the subjects of each word, in the order of the list."""
    return dict(Counter(card.word for card in cards))


def _card(record: Mapping[str, str]) -> Card:
    kind, _, key = record["subject"].partition(" ")
    return Card(kind, key, record["word"], record["says"], record.get("picture", ""))


def _picture(bundles: Path, subject: Subject) -> str:
    try:
        return first_picture(read_manifest(folder_of(bundles, subject)))
    except (Problem, OSError):  # it was not exported yet
        return ""
