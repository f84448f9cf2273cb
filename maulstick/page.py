"""A page as a visitor reads it: its words, its pictures, its links and the marks on its elements."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maulstick.words import EDGE, Words, words_of

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
PICTURES = "img, picture source, video[poster]"
UNDRAWN = ("display:none", "display: none", "visibility:hidden", "visibility: hidden")
HIDDEN = ", ".join(["[hidden]", *(f'[style*="{style}" i]' for style in UNDRAWN)])
"""What no visitor sees; a closed dialog is not among it, since a click opens it."""
CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
MARKED = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252"}
"""What browsers read in the place of a charset that a page names."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is on a page; addresses are absolute and in the order of the page, each once.

    `text` is what a visitor reads (closed dialogs and hidden notes too), blanks folded. `social` are the
    pictures that others show beside a link to the page, as they stand there. `links` have no fragments.
    `marks` holds the values of `data-` attributes by name, such as `data-note-anchor`.
    """

    html: str = field(repr=False)
    title: str
    text: str = field(repr=False)
    images: tuple[str, ...]
    social: tuple[str, ...]
    sounds: tuple[str, ...]
    links: tuple[str, ...]
    marks: Mapping[str, tuple[str, ...]]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a page: the words in it, and whether a visitor sees it without a click.

    `text` holds the words of hidden parts too. `files` are the addresses of the pictures and sounds in it,
    absolute, neither quoted nor with a query.
    """

    text: str
    visible: bool
    files: tuple[str, ...]


def parse(html: bytes, address: str = "", charset: str = "") -> Parsed:
    """Return what is on a page that was got from `address`, read as a browser reads it.

    `charset` is what the answer's header names; without one the page's own counts, else UTF-8.
    """
    text = _decoded(html, charset)
    page = LexborHTMLParser(text)
    at = based(page, address)
    social = [_value(node, "content") for node in page.css("meta[content]") if _is_social(node)]
    title = page.css_first("head title")
    return Parsed(
        html=text,
        address=address,
        title=_folded(title.text()) if title else "",
        images=_absolute(at, (one for node in page.css(PICTURES) for one in _pictures(node))),
        social=tuple(dict.fromkeys(filter(None, social))),
        sounds=_absolute(at, (_value(node, "src") for node in page.css(SOUNDS))),
        links=_absolute(at, (_value(node, "href").partition("#")[0] for node in page.css("a[href]"))),
        marks=_marks(page),
        text=_folded(_drawn(page.body).text()) if page.body else "",
    )


def seen(page: Parsed) -> Words:
    """Return the words of a page that a visitor sees, closed dialogs too; hidden elements are not read."""
    tree = LexborHTMLParser(page.html)
    drop(tree, HIDDEN)
    return words_of(_drawn(tree.body, edge=EDGE).text()) if tree.body else Words("")


def elements(page: Parsed, selector: str) -> tuple[Element, ...]:
    """Return the elements of a page that a CSS selector names."""
    tree = LexborHTMLParser(page.html)
    if tree.body is None:
        return ()
    at, body = based(tree, page.address), _drawn(tree.body)
    hidden = {node.mem_id for node in body.css(HIDDEN)}
    return tuple(
        Element(
            text=_folded(node.text()),
            visible=hidden.isdisjoint(one.mem_id for one in above(node)),
            files=tuple(plain(address) for address in _absolute(at, _files(node))),
        )
        for node in body.css(selector)
    )


def drop(page: LexborHTMLParser | LexborNode, selector: str) -> None:
    """Take out of a page what a CSS selector names, with all that is in it."""
    found = page.css(selector)
    names = {node.mem_id for node in found}
    # What stands in another one goes with it: nothing may be freed twice.
    outermost = [node for node in found if names.isdisjoint(one.mem_id for one in above(node.parent))]
    for node in outermost:
        node.decompose()


def above(node: LexborNode | None) -> Iterator[LexborNode]:
    """Return an element and all that it stands in, from the inside out."""
    one = node
    while one is not None:
        yield one
        one = one.parent


def shown_by(node: LexborNode, at: str) -> tuple[str, ...]:
    """Return the absolute addresses that an element may show as its picture."""
    return _absolute(at, _pictures(node))


def based(page: LexborHTMLParser, address: str) -> str:
    """Return the address that relative ones of a page are read against."""
    moved = page.css_first("base[href]")
    return urljoin(address, _value(moved, "href")) if moved else address


def plain(address: str) -> str:
    """Return an address unquoted, without query and fragment, its host in small letters."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}{unquote(parts.path)}"


def _decoded(html: bytes, charset: str) -> str:
    for mark, name in MARKED.items():
        if html.startswith(mark):
            return html.decode(name, "replace")
    said = CHARSET.search(html[:1024])
    try:
        name = codecs.lookup(charset or (said[1].decode() if said else "utf-8")).name
        return html.decode(BROWSERS.get(name, name), "replace")
    except LookupError:
        return html.decode("utf-8", "replace")


def _drawn(body: LexborNode, edge: str = "") -> LexborNode:
    """Return the body with a blank around each block, and `edge` around what stands in a line."""
    drop(body, UNSEEN)
    for node in body.css("*"):
        around = edge if node.tag in INLINE else " "
        if around and node.parent is not None:
            node.insert_before(around)
            node.insert_after(around)
    return body


def _marks(page: LexborHTMLParser) -> Mapping[str, tuple[str, ...]]:
    marks: dict[str, list[str]] = {}
    for node in page.css("*"):
        for name, value in node.attributes.items():
            if name.startswith("data-"):
                marks.setdefault(name, []).append(value or "")
    return {name: tuple(values) for name, values in marks.items()}


def _pictures(node: LexborNode) -> Iterator[str]:
    if node.tag == "video":
        yield _value(node, "poster")
    else:
        yield _value(node, "src")
        yield from _candidates(_value(node, "srcset"))


def _files(node: LexborNode) -> Iterator[str]:
    for one in node.css(PICTURES):
        yield from _pictures(one)
    for one in node.css(SOUNDS):
        yield _value(one, "src")


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
