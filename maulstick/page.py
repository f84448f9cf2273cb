"""A page as a visitor reads it: its words, its images, and the marks on its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "svg", "textarea", "iframe", "object"})
# fmt: off
INLINE = frozenset(
    {
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt",
        "u", "var", "wbr",
    }
)
VOID = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
        "wbr",
    }
)
# fmt: on
OF_HEAD = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
IMAGE_META = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is on a page; addresses are absolute and in the order of the page, each once.

    `text` is what a visitor reads (closed dialogs and hidden notes too), blanks folded. `marks` holds the
    values of `data-` attributes by name, such as `data-note-anchor`.
    """

    html: str = field(repr=False)
    title: str
    text: str = field(repr=False)
    images: tuple[str, ...]
    sounds: tuple[str, ...]
    marks: Mapping[str, tuple[str, ...]]


def parse(html: bytes, address: str = "") -> Parsed:
    """Return what is on a page that was got from `address`; broken HTML is read as far as it goes."""
    text = html.decode("utf-8-sig", "replace")
    reader = _Reader(address)
    reader.feed(text)
    reader.close()
    return Parsed(
        html=text,
        title=_folded(reader.title),
        text=_folded(reader.words),
        images=tuple(dict.fromkeys(reader.images)),
        sounds=tuple(dict.fromkeys(reader.sounds)),
        marks={name: tuple(values) for name, values in reader.marks.items()},
    )


class _Reader(HTMLParser):
    # The standard parser has no other way to be told what to do than a class of one's own.

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = address
        self.title: list[str] = []
        self.words: list[str] = []
        self.images: list[str] = []
        self.sounds: list[str] = []
        self.marks: dict[str, list[str]] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in reversed(attrs)}  # of two, the first counts
        if self._open and self._open[-1] == "head" and tag not in OF_HEAD:
            self._open.pop()  # a head may end without saying so
        self._take(tag, attributes)
        if tag not in INLINE:
            self.words.append(" ")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and "svg" in self._open:  # elsewhere the slash means nothing
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.words.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title.append(data)
        elif not UNSEEN.intersection(self._open):
            self.words.append(data)

    def _take(self, tag: str, attributes: Attributes) -> None:
        for name, value in attributes.items():
            if name.startswith("data-"):
                self.marks.setdefault(name, []).append(value)
        if tag == "base" and attributes.get("href"):
            self.base = urljoin(self.base, attributes["href"])
        within = next((one for one in reversed(self._open) if one in ("picture", "audio", "video")), "")
        self.images.extend(self._absolute(_images(tag, within, attributes)))
        self.sounds.extend(self._absolute(_sounds(tag, within, attributes)))

    def _absolute(self, values: Iterator[str]) -> Iterator[str]:
        for value in values:
            found = urljoin(self.base, value.strip())
            if value.strip() and not found.startswith(("data:", "blob:")):
                yield found


def _images(tag: str, within: str, attributes: Attributes) -> Iterator[str]:
    if tag == "img":
        yield attributes.get("src", "")
    if tag == "img" or (tag == "source" and within == "picture"):
        yield from _candidates(attributes.get("srcset", ""))
    if tag == "video":
        yield attributes.get("poster", "")
    if tag == "meta" and (attributes.get("property") or attributes.get("name")) in IMAGE_META:
        yield attributes.get("content", "")


def _sounds(tag: str, within: str, attributes: Attributes) -> Iterator[str]:
    if tag in ("audio", "video") or (tag == "source" and within in ("audio", "video")):
        yield attributes.get("src", "")


def _candidates(srcset: str) -> Iterator[str]:
    """Return the addresses of a srcset: a comma ends one only at its end, or after its descriptors."""
    rest = srcset
    while match := re.match(r"[\s,]*(\S+)", rest):
        rest = rest[match.end() :]
        if match[1].endswith(","):
            yield match[1].rstrip(",")
        else:
            yield match[1]
            rest = rest.partition(",")[2]


def _folded(pieces: Sequence[str]) -> str:
    return " ".join("".join(pieces).split())
