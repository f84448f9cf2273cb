"""A page's elements: as a browser builds them, and which of them it does not draw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

SHADOW = "shadow-root"
"""Stands for a template that a browser opens in its place."""
_TEMPLATE = re.compile(r"<(/?)template\b([^>]*)>", re.IGNORECASE)
_OPEN = re.compile(r"\bshadowrootmode\s*=", re.IGNORECASE)


def tree_of(html: str) -> LexborHTMLParser:
    """Return the elements of a page, those of declared shadow roots in their place."""
    return LexborHTMLParser(_opened(html) if _OPEN.search(html) else html)


def hidden_in(page: LexborHTMLParser | LexborNode) -> list[LexborNode]:
    """Return the elements that no visitor sees; a closed dialog is not among them, a click opens it."""
    found = page.css("[hidden], [style]")
    return [node for node in found if _is_hidden(node)]


def drop(page: LexborHTMLParser | LexborNode, selector: str) -> None:
    """Take out of a page what a CSS selector names, with all that is in it."""
    _drop(page.css(selector))


def drop_hidden(page: LexborHTMLParser | LexborNode) -> None:
    """Take out of a page what no visitor sees."""
    _drop(hidden_in(page))


def above(node: LexborNode | None) -> Iterator[LexborNode]:
    """Return an element and all that it stands in, from the inside out."""
    one = node
    while one is not None:
        yield one
        one = one.parent


def _drop(found: Iterable[LexborNode]) -> None:
    nodes = list(found)
    names = {node.mem_id for node in nodes}
    # What stands in another one goes with it: nothing may be freed twice.
    outermost = [node for node in nodes if names.isdisjoint(one.mem_id for one in above(node.parent))]
    for node in outermost:
        node.decompose()


def _is_hidden(node: LexborNode) -> bool:
    if "hidden" in node.attributes and (node.attributes["hidden"] or "").lower() != "until-found":
        return True
    style: dict[str, str] = {}
    for one in (node.attributes.get("style") or "").lower().split(";"):
        name, _, said = one.partition(":")
        style[name.strip()] = said.replace("!important", "").strip()
    return style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse")


def _opened(html: str) -> str:
    """Return a page with an element of its own for each template that a browser opens."""
    parts, at, opened = [], 0, list[bool]()
    for tag in _TEMPLATE.finditer(html):
        if not tag[1]:
            opened.append(bool(_OPEN.search(tag[2])))
        if opened and opened[-1]:
            parts += [html[at : tag.start()], f"<{tag[1]}{SHADOW}>"]
            at = tag.end()
        if tag[1] and opened:
            opened.pop()
    return "".join([*parts, html[at:]])
