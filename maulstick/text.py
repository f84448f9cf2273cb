"""Counts, sizes, lists and long lines as people read and write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from textwrap import wrap

SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?(?:([KMGT])(i)?)?B", re.IGNORECASE)

LAST_WORD = re.compile(r"(?:(?<![^\W_])[a-z]|[A-Z])[a-z]{2,}s\Z")
VOWEL = re.compile(r"[aeiouy]")
PLURALS = {
    "ities": "ity",
    "tries": "try",
    "gories": "gory",
    "ncies": "ncy",
    "leries": "lery",
    "ddresses": "ddress",
    "rocesses": "rocess",
    "classes": "class",
    "photos": "photo",
    "videos": "video",
}
"""Endings of plurals that lose more than an "s", or that are kept otherwise, with those of the singular."""
NO_PLURALS = (
    *("ss", "us", "is", "as", "os", "ics", "ies", "ses", "xes", "zes", "hes", "oes", "ves", "aes"),
    *("dices", "lices", "tices", "trices", "ores", "ones", "ades", "ales", "gens"),
    *("news", "lens", "goods"),
)
"""Endings of words that are not plurals, or whose singular needs a dictionary."""

UNDRAWN = dict.fromkeys(
    [
        *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x206A),
        *range(0xFE00, 0xFE10),
    ]
)
"""Characters that nobody sees: joiners, marks of direction and of variants."""
DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that turn the direction of all text after them; text of either direction needs none."""
CONTROLS = {
    code: None for code in (*range(0x20), *range(0x7F, 0xA0), *DIRECTIONS) if code not in (0x09, 0x0A)
}


def printable(text: str) -> str:
    """Return a text without the control characters that would move a terminal's cursor or turn its lines."""
    return text.translate(CONTROLS)


def one_line(text: str) -> str:
    """Return a name that fits in a line: characters that cannot be seen are escaped as Python does."""
    return text if text.isprintable() else repr(text)[1:-1]


def drawn(text: str) -> str:
    """Return a text as it looks: é as one character, blanks folded, and nothing that nobody sees."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(UNDRAWN).split())


def amount(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `4 files`; one that ends in "s" stays."""
    return f"{count} {noun}" if count == 1 or noun.endswith("s") else f"{count} {noun}s"


def row_amount(count: int, table: str) -> str:
    """Return a count with a table's name: `4 authors`, `1 author`; one that may be no plural stays."""
    return f"{count} {singular(table) if count == 1 else table}"


def singular(table: str) -> str:
    """Return a table's name in the singular, or as it is where the last word may be no English plural."""
    word = LAST_WORD.search(table)
    if word is None or not VOWEL.search(word[0]):
        return table
    for plural, ending in PLURALS.items():
        if word[0].endswith(plural):
            return table.removesuffix(plural) + ending
    return table if word[0].endswith(NO_PLURALS) else table.removesuffix("s")


def lines(texts: Iterable[str]) -> str:
    """Return texts as indented lines below a message."""
    return "".join(f"\n    {text}" for text in texts)


def at_most(
    most: int, texts: Iterable[str], more: str = "and {} more", *, total: int | None = None
) -> list[str]:
    """Return the first texts, then how many more there are: of `total`, where `texts` lacks the rest."""
    rest = iter(texts)
    first = [*islice(rest, most)]
    left = sum(1 for _ in rest) if total is None else total - len(first)
    return [*first, more.format(left)] if left > 0 else first


def hanging(text: str, width: int, *, at: int = 0, indent: int | None = None) -> str:
    """Return text in lines of at most `width` columns, 0 for any; what is wrapped is indented below its line.

    `at` columns of the first line are taken. A word is never cut, and a line that shows an option of a
    command stays whole: people copy it.
    """
    return "\n".join(_hung(line, width, at=at, indent=indent) for line in text.split("\n"))


def _hung(line: str, width: int, *, at: int, indent: int | None) -> str:
    if not width or at + len(line) <= width or " --" in line:
        return line
    start = len(line) - len(line.lstrip())
    wrapped = wrap(
        line.lstrip(),
        width,
        initial_indent=" " * (at + start),
        subsequent_indent=" " * (start + 2 if indent is None else indent),
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapped)[at:]


def size_text(count: int) -> str:
    """Return a number of bytes as people write it: `14 bytes`, `1.7 MB`; a thousand bytes are 1.0 kB."""
    from rich.filesize import decimal

    text = decimal(count)
    return decimal(int(float(f"{count:.3g}"))) if text.startswith("1,000.0") else text


def size_of(text: str) -> int:
    """Return the bytes that a text such as `5 GB` or `500 MiB` means, 0 where it is not a size."""
    parts = SIZE.fullmatch(text)
    if parts is None:
        return 0
    power = " KMGT".index((parts[2] or " ").upper())
    return int(Decimal(parts[1]) * (1024 if parts[3] else 1000) ** power)
