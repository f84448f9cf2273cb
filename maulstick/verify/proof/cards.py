"""Questions to cards: does each text stand beside its own picture?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from maulstick.project.declarations import Check, Page
from maulstick.verify.html.beside import together
from maulstick.verify.html.page import Parsed
from maulstick.verify.proof.pictures import public_address


def pairs(wanted: Page, parsed: Parsed, public: str) -> Iterator[Check]:
    """See that no text of a page stands beside the picture of another.

    Only a part of the page that holds one of the texts and one of the pictures proves anything: a page that
    is built otherwise is not called wrong.
    """
    own: dict[str, set[str]] = defaultdict(set)
    for text, image in wanted.pairs:
        own[text].add(public_address(image, public))
    cards = together(parsed, own, set().union(*own.values()))
    for text, addresses in own.items():
        beside = {
            one for card in cards if card.texts == {text} and len(card.pictures) == 1 for one in card.pictures
        }
        wrong = sorted(beside - addresses)
        says = f"beside it is {', '.join(wrong)}" if wrong else "its own" if beside else "no other beside it"
        yield Check(f"picture of {text!r} on {wanted.path}", not wrong, says)
