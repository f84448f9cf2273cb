"""Which texts and pictures of a page stand together, as on a card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maulstick.verify.html.page import UNSEEN, Parsed, shown_by
from maulstick.verify.html.pictures import based, plain
from maulstick.verify.html.tree import above, drop, drop_hidden, tree_of
from maulstick.verify.words import fold


@dataclass(frozen=True, slots=True)
class Together:
    """The smallest part of a page that holds a picture and one of the texts: all of both in it."""

    texts: frozenset[str]
    pictures: frozenset[str]


def together(page: Parsed, texts: Collection[str], pictures: Collection[str]) -> set[Together]:
    """Return where pictures stand with texts that are all of an element's words.

    Pictures are plain addresses; what is hidden is not seen. Nothing is said of a text inside other words.
    """
    tree = tree_of(page.html)
    drop_hidden(tree)
    drop(tree, UNSEEN)
    at = based(tree, page.address)
    shown = [(node, _picture(node, at, pictures)) for node in tree.css("img")]
    found = [(node, picture) for node, picture in shown if picture]
    held, holding = _texts(tree, texts), defaultdict[int, set[str]](set)
    for node, picture in found:
        for one in above(node):
            holding[one.mem_id].add(picture)
    cards = (next((one.mem_id for one in above(node) if one.mem_id in held), None) for node, _ in found)
    return {Together(frozenset(held[card]), frozenset(holding[card])) for card in cards if card is not None}


def _picture(node: LexborNode, at: str, pictures: Collection[str]) -> str:
    return next((one for address in shown_by(node, at) if (one := plain(address)) in pictures), "")


def _texts(tree: LexborHTMLParser, texts: Collection[str]) -> dict[int, set[str]]:
    """Return the texts that each element holds, by the element."""
    wanted = {fold(text): text for text in texts}
    held: dict[int, set[str]] = {}
    for node in tree.css("body *"):
        text = wanted.get(fold(node.text()), "")
        for one in above(node) if text else ():
            held.setdefault(one.mem_id, set()).add(text)
    return held
