"""Words as a visitor reads them: equal in spite of typography, and found only whole."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

EDGE = "\ue000"
"""Stands in a text where an element begins or ends and no blank is drawn."""
# fmt: off
ALIKE = {
    "‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "…": "...",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "---": "-", "--": "-",
}
# fmt: on
UNDRAWN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class Words:
    """A text in its plain form, and the places in it where an element begins or ends."""

    text: str
    edges: frozenset[int] = frozenset()

    def hold(self, wanted: str) -> bool:
        """Tell whether a text stands here, and not as a part of longer words."""
        plain = fold(wanted)
        at = self.text.find(plain)
        while at >= 0:
            if self._is_whole(at) and self._is_whole(at + len(plain)):
                return True
            at = self.text.find(plain, at + 1)
        return False

    def _is_whole(self, at: int) -> bool:
        """Tell whether no word goes on over a place."""
        around = self.text[max(at - 1, 0) : at + 1]
        return at in self.edges or len(around) < 2 or not around.isalnum()


def words_of(text: str) -> Words:
    """Return the words of a text that has EDGE where an element begins or ends."""
    parts: list[str] = []
    edges, length, blank = [], 0, True
    for part in fold(text).split(EDGE):
        new = part.removeprefix(" ") if blank else part
        parts.append(new)
        length += len(new)
        edges.append(length)
        blank = new.endswith(" ") if new else blank
    return Words("".join(parts), frozenset(edges))


def fold(text: str) -> str:
    """Return a text in its plain form: one kind of blanks, quotes, dashes and accents."""
    plain = unicodedata.normalize("NFC", text).translate(UNDRAWN)
    for one, other in ALIKE.items():
        plain = plain.replace(one, other)
    return " ".join(plain.split())
