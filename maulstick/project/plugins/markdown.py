"""The words of a Markdown text as every renderer shows them, paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LINE = r"[^\W\d_][\w \t,.;!?'\"()%/–—’‘“”…-]*"
PROSE = re.compile(rf"(?:{LINE}(?:\n[ \t]*)*\n)*{LINE}\s*")
"""Text that needs no parser unless it has a `_`: each line begins with a letter, none has any markup."""

SURE, CUT, TAG = "\x01", "\x02", "\x03"
"""Marks below each character: shown by all renderers, shown differently by some, part of HTML."""
ESCAPED = frozenset(r"\`*_{}[]()#+-.!>")
"""Characters that a backslash escapes in every dialect; before others some show the backslash."""
HTML = re.compile(rf"\S*(?:{TAG}.*{TAG}\S*|{TAG}\S*|<(?=[A-Za-z/!?]).*)", re.DOTALL)
UNSURE = re.compile(
    rf"""
      [{CUT}{TAG}]+\S* | \\$
    | ^:{{3,}}.*                                     # a container
    | (?s:^\*?\[[^\[\]]*\]:.*)                       # a footnote, an abbreviation
    | ^(?:[-*+:>]|\d{{1,9}}[.)])(?!\S) | ^\#+        # a list or a heading that may go on the line before
    | \#+[ \t]*$ | ^[=-]+[ \t]*$
    | \$\$[^$]*\$\$ | \$(?=\S)[^$]*(?<=\S)\$(?!\d)   # a formula, but not "from $5 to $6"
    | \{{[^{{}}]*\}}? | \}} | \|                     # attributes, templates, cells
    | :\w+: | \S*(?:https?:|www\.)\S*                   # an emoji, an address that may be embedded
    | !?\[[^\[\]]*\](?:\[[^\[\]]*\]|\([^()]*\)?)     # a link to what is defined elsewhere, or with blanks
    | \[\^[^\]]*\] | \[\[[^\]]*\]\] | \[[ xX]\] | \[![A-Z]+\]
    | \^+\S* | [*_~]+(?=\S) | (?<=\S)[*_~]+ | `+            # emphasis in one dialect, a sign in another
    """,
    re.MULTILINE | re.VERBOSE,
)
"""Where renderers differ, so that what a visitor reads is unknown."""


def paragraphs(markdown: str | None) -> tuple[str, ...]:
    """Return the words of each paragraph, heading, cell and item of a list, as a visitor reads them.

    Emphasis and links lose their markup, entities become characters. What renderers show differently is left
    out: blocks of code, HTML, pictures, footnotes, formulas. A paragraph that has some is returned in parts.
    """
    text = (markdown or "").replace("\r\n", "\n")
    if PROSE.fullmatch(text) and "_" not in text and "www." not in text:
        parts = re.split(r"\n\s*\n", text)
    else:
        parts = [part for token in _parser().parse(text) if token.children for part in _parts(token)]
    return tuple(filter(None, (" ".join(part.split()) for part in parts)))


@cache
def _parser() -> MarkdownIt:
    """Return a parser that keeps apart what was escaped and what was not."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("text_join")


def _parts(block: Token) -> Iterator[str]:
    """List the parts of a block that all renderers show alike."""
    line_end = CUT if "\\\n" in block.content else " "  # some show the backslash that ends a line
    pairs = [_read(token, line_end) for token in block.children or ()]
    text = "".join(words for words, _ in pairs)
    marks = HTML.sub(lambda match: TAG * len(match[0]), "".join(marks for _, marks in pairs))
    ends = [end for match in UNSURE.finditer(marks) for end in match.span()]
    parts = (text[begin:end] for begin, end in zip([0, *ends[1::2]], [*ends[::2], len(text)], strict=True))
    return (part for part in parts if not ends or any(sign.isalnum() for sign in part))


def _read(token: Token, line_end: str) -> tuple[str, str]:
    """Read the words of a token and, character by character, how renderers treat them."""
    words = token.content
    match token.type:
        case "text":
            return words, words
        case "softbreak" | "hardbreak":
            return " \n", f"{line_end if token.type == 'hardbreak' else ' '}\n"
        case "code_inline":
            return words, SURE * len(words)
        case "text_special":
            escaped = token.info == "escape" and words != token.markup
            unsure = TAG if words == "<" else CUT
            return words, unsure if escaped and words not in ESCAPED else SURE * len(words)
        case "html_inline":
            return " ", TAG
        case "image":
            return " ", CUT
        case _:
            return "", ""
