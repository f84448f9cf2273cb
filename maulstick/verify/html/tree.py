"""A page's elements: as a browser builds them, and which of them it does not draw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from selectolax.lexbor import LexborHTMLParser, LexborNode

SHADOW = "shadow-root"
"""Stands for a template that a browser opens in its place."""
_TEMPLATE = re.compile(r"<(/?)template\b([^>]*)>", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@[^{;]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SPECIAL = re.compile(r"cloak|:|no-?js|dialog|popover", re.IGNORECASE)
"""What a script takes away, or what is a state."""
_OPEN = re.compile(r"\bshadowrootmode\s*=", re.IGNORECASE)


def tree_of(html: str) -> LexborHTMLParser:
    """Return the elements of a page, those of declared shadow roots in their place."""
    return LexborHTMLParser(_opened(html) if _OPEN.search(html) else html)


def hidden_in(page: LexborHTMLParser | LexborNode) -> list[LexborNode]:
    """Return the elements that no visitor sees; a closed dialog is not among them, a click opens it."""
    return [node for node in page.css("[hidden], [style]") if _is_hidden(node)]


def styled_away(page: LexborHTMLParser) -> list[LexborNode]:
    """Return the elements that a page's own styles hide at every width; scripts may show them yet."""
    hidden: list[LexborNode] = []
    for sheet in page.css("style:not([media])"):
        for selectors, style in _RULE.findall(_AT_RULE.sub("", _COMMENT.sub("", sheet.text()))):
            names = selectors.strip()
            if _hides(style) and names and not _SPECIAL.search(names):
                with suppress(Exception):  # a selector that this parser does not know
                    hidden += page.css(names)
    return hidden


def drop(page: LexborHTMLParser | LexborNode, selector: str) -> None:
    """Take out of a page what a CSS selector names, with all that is in it."""
    _drop(page.css(selector))


def drop_hidden(page: LexborHTMLParser) -> None:
    """Take out of a page what no visitor sees."""
    _drop(hidden_in(page))


def drop_styled_away(page: LexborHTMLParser) -> None:
    """Take out of a page what its own styles hide."""
    _drop(styled_away(page))


def above(node: LexborNode | None) -> Iterator[LexborNode]:
    """Yield an element and all that it stands in, from the inside out."""
    while node is not None:
        yield node
        node = node.parent


def _drop(unwanted: Iterable[LexborNode]) -> None:
    nodes = {node.mem_id: node for node in unwanted}
    # What stands in another one goes with it: nothing may be freed twice.
    outermost = [
        node for node in nodes.values() if not any(outer.mem_id in nodes for outer in above(node.parent))
    ]
    for node in outermost:
        node.decompose()


def _is_hidden(node: LexborNode) -> bool:
    if "hidden" in node.attributes and (node.attributes["hidden"] or "").lower() != "until-found":
        return True
    return _hides(node.attributes.get("style") or "")


def _hides(style: str) -> bool:
    said: dict[str, str] = {}
    for declaration in style.lower().split(";"):
        name, _, value = declaration.partition(":")
        said[name.strip()] = value.replace("!important", "").strip()
    return said.get("display") == "none" or said.get("visibility") in ("hidden", "collapse")


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
