"""Questions to cards: does each text stand beside its own picture?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maulstick.project.declarations import Check, Page
from maulstick.verify.html.page import UNSEEN, Parsed, shown_by
from maulstick.verify.html.pictures import based, plain
from maulstick.verify.html.tree import above, drop, drop_hidden, tree_of
from maulstick.verify.proof.addresses import public_address
from maulstick.verify.words import fold


@dataclass(frozen=True, slots=True)
class Card:
    """The smallest part of a page that holds a picture and one of the texts: all of both in it."""

    texts: frozenset[str]
    pictures: frozenset[str]


def pairs(wanted: Page, parsed: Parsed, public: str) -> Iterator[Check]:
    """See that no text of a page stands beside the picture of another.

    Only a part of the page that holds one of the texts and one of the pictures proves anything: a page that
    is built otherwise is not called wrong.
    """
    own: dict[str, set[str]] = defaultdict(set)
    for text, image in wanted.pairs:
        own[text].add(public_address(image, public))
    cards = cards_of(parsed, own, set().union(*own.values()))
    for text, addresses in own.items():
        beside = {
            picture
            for card in cards
            if card.texts == {text} and len(card.pictures) == 1
            for picture in card.pictures
        }
        wrong = sorted(beside - addresses)
        says = f"beside it is {', '.join(wrong)}" if wrong else "its own" if beside else "no other beside it"
        yield Check(f"picture of {text!r} on {wanted.path}", not wrong, says)


def cards_of(page: Parsed, texts: Collection[str], pictures: Collection[str]) -> set[Card]:
    """Find where pictures stand with texts that are all of an element's words.

    Pictures are plain addresses; what is hidden is not seen. Nothing is said of a text inside other words.
    """
    tree = tree_of(page.html)
    drop_hidden(tree)
    drop(tree, UNSEEN)
    at = based(tree, page.address)
    shown = [(node, _picture(node, at, pictures)) for node in tree.css("img")]
    pictured = [(node, picture) for node, picture in shown if picture]
    held, holding = _texts_held(tree, texts), defaultdict[int, set[str]](set)
    for node, picture in pictured:
        for outer in above(node):
            holding[outer.mem_id].add(picture)
    ids = ([outer.mem_id for outer in above(node)] for node, _ in pictured)
    cards = (next((card for card in outer if card in held), None) for outer in ids)
    return {Card(frozenset(held[card]), frozenset(holding[card])) for card in cards if card is not None}


def _picture(node: LexborNode, at: str, pictures: Collection[str]) -> str:
    return next((picture for picture in map(plain, shown_by(node, at)) if picture in pictures), "")


def _texts_held(tree: LexborHTMLParser, texts: Collection[str]) -> dict[int, set[str]]:
    """List the texts that each element holds, by the element."""
    wanted = {fold(text): text for text in texts}
    held: dict[int, set[str]] = {}
    for node in tree.css("body *"):
        text = wanted.get(fold(node.text()), "")
        for outer in above(node) if text else ():
            held.setdefault(outer.mem_id, set()).add(text)
    return held
