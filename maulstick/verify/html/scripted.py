"""What a page holds and only a script or a form may show: whether visitors see it is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maulstick.verify.html.page import Parsed
from maulstick.verify.html.pictures import LAZY, absolute, value
from maulstick.verify.html.tree import hidden_in, tree_of
from maulstick.verify.words import BLOCK, Words, words_of

UNREAD = ("application/ld+json", "importmap", "speculationrules")
"""Kinds of scripts that no page draws anything of."""
ROOTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, #main-app, #react-root, #ember-app, app-root, "
    "[data-reactroot], [ng-app], [ng-version], [data-v-app], [data-server-rendered=false]"
)
LATER = (
    "turbo-frame[src], include-fragment[src], [hx-trigger*=load], [hx-trigger*=revealed], [wire\\:init], "
    "[data-react-class], [data-controller*=lazy], [data-controller*=load], iframe[srcdoc], "
    "[data-hx-trigger*=load], [data-hx-trigger*=revealed], [hx-trigger*=intersect], [up-defer], "
    "[x-init*=lazyLoad], [x-intersect*=lazyLoad], [data-island-id], [data-phx-loading], .phx-loading, "
    "[aria-busy=true], [role=progressbar], [class*=skeleton i], [class*=spinner i]"
)
"""Parts of a page that it fetches after it has come, and what stands in their place until then."""
WAITS = re.compile(r"(please wait|loading\b[^.…]{0,40})(\.\.\.|…)?", re.IGNORECASE)
"""The words of an element whose content is yet to come."""
EMPTY = 40
"""Letters of what stands on a page while its scripts still work: a name, and "Loading"."""
SHORT = 400
"""Letters of a page that has nothing to say but who may come in."""
TAG = re.compile(r"<[^>]*>")
ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,5})\}|x([0-9a-fA-F]{2}))")
HELD = re.compile(r"id$|class$|role$|aria-|data-|x-|v-|ng-|phx-|wire:|[:@*]")
"""Attributes by which a script finds a hidden element, to show it."""
FIELDS = "input[value]:not([type=hidden i]):not([type=password i]):not([type=checkbox i]):not([type=radio i])"


def scripted_words(page: Parsed) -> Words:
    """Return the words of a page that only a script, a form or a visitor without scripts shows."""
    return words_of(scripted_text(page))


def scripted_text(page: Parsed) -> str:
    """Return all that only a script, a form or a visitor without scripts shows, its tags left out."""
    return TAG.sub(BLOCK, scripted_source(page))


def scripted_source(page: Parsed) -> str:
    """Return the same with its tags."""
    return BLOCK.join(_loose(tree_of(page.html)))


def made_later(page: Parsed) -> str:
    """Return in words that a browser has yet to put a page together, "" where it came whole."""
    tree = tree_of(page.html)
    frames = absolute(page.address, (value(node, "src") for node in tree.css("iframe[src], frame[src]")))
    if any(urlsplit(frame).netloc == urlsplit(page.address).netloc for frame in frames):
        return "a part of the page is a page of its own"
    if not tree.body or not tree.css("script"):
        return ""
    if len(page.text) <= EMPTY or any(map(_is_empty, tree.body.css(ROOTS))):
        return "its scripts make the page"
    later = tree.body.css(LATER) or any(WAITS.fullmatch(leaf.text().strip()) for leaf in _leaves(tree))
    return "it fetches parts of the page later" if later else ""


def is_login_form(page: Parsed) -> bool:
    """Return whether a page is only a form that asks who is there."""
    asks = tree_of(page.html).css("input[type=password i]:not([hidden])")
    return bool(asks) and len(page.text) <= SHORT


def _leaves(tree: LexborHTMLParser) -> list[LexborNode]:
    return [
        node
        for node in tree.css("p, div, span, h1, h2, h3, td, li")
        if all(child.tag == "-text" for child in node.iter(include_text=True))
    ]


def _is_empty(node: LexborNode) -> bool:
    return len(" ".join(node.text().split())) <= EMPTY and not node.css("img")


def _loose(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script"):
        if value(node, "type").lower() not in UNREAD:
            yield _plain(node.text())
    for node in tree.css("noscript, template"):
        yield node.html or ""
    for node in tree.css("textarea, style"):
        yield node.text()
    for node in tree.css(FIELDS):
        yield value(node, "value")
    for node in tree.css("[placeholder]"):
        yield value(node, "placeholder")
    for node in tree.css("iframe[srcdoc]"):
        yield value(node, "srcdoc")
    for node in tree.css("link[as=image i]"):
        yield f"{value(node, 'href')} {value(node, 'imagesrcset')}"
    if tree.css("script"):
        yield from (node.html or "" for node in hidden_in(tree) if any(map(HELD.match, node.attributes)))
    yield from _attributes(tree)


def _attributes(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("*"):
        for name, said in node.attributes.items():
            if said and name.startswith(("data-", "x-", ":", "props", "ng-", "v-")) and not LAZY.match(name):
                yield _plain(said)


def _plain(script: str) -> str:
    """Return the source of a script with what its texts escape."""
    text = ESCAPED.sub(lambda found: chr(int(next(filter(None, found.groups())), 16)), script)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves are one letter
    return text.replace("\\/", "/").replace('\\"', '"').replace("\\n", " ").replace("&quot;", '"')
