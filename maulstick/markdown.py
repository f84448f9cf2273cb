"""The words of a Markdown text as any renderer shows them, paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")
RULE = re.compile(r"^ {0,3}([-*_])(\s*\1){2,}\s*$")
QUOTED = re.compile(r"^ {0,3}(?:> ?)+", re.MULTILINE)
OPENER = re.compile(r"^\s*(?:(?:[-*+]|\d{1,9}[.)])|#{1,6})\s+")
SET_IN = re.compile(r"\n*(?: {4}|\t)")
HEADING = re.compile(r"^ {0,3}#{1,6}\s")
MARKS = (
    (re.compile(r"^(?:\s*(?:[-*+]|\d{1,9}[.)]|#{1,6})\s+)+"), ""),
    (re.compile(r"\s+#+\s*$"), ""),
    (re.compile(r"(?<!!)\[([^\[\]]+)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"\*\*(?=\S)([^*]+?)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"\*(?=\S)([^*]+?)(?<=\S)\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)([^_]+?)(?<=\S)__(?!\w)"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)"), r"\1"),
)
UNSURE = re.compile(r"[\\`*_~^<>\[\]{}|$&#]|https?:|www\.|:\w+:")
"""What renderers differ about: nobody can know what a visitor reads of it."""

PROSE = re.compile(r"[^\W\d_][\w\s,.;!?'\"()%/–—’‘“”…-]*")
"""What all renderers show as it stands if no `_` is in it: it begins with a letter and has no other mark."""


def paragraphs(markdown: str | None) -> tuple[str, ...]:
    """Return the words of each paragraph, heading and item of a list, as a visitor reads them.

    Emphasis and links are read without their marks. What renderers differ about is left out: code, tables,
    HTML, footnotes and any paragraph that holds a mark whose meaning is not certain.
    """
    text = (markdown or "").replace("\r\n", "\n")
    text = QUOTED.sub("", text) if ">" in text else text
    text = FENCED.sub("\n\n", text) if "```" in text or "~~~" in text else text
    found = (_words(block) for block in _blocks(text))
    return tuple(text for text in found if text)


def _words(block: str) -> str:
    """Return what a visitor reads of a block, nothing where that is not certain."""
    if PROSE.fullmatch(block) and "_" not in block and "www." not in block:
        is_even = block.isprintable() and "  " not in block  # an end of a line cannot be printed
        return block.strip(" ") if is_even else " ".join(block.split())
    text = _plain(block)
    return "" if UNSURE.search(text) else text


def _blocks(markdown: str) -> Iterator[str]:
    """Return what is one paragraph each; code that is set in from the margin is left out."""
    for block in re.split(r"\n[ \t]*\n", markdown):
        if SET_IN.match(block):
            continue
        lines: list[str] = []
        for line in block.strip("\n").split("\n"):
            marked = not line[:1].isalpha()
            is_line = marked and _is_line(line)
            if is_line or (marked and OPENER.match(line)) or (lines and HEADING.match(lines[-1])):
                yield "\n".join(lines)
                lines = []
            lines += [] if is_line else [line]
        yield "\n".join(lines)


def _is_line(line: str) -> bool:
    return bool(RULE.match(line) or UNDERLINE.match(line))


def _plain(block: str) -> str:
    text = block
    for mark, kept in MARKS:
        text = mark.sub(kept, text)
    return " ".join(text.split())
