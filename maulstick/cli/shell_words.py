"""Words of a command line: read while they are typed, and written so that a shell keeps them whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

TOKEN = re.compile(r"(?:[^\s'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")+", re.DOTALL)
LAST = re.compile(rf"((?:{TOKEN.pattern})?)((?:'[^']*|\"(?:[^\"\\]|\\.)*|\\)?)", re.DOTALL)
PIECE = re.compile(r"\\(.?)|'([^']*)'?|\"((?:[^\"\\]|\\.)*)\"?", re.DOTALL)
BREAKS = re.compile(r"\\.|[:=]")
"""Where bash begins to replace what is typed: behind the last of its own break characters."""
ODD = re.compile(r"[^\w@%+=:,./-]")

NAME = "maulstick"
"""What is typed."""


def split(line: str) -> tuple[list[str], str]:
    """Return the whole words of a line without their quotes, and the last as it is typed so far."""
    words, at = list[str](), 0
    while True:
        at += len(line[at:]) - len(line[at:].lstrip())
        last = LAST.match(line, at)  # it may be empty
        if last is None or last.end() in (at, len(line)):
            return words, line[at:]
        words.append(unquoted(last[0]))
        at = last.end()


def unquoted(word: str) -> str:
    """Return what a word means; a quote that is still open ends with it."""

    def meant(piece: re.Match[str]) -> str:
        if piece[3] is not None:
            return re.sub(r"\\([\\\"$`])", r"\1", piece[3])
        return piece[1] or piece[2] or ""

    return PIECE.sub(meant, word)


def for_bash(typed: str, values: Iterable[str]) -> Iterator[str]:
    """Yield what bash is to put in place of a word as typed so far, for each value that begins like it."""
    begun = unquoted(typed)
    quote = typed[:1] if typed[:1] in ("'", '"') and typed.count(typed[:1]) == 1 else ""
    breaks = [one.end() for one in BREAKS.finditer(typed) if len(one[0]) == 1]
    kept = len(unquoted(typed[: breaks[-1]])) if breaks and not quote else 0
    for value in values:
        if value.startswith(begun) and value.isprintable():
            yield _quoted(value[kept:], quote)


def _quoted(value: str, quote: str) -> str:
    if quote == "'":
        return value.replace("'", "'\\''")
    if quote == '"':
        return re.sub(r"[\\\"$`]", r"\\\g<0>", value)
    return ODD.sub(r"\\\g<0>", value)
