"""A page as a visitor reads it: its words, its pictures, its links and the marks on its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib import encoding

from maulstick.verify.html.pictures import absolute, based, drawn_pictures, pictures_of, plain, sheets, value
from maulstick.verify.html.tree import above, drop, drop_hidden, drop_styled_away, hidden_in, tree_of
from maulstick.verify.words import BLOCK, EDGE, Words, is_sign, words_of

# fmt: off
UNSEEN = (
    "script, style, template, noscript, textarea, iframe, object, head, datalist, rt, rp, annotation, "
    "annotation-xml, svg title, svg desc, svg metadata, svg defs, svg symbol"
)
"""What is not read with the words around it."""
INLINE = frozenset(
    {
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
        "kbd", "label", "mark", "q", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
        "tt", "u", "var", "wbr", "-text", "tspan", "math", "mi", "mn", "mo", "mrow", "ms", "mtext",
    }
)
# fmt: on
SOCIAL = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
SOUNDS = "audio[src], video[src], audio source[src], video source[src]"
PICTURES = "img, picture source, video[poster]"
REFRESH = re.compile(
    r"\s*([0-9]+)(?:\.[0-9.]*)?\s*[;,]\s*(?:url\s*=)?\s*[\"']?([^\"']+)[\"']?", re.IGNORECASE
)
SOON = 3
"""Seconds in which nobody has read a page that leads elsewhere by itself."""
HEAD, WINDOW = 1 << 16, 3000
"""Bytes of a page in which its charset is looked for, and those of one look: w3lib looks into 4096."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is on a page; addresses are absolute and in the order of the page, each once.

    `text` is what a visitor reads (closed dialogs and hidden notes too), blanks folded. `social` are the
    pictures that others show beside a link to the page, as they stand there. `links` have no fragments.
    `marks` holds the values of `data-` attributes by name, such as `data-note-anchor`. `drawn` are the
    addresses of pictures that styles, scripts and drawings show, `sheets` those of its style sheets.
    `leads_to` is where the page leads by itself before anybody has read it, "" for nowhere.
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
    drawn: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class PageElement:
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
    page = tree_of(text)
    at = based(page, address)
    metas = [(value(node, "property") or value(node, "name"), node) for node in page.css("meta[content]")]
    social = [value(node, "content") for name, node in metas if name in SOCIAL]
    title = page.css_first("head title")
    return Parsed(
        html=text,
        address=address,
        title=_folded(title.text()) if title else "",
        images=absolute(at, (address for node in page.css(PICTURES) for address in pictures_of(node))),
        social=tuple(dict.fromkeys(filter(None, social))),
        sounds=absolute(at, (value(node, "src") for node in page.css(SOUNDS))),
        links=absolute(at, (value(node, "href").partition("#")[0] for node in page.css("a[href]"))),
        marks=_marks(page),
        drawn=absolute(at, drawn_pictures(page)),
        sheets=absolute(at, sheets(page)),
        leads_to=_leads_to(page, at),
        text=_folded(_drawn(page.body, "", " ").text()) if page.body else "",
    )


def seen(page: Parsed) -> Words:
    """Return the words of a page that a visitor sees, closed dialogs too; hidden elements are not read."""
    tree = tree_of(page.html)
    drop_hidden(tree)
    return words_of(_drawn(tree.body, EDGE, BLOCK).text()) if tree.body else Words("")


def plainly_seen(page: Parsed) -> Words:
    """Return the words of a page that neither an attribute nor a style of the page itself hides."""
    tree = tree_of(page.html)
    drop_styled_away(tree)
    drop_hidden(tree)
    return words_of(_drawn(tree.body, EDGE, BLOCK).text()) if tree.body else Words("")


def elements(page: Parsed, selector: str) -> tuple[PageElement, ...]:
    """Return the elements of a page that a CSS selector names."""
    tree = tree_of(page.html)
    if tree.body is None:
        return ()
    at, body = based(tree, page.address), _drawn(tree.body, "", " ")
    hidden = {node.mem_id for node in hidden_in(body)}
    return tuple(
        PageElement(
            text=_folded(node.text()),
            visible=hidden.isdisjoint(outer.mem_id for outer in above(node)),
            files=tuple(plain(address) for address in absolute(at, _files(node))),
        )
        for node in body.css(selector)
    )


def shown_by(node: LexborNode, at: str) -> tuple[str, ...]:
    """List the absolute addresses that an element may show as its picture."""
    return absolute(at, pictures_of(node))


def _decoded(html: bytes, charset: str) -> str:
    """Return a page's text by its mark, else by its header, else by what it says itself."""
    marked, mark = encoding.read_bom(html)
    if marked and mark:
        return encoding.to_unicode(html[len(mark) :], marked)
    with suppress(LookupError, UnicodeError):  # codecs of Python's that are no charset
        if name := encoding.resolve_encoding(charset) or _declared(html):
            return encoding.to_unicode(html, name)
    try:
        return html.decode()
    except UnicodeError:
        return encoding.to_unicode(html, "cp1252")


def _declared(html: bytes) -> str:
    """Return the charset that a page names; one that names UTF-16 in letters of one byte is UTF-8."""
    looks = (html[at : at + 4096] for at in range(0, min(len(html), HEAD), WINDOW))
    charset = next(filter(None, map(encoding.html_body_declared_encoding, looks)), "")
    return "utf-8" if charset.startswith("utf-16") else charset


def _drawn(body: LexborNode, edge: str, block: str) -> LexborNode:
    """Return the body with `block` around each block, and `edge` around what stands in a line."""
    drop(body, UNSEEN)
    for node in body.css("img[alt]"):
        if is_sign(value(node, "alt")):  # an emoji, that a script made a picture of
            node.insert_before(value(node, "alt"))
    for node in body.css("*"):
        around = edge if node.tag in INLINE else block
        if around and node.parent is not None:
            node.insert_before(around)
            node.insert_after(around)
    return body


def _leads_to(page: LexborHTMLParser, at: str) -> str:
    for node in page.css("meta[http-equiv]"):
        if value(node, "http-equiv").lower() != "refresh" or any(
            outer.tag == "noscript" for outer in above(node)
        ):
            continue
        said = REFRESH.fullmatch(value(node, "content").strip())
        if said and int(said[1]) <= SOON:
            return next(iter(absolute(at, [said[2].partition("#")[0]])), "")
    return ""


def _marks(page: LexborHTMLParser) -> Mapping[str, tuple[str, ...]]:
    marks: dict[str, list[str]] = {}
    for node in page.css("*"):
        for name, said in node.attributes.items():
            if name.startswith("data-"):
                marks.setdefault(name, []).append(said or "")
    return {name: tuple(values) for name, values in marks.items()}


def _files(node: LexborNode) -> Iterator[str]:
    for picture in node.css(PICTURES):
        yield from pictures_of(picture)
    for sound in node.css(SOUNDS):
        yield value(sound, "src")


def _folded(text: str) -> str:
    return " ".join(text.split())
