"""Questions to a page: does it answer, and are the released words, pictures and links on it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from maulstick.content import Check, Page
from maulstick.live import Live
from maulstick.page import Parsed, seen
from maulstick.page_pictures import plain
from maulstick.proof.pairs import pairs
from maulstick.proof.pictures import public_address
from maulstick.response import Unreachable, Wrong
from maulstick.web import Web, is_inside

SHOWN = 40
"""Characters of a text that name its check."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a page is held against: `public` is where visitors find the files, `local` the source's own site.

    `released` are the paths of all released pages: a link that leads to one of them must lead there.
    """

    public: str
    local: str
    released: Collection[str]


def page(live: Live, wanted: Page, around: Around) -> tuple[list[Check], Parsed | None]:
    """Ask for a page and return what there is to say of it, and the page where it could be read."""
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
    checks = [Check(name, True, "answers 200"), *_texts(wanted, parsed)]
    checks += [*_images(wanted, parsed, around.public), *pairs(wanted, parsed, around.public)]
    links = [one for one in parsed.links if _is_ours(one, live.web.site, around)]
    checks += [_link(live.web, address, wanted) for address in links]
    return [*checks, *_social(wanted, parsed)], parsed


def _texts(wanted: Page, parsed: Parsed) -> Iterator[Check]:
    words = seen(parsed)
    for released in dict.fromkeys(wanted.texts):
        there = words.hold(released)
        says = "there" if there else "not on the page"
        yield Check(f"text {released[:SHOWN]!r} on {wanted.path}", there, says)
    for unwanted in wanted.absent:
        there = words.hold(unwanted)
        says = "there" if there else "absent"
        yield Check(f"text {unwanted[:SHOWN]!r} not on {wanted.path}", not there, says)


def _images(wanted: Page, parsed: Parsed, public: str) -> Iterator[Check]:
    shown = {plain(address) for address in parsed.images}
    for image in wanted.images:
        address = public_address(image, public)
        there = not shown.isdisjoint({address, unquote(address)})
        elsewhere = next((one for one in sorted(shown) if one.endswith(f"/{image.removeprefix('/')}")), "")
        says = "shown" if there else f"shown from {elsewhere}" if elsewhere else "not on the page"
        hint = f"it was released to {address}" if elsewhere and not there else ""
        yield Check(f"page {wanted.path} shows {image}", there, says, hint)


def _is_ours(link: str, site: str, around: Around) -> bool:
    """Tell whether a link names a released page: of this site, of the local one or of any machine's own."""
    if _path(link) not in around.released:
        return False
    return is_inside(link) or _host(link) in {_host(site), _host(around.local)}


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
    right = answer.status == 200 and _host(answer.address) == _host(web.site)
    return Check(name, right, f"{address} answers {answer.status}", "" if right else hint)


def _social(wanted: Page, parsed: Parsed) -> Iterator[Check]:
    for address in parsed.social:
        full = is_full(address)
        hint = "" if full else "og:image must be a full address: others read it without the page"
        yield Check(f"social picture of {wanted.path}", full, address, hint)


def is_full(address: str) -> bool:
    """Tell whether an address can be read without the page that it stands on."""
    return urlsplit(address).scheme in ("http", "https")


def _path(address: str) -> str:
    return unquote(urlsplit(address).path).rstrip("/")


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower().removeprefix("www.")
