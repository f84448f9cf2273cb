"""Words as a visitor reads them: equal in spite of typography, and found only whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from maulstick.text import drawn

EDGE, BLOCK = "\ue000", "\ue001"
"""Stand in a text where an element begins or ends: one in a line, and one that may have lines of its own."""
BETWEEN = re.compile(f"([ {EDGE}{BLOCK}]+)")
# fmt: off
ALIKE = {
    "‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "…": "...",
    "« ": '"', " »": '"', "«": '"', "»": '"', "〜": "~", "⁄": "/",
    "‹ ": "'", " ›": "'", "‹": "'", "›": "'", "‛": "'", "‟": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "---": "-", "--": "-",
}
# fmt: on
SIGNS = (
    (re.compile(r"\(c\)", re.IGNORECASE), "©"),
    (re.compile(r"\(r\)", re.IGNORECASE), "®"),
    (re.compile(r"\(tm\)", re.IGNORECASE), "™"),
    (re.compile(r"\+-"), "±"),
)
"""What renderers of Markdown make signs of."""
RAISED = re.compile("(?=[™℠¹²³⁰⁴-⁹])")
"""Where a sign stands behind a word: its plain form would be a part of it."""
TIMES = re.compile(r"(?<=\d)( ?)[xX]( ?)(?=\d)")
CUT = "..."
TELLING = 12
"""Letters of a text that stand before the dots that cut it, at the least."""


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
        """Return whether a text stands here, and not as a part of longer words."""
        sought = words_of(wanted)
        at = self.text.find(sought.text)
        while at >= 0:
            if self._is_at(at, sought):
                return True
            at = self.text.find(sought.text, at + 1)
        return False

    def hold_begin(self, wanted: str) -> bool:
        """Return whether a text begins here and is cut short, with dots."""
        sought = words_of(wanted).text
        at = self.text.find(sought[:TELLING]) if len(sought) > TELLING else -1
        while at >= 0:
            end = self.text.find(CUT, at)
            if end >= 0 and sought.startswith(self.text[at:end]) and len(sought) > end - at >= TELLING:
                return True
            at = self.text.find(sought[:TELLING], at + 1)
        return False

    def hold_in_any_case(self, wanted: str) -> bool:
        """Return whether a text stands here in capitals or small letters."""
        text = self.text.lower()
        same = len(text) == len(self.text)
        return same and Words(text, self.blanks, self.edges).hold(wanted.lower())

    def _is_at(self, at: int, sought: Words) -> bool:
        if not (self._is_whole(at) and self._is_whole(at + len(sought.text))):
            return False
        inside = range(1, len(sought.text))
        return all(
            at + place in self.blanks or at + place in self.edges
            if place in sought.blanks
            else at + place not in self.blanks
            for place in inside
        )

    def _is_whole(self, at: int) -> bool:
        """Return whether no word goes on over a place."""
        around = self.text[max(at - 1, 0) : at + 1]
        return at in self.blanks or at in self.edges or len(around) < 2 or not around.isalnum()


def words_of(text: str) -> Words:
    """Return the words of a text that has EDGE and BLOCK where an element begins or ends."""
    parts: list[str] = []
    blanks, edges, length = [], [], 0
    for n, part in enumerate(BETWEEN.split(fold(RAISED.sub(EDGE, _signed(text))))):
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
    plain = drawn(_signed(text))
    for fancy, usual in ALIKE.items():
        plain = plain.replace(fancy, usual)
    return TIMES.sub(r"\1×\2", plain)


def _signed(text: str) -> str:
    for written, sign in SIGNS:
        text = written.sub(sign, text)
    return text


def is_sign(text: str) -> bool:
    """Return whether a text is only one sign, such as an emoji."""
    sign = text.strip()
    return 0 < len(sign) <= 8 and not any(letter.isalnum() or letter.isascii() for letter in sign)
