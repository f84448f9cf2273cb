"""The documents as tests read them: blocks, headings, links, recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:invoke|maulstick) [^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SAVED = re.compile(r"[Ss]ave\s+(?:this|it|the\s+whole)\s+as\s+`([\w./]+)`[^`]*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the file that the text before it says to save it as."""

    language: str
    text: str
    saved_as: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A command of a recording, with what it is said to print."""

    command: str
    printed: str


def page(name: str) -> Path:
    """Return a page by its name."""
    return next(path for path in PAGES if path.name == name)


def blocks(path: Path, *languages: str) -> list[Block]:
    """Return the fenced blocks of these languages, in the order of the page."""
    text = path.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        if match[2] in languages:
            saved = SAVED.search(text[: match.start()])
            lines = [line.removeprefix(match[1]) for line in match[3].splitlines(keepends=True)]
            found.append(Block(match[2], "".join(lines), saved[1] if saved else ""))
    return found


def typed(block: Block) -> Iterator[Typed]:
    """Return the commands of a console block."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield Typed(command, printed)


def commands(path: Path) -> list[str]:
    """Return every command line of a page: of its sh and console blocks, and within its sentences."""
    shell = [line for block in blocks(path, "sh") for line in block.text.splitlines()]
    recorded = [one.command for block in blocks(path, "console") for one in typed(block)]
    return [*shell, *recorded, *INLINE.findall(_without_blocks(path))]


def headings(path: Path) -> list[str]:
    """Return the titles of a page's sections."""
    return re.findall(r"^#{1,4} (.+)$", _without_blocks(path), re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's sections, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(path)}


def links(path: Path) -> list[str]:
    """Return the links of a page that stay in the repository."""
    return [link for link in LINK.findall(_without_blocks(path)) if "://" not in link]


def table(path: Path, title: str) -> list[Sequence[str]]:
    """Return the rows of the table under a heading, without its own heading."""
    part = re.split(rf"^#+ {re.escape(title)}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    lines = re.split(r"^#", part, flags=re.MULTILINE)[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def _without_blocks(path: Path) -> str:
    return BLOCK.sub("", path.read_text(encoding="utf-8"))
