"""The addresses by which a page names pictures: its elements', its styles' and those of lazy scripts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

LAZY = re.compile(
    r"data-[\w-]*(src|image|img|picture|photo|poster|bg|background|original|lazy|thumb|large|full)"
)
"""Names of attributes from which scripts take pictures once they come into view."""
SHOWING = ("img", "source", "picture", "video")
OTHERS = ("src", "srcset", "alt", "title", "class", "id", "sizes", "type", "media", "loading", "style")
"""What an element that shows pictures says beside their addresses, or is read anyhow."""
DRAWN = "image, feImage, input[type=image i], object[data], embed[src], [background]"
FROM = ("src", "data", "href", "xlink:href", "background")
URL = re.compile(
    r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|((?:\\[0-9a-f]{1,6}\s?|\\.|[^\"')\s])*))\s*\)", re.IGNORECASE
)
IMAGE_SET = re.compile(r"image-set\(((?:[^()]|\([^()]*\))*)\)", re.IGNORECASE)
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))")
UNKNOWN = "\ufffd"
"""What a browser reads for a character that does not exist."""
PORTS = {"http": ":80", "https": ":443"}
"""Ports that an address may name or leave out."""
INLINED = re.compile(r"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=%]{1000,})", re.IGNORECASE)
IMPORT = re.compile(
    r"@import\s+(?:\"([^\"]*)\"|'([^']*)'|url\(\s*[\"']?([^\"')]*)[\"']?\s*\))", re.IGNORECASE
)


def pictures_of(node: LexborNode) -> Iterator[str]:
    """Yield the addresses that an img, a source or a video names."""
    if node.tag == "video":
        yield value(node, "poster")
    else:
        yield value(node, "src")
        yield from candidates(value(node, "srcset"))


def drawn_pictures(page: LexborHTMLParser) -> Iterator[str]:
    """Yield the addresses of pictures that are shown otherwise: by styles, scripts and drawings."""
    for node in page.css(DRAWN):
        yield from (value(node, name) for name in FROM)
    for node in page.css("*"):
        for name, said in node.attributes.items():
            if name == "style":
                yield from styled(said or "")
            elif _is_taken(node, name):
                yield from styled(said or "") if "(" in (said or "") else candidates(said or "")
    for node in page.css("style"):
        yield from styled(node.text())


def _is_taken(node: LexborNode, name: str) -> bool:
    """Return whether a script may take a picture from an attribute; it may name its own elements freely."""
    if node.tag in SHOWING:
        return name not in OTHERS
    return bool(LAZY.match(name)) or ("-" in (node.tag or "") and name in (*FROM, "src", "srcset", "poster"))


def inlined(html: str) -> Iterator[bytes]:
    """Yield the pictures that a page holds itself, in addresses of `data:`."""
    for picture in INLINED.finditer(html):
        with suppress(ValueError):
            yield base64.b64decode(unquote(picture[1]))


def styled(css: str) -> Iterator[str]:
    """Yield the addresses that a style names."""
    yield from map(_unescaped, URL.finditer(css))
    for chosen in IMAGE_SET.finditer(css):
        yield from map(_unescaped, QUOTED.finditer(chosen[1]))


def imported(css: str) -> Iterator[str]:
    """Yield the addresses of the style sheets that a style sheet brings."""
    yield from map(_unescaped, IMPORT.finditer(css))


def sheets(page: LexborHTMLParser) -> Iterator[str]:
    """Yield the addresses of a page's style sheets."""
    for node in page.css("link[href]"):
        says = value(node, "rel").lower().split()
        if "stylesheet" in says or ("preload" in says and value(node, "as").lower() == "style"):
            yield value(node, "href")
    for node in page.css("style"):
        yield from imported(node.text())


def candidates(srcset: str) -> Iterator[str]:
    """Yield the addresses of a srcset: a comma ends one only at its end, or after its descriptors."""
    rest = srcset
    while match := re.match(r"[\s,]*(\S+)", rest):
        rest = rest[match.end() :]
        if match[1].endswith(","):
            yield match[1].rstrip(",")
        else:
            yield match[1]
            rest = rest.partition(",")[2]


def based(page: LexborHTMLParser, address: str) -> str:
    """Return the address that relative ones of a page are read against."""
    moved = page.css_first("base[href]")
    return next(iter(absolute(address, [value(moved, "href")])), address) if moved else address


def plain(address: str) -> str:
    """Return an address unquoted, without query, fragment and usual port, its host in small letters."""
    parts = urlsplit(address)
    server = parts.netloc.lower().removesuffix(PORTS.get(parts.scheme, "\n"))
    return f"{parts.scheme}://{server}{unquote(parts.path)}"


def absolute(at: str, values: Iterable[str]) -> tuple[str, ...]:
    """List addresses as a page at `at` means them, each once; those of no server are left out."""
    addresses = dict.fromkeys(_joined(at, value.strip()) for value in values if value.strip())
    return tuple(url for url in addresses if url and urlsplit(url).scheme in ("", "http", "https"))


def value(node: LexborNode, name: str) -> str:
    """Return an attribute of an element, "" where it has none."""
    return node.attributes.get(name) or ""


def _unescaped(quoted: re.Match[str]) -> str:
    text = next((group for group in quoted.groups() if group), "")
    return ESCAPED.sub(lambda escape: _numbered(int(escape[1], 16)) if escape[1] else escape[2], text)


def _numbered(number: int) -> str:
    exists = 0 < number < 0xD800 or 0xDFFF < number < 0x110000
    return chr(number) if exists else UNKNOWN


def _joined(at: str, value: str) -> str:
    try:
        path, mark, query = value.partition("?")
        joined = urljoin(at, path.replace("\\", "/") + mark + query)  # to browsers it is a slash
        urlsplit(joined)
    except ValueError:  # such as "http://["
        return ""
    return joined
