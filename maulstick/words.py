"""Words as a visitor reads them: equal in spite of typography, and found only whole."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

EDGE, BLOCK = "\ue000", "\ue001"
"""Stand in a text where an element begins or ends: one in a line, and one that may have lines of its own."""
BETWEEN = re.compile(f"([ {EDGE}{BLOCK}]+)")
# fmt: off
ALIKE = {
    "‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "…": "...",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "---": "-", "--": "-",
}
# fmt: on
UNDRAWN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class Words:
    """A text in its plain form without its blanks, and between which of its characters there is what.

    At `blanks` stands a blank; at `edges` an element begins or ends, and only a browser knows whether it
    draws one there.
    """

    text: str
    blanks: frozenset[int] = frozenset()
    edges: frozenset[int] = frozenset()

    def hold(self, wanted: str) -> bool:
        """Tell whether a text stands here, and not as a part of longer words."""
        sought = words_of(wanted)
        at = self.text.find(sought.text)
        while at >= 0:
            if self._is_at(at, sought):
                return True
            at = self.text.find(sought.text, at + 1)
        return False

    def _is_at(self, at: int, sought: Words) -> bool:
        if not (self._is_whole(at) and self._is_whole(at + len(sought.text))):
            return False
        inside = range(1, len(sought.text))
        return all(
            at + one in self.blanks or at + one in self.edges
            if one in sought.blanks
            else at + one not in self.blanks
            for one in inside
        )

    def _is_whole(self, at: int) -> bool:
        """Tell whether no word goes on over a place."""
        around = self.text[max(at - 1, 0) : at + 1]
        return at in self.blanks or at in self.edges or len(around) < 2 or not around.isalnum()


def words_of(text: str) -> Words:
    """Return the words of a text that has EDGE and BLOCK where an element begins or ends."""
    parts: list[str] = []
    blanks, edges, length = [], [], 0
    for n, part in enumerate(BETWEEN.split(fold(text))):
        if n % 2 == 0:
            parts.append(part)
            length += len(part)
        elif BLOCK in part or " " not in part:  # no blank is drawn at the edge of a block
            edges.append(length)
        else:
            blanks.append(length)
    return Words("".join(parts), frozenset(blanks), frozenset(edges))


def fold(text: str) -> str:
    """Return a text in its plain form: one kind of blanks, quotes, dashes and accents."""
    plain = unicodedata.normalize("NFC", text).translate(UNDRAWN)
    for one, other in ALIKE.items():
        plain = plain.replace(one, other)
    return " ".join(plain.split())
