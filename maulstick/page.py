"""A page as a visitor reads it: its words, its pictures, its links and the marks on its elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSEEN = "script, style, template, noscript, svg, textarea, iframe, object, head"
# fmt: off
INLINE = frozenset(
    {
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt",
        "u", "var", "wbr", "-text",
    }
)
# fmt: on
SOCIAL = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
SOUNDS = "audio[src], video[src], audio source[src], video source[src]"
PICTURES = "meta[content], img, picture source, video[poster]"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is on a page; addresses are absolute and in the order of the page, each once.

    `text` is what a visitor reads (closed dialogs and hidden notes too), blanks folded. `social` are the
    pictures that others show beside a link to the page, as they stand there; they are among `images`.
    `links` have no fragments. `marks` holds the values of `data-` attributes by name, such as
    `data-note-anchor`.
    """

    html: str = field(repr=False)
    title: str
    text: str = field(repr=False)
    images: tuple[str, ...]
    social: tuple[str, ...]
    sounds: tuple[str, ...]
    links: tuple[str, ...]
    marks: Mapping[str, tuple[str, ...]]


def parse(html: bytes, address: str = "") -> Parsed:
    """Return what is on a page that was got from `address`, read as a browser reads it."""
    text = html.decode("utf-8-sig", "replace")
    page = LexborHTMLParser(text)
    moved = page.css_first("base[href]")
    at = urljoin(address, _value(moved, "href")) if moved else address
    social = [_value(node, "content") for node in page.css("meta[content]") if _is_social(node)]
    title = page.css_first("head title")
    return Parsed(
        html=text,
        title=_folded(title.text()) if title else "",
        images=_absolute(at, (one for node in page.css(PICTURES) for one in _pictures(node))),
        social=tuple(dict.fromkeys(filter(None, social))),
        sounds=_absolute(at, (_value(node, "src") for node in page.css(SOUNDS))),
        links=_absolute(at, (_value(node, "href").partition("#")[0] for node in page.css("a[href]"))),
        marks=_marks(page),
        text=_words(page),
    )


def _words(page: LexborHTMLParser) -> str:
    """Return the words of a page's body; what is drawn as a block is a word of its own."""
    body = page.body
    if body is None:
        return ""
    for node in body.css(UNSEEN):
        node.decompose()
    for node in body.css("*"):
        if node.tag not in INLINE and node.parent is not None:
            node.insert_before(" ")
            node.insert_after(" ")
    return _folded(body.text())


def _marks(page: LexborHTMLParser) -> Mapping[str, tuple[str, ...]]:
    marks: dict[str, list[str]] = {}
    for node in page.css("*"):
        for name, value in node.attributes.items():
            if name.startswith("data-"):
                marks.setdefault(name, []).append(value or "")
    return {name: tuple(values) for name, values in marks.items()}


def _pictures(node: LexborNode) -> Iterator[str]:
    if node.tag == "meta":
        yield from [_value(node, "content")] if _is_social(node) else ()
    elif node.tag == "video":
        yield _value(node, "poster")
    else:
        yield _value(node, "src")
        yield from _candidates(_value(node, "srcset"))


def _is_social(node: LexborNode) -> bool:
    return (_value(node, "property") or _value(node, "name")) in SOCIAL


def _value(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _absolute(at: str, values: Iterable[str]) -> tuple[str, ...]:
    found = [_joined(at, value.strip()) for value in values if value.strip()]
    return tuple(dict.fromkeys(one for one in found if one and urlsplit(one).scheme in ("", "http", "https")))


def _joined(at: str, value: str) -> str:
    try:
        return urljoin(at, value)
    except ValueError:  # such as "http://["
        return ""


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


def _folded(text: str) -> str:
    return " ".join(text.split())
