"""What a page holds and only a script or a form may show: where a word stands there, nobody can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maulstick.page import Parsed
from maulstick.page_pictures import LAZY, value
from maulstick.page_tree import tree_of
from maulstick.words import BLOCK, Words, words_of

UNREAD = ("application/ld+json", "importmap", "speculationrules")
"""Kinds of scripts that no page draws anything of."""
ROOTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, #main-app, #react-root, #ember-app, app-root, "
    "[data-reactroot], [ng-app], [ng-version], [data-v-app], [data-server-rendered=false]"
)
LATER = (
    "turbo-frame[src], include-fragment[src], [hx-trigger*=load], [hx-trigger*=revealed], [wire\\:init], "
    "[data-react-class], [data-controller*=lazy], iframe[src^='/'], iframe[srcdoc], [data-phx-loading]"
)
"""Parts of a page that it fetches after it has come."""
EMPTY = 40
"""Letters of what stands on a page while its scripts still work: a name, and "Loading"."""
SHORT = 400
"""Letters of a page that has nothing to say but who may come in."""
TAG = re.compile(r"<[^>]*>")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
FIELDS = "input[value]:not([type=hidden i]):not([type=password i]):not([type=checkbox i]):not([type=radio i])"


def loose(page: Parsed) -> Words:
    """Return the words of a page that only a script, a form or a visitor without scripts shows."""
    return words_of(loose_text(page))


def loose_text(page: Parsed) -> str:
    """Return all that only a script, a form or a visitor without scripts shows, its tags left out."""
    return BLOCK.join(TAG.sub(BLOCK, one) for one in _loose(tree_of(page.html)))


def is_unmade(page: Parsed) -> str:
    """Return in words that scripts have yet to make a page, "" where it came whole."""
    tree = tree_of(page.html)
    if not tree.body or not tree.css("script"):
        return ""
    if len(page.text) <= EMPTY or any(_is_empty(one) for one in tree.body.css(ROOTS)):
        return "its scripts make the page"
    return "it fetches parts of the page later" if tree.css(LATER) else ""


def is_form(page: Parsed) -> bool:
    """Tell whether a page is but a form that asks who is there."""
    asks = tree_of(page.html).css("input[type=password i]:not([hidden])")
    return bool(asks) and len(page.text) <= SHORT


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
    for node in tree.css("iframe[srcdoc]"):
        yield value(node, "srcdoc")
    for node in tree.css("link[as=image i][href]"):
        yield value(node, "href")
    yield from _attributes(tree)


def _attributes(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("*"):
        for name, said in node.attributes.items():
            if said and name.startswith(("data-", "x-", ":", "props", "ng-", "v-")) and not LAZY.match(name):
                yield _plain(said)


def _plain(script: str) -> str:
    """Return the source of a script with what its texts escape."""
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), script)
    return text.replace("\\/", "/").replace('\\"', '"').replace("\\n", " ").replace("&quot;", '"')
