"""Questions to a page: does it answer, and are the released words, pictures and links on it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from maulstick.content import Check, Page
from maulstick.live import Live
from maulstick.page import Parsed
from maulstick.web import Unreachable, Web, Wrong

SHOWN = 40
"""Characters of a text that name its check."""


def page(live: Live, wanted: Page, released: Collection[str]) -> tuple[list[Check], Parsed | None]:
    """Ask for a page and return what there is to say of it, and the page where it could be read.

    `released` are the paths of all released pages: a link that leads to one of them must lead there.
    """
    name = f"page {wanted.path}"
    try:
        answer = live.get(wanted.path)
    except Unreachable as problem:
        return [Check(name, None, problem.what)], None
    except Wrong as problem:
        return [Check(name, False, problem.what)], None
    if answer.status != 200:
        return [Check(name, False, f"answers {answer.status}")], None
    parsed = answer.parsed
    checks = [Check(name, True, "answers 200"), *_texts(wanted, parsed.text), *_images(wanted, parsed)]
    links = [one for one in parsed.links if _plain(one) in released]
    checks += [_link(live.web, address, wanted) for address in links]
    return [*checks, *_social(wanted, parsed)], parsed


def _texts(wanted: Page, text: str) -> Iterator[Check]:
    for released in wanted.texts:
        there = _folded(released) in text
        says = "there" if there else "not on the page"
        yield Check(f"text {released[:SHOWN]!r} on {wanted.path}", there, says)
    for unwanted in wanted.absent:
        there = _folded(unwanted) in text
        says = "there" if there else "absent"
        yield Check(f"text {unwanted[:SHOWN]!r} not on {wanted.path}", not there, says)


def _images(wanted: Page, parsed: Parsed) -> Iterator[Check]:
    shown = {unquote(address) for address in parsed.images}
    for image in wanted.images:
        there = any(one.endswith(unquote(image)) for one in shown)
        yield Check(f"page {wanted.path} shows {image}", there, "shown" if there else "not on the page")


def _link(web: Web, address: str, wanted: Page) -> Check:
    """See that a link leads where it says; one to the local site, left in a text, does not."""
    path = urlsplit(address).path
    name = f"link to {path} on {wanted.path}"
    if address.partition("?")[0] == web.address(path):
        return Check(name, True, "a released page")
    hint = f"is {address} meant to be on {web.site}?"
    try:
        answer = replace(web, patience=0).get(address)
    except Unreachable as problem:
        return Check(name, False, f"{address} {problem.what}", hint)
    except Wrong as problem:
        return Check(name, False, problem.what, hint)
    right = answer.status == 200 and urlsplit(answer.address).netloc == urlsplit(web.site).netloc
    return Check(name, right, f"{address} answers {answer.status}", "" if right else hint)


def _social(wanted: Page, parsed: Parsed) -> Iterator[Check]:
    for address in parsed.social:
        full = urlsplit(address).scheme in ("http", "https")
        hint = "" if full else "og:image must be a full address: others read it without the page"
        yield Check(f"social picture of {wanted.path}", full, address, hint)


def _plain(address: str) -> str:
    return unquote(urlsplit(address).path).rstrip("/")


def _folded(text: str) -> str:
    return " ".join(text.split())
