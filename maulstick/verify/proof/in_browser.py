"""Questions to a page in a real browser: are the released words and pictures seen, and does nothing fail?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

from maulstick.project.declarations import Check, Page
from maulstick.verify.barriers import challenge, gate
from maulstick.verify.browser import DESKTOP, PHONE, Screenshot, SiteBrowser
from maulstick.verify.html.pictures import plain
from maulstick.verify.html.scripted import SHORT
from maulstick.verify.image_services import sends
from maulstick.verify.proof.addresses import public_address
from maulstick.verify.rendered import Rendered, rendered
from maulstick.verify.response import Unreachable
from maulstick.verify.tab import BrowserTab, path_of

SHOWN = 40
"""Characters of a text that name its check."""
LATE, TIMES = 1000, 4
"""Milliseconds after which a page that lacks something is read again, and how often."""

Verdict = tuple[bool | None, str]
Alike = Callable[[str, Sequence[str]], Verdict]
"""Gets a picture as a row names it, and addresses; returns whether one of them sends it, and which."""


def unlike(image: str, shown: Sequence[str]) -> Verdict:
    """Know of no picture that others are like."""
    return False, ""


def screens(
    browser: SiteBrowser, pages: Sequence[Page], public: str, alike: Alike = unlike
) -> tuple[list[Check], list[Screenshot]]:
    """Look at each page at a desktop's and a phone's width, up to one that could not be checked.

    Its words and pictures must be seen at one of them; `public` is where visitors find the files.
    """
    checks: list[Check] = []
    seen: list[Screenshot] = []
    for page in pages:
        shown: list[list[Check]] = []
        for width in (DESKTOP, PHONE):
            try:
                with browser.open(page.path, width=width) as tab:
                    checks.append(_painted(tab))
                    shown.append(drawn(tab, page, site=browser.site, public=public, alike=alike))
                    seen.append(Screenshot(page.path, width, tab.screenshot()))
            except Unreachable as problem:
                name = f"page {page.path} at {width} px"
                return [*checks, Check(name, None, problem.what, problem.hint)], seen
        checks += joined(*shown)
    return checks, seen


def faultless(looked: Sequence[BrowserTab]) -> Iterator[Check]:
    """Say of each page that was opened, by a plugin too, whether anything failed in it."""
    places: dict[tuple[str, int], list[tuple[bool | None, list[str]]]] = {}
    for tab in looked:
        places.setdefault((tab.path, tab.width), []).append(_answer(tab))
    for (path, width), answers in places.items():
        verdicts = {ok for ok, _ in answers}
        ok = False if False in verdicts else None if None in verdicts else True
        failures = dict.fromkeys(failure for _, says in answers for failure in says)
        yield Check(f"no error on {path} at {width} px", ok, "; ".join(failures) or "none")


def drawn(tab: BrowserTab, wanted: Page, *, site: str, public: str, alike: Alike = unlike) -> list[Check]:
    """Return what a page shows of what it must show; what scripts fetch late is waited for.

    `alike` returns whether one of the addresses that it shows sends a picture in another size.
    """
    page = rendered(tab)
    for _ in range(TIMES):
        if all(ok for _, (ok, _) in _shown(page, wanted, site, public)):
            break
        tab.page.wait_for_timeout(LATE)
        page = rendered(tab, scroll=False)
    names = {f"page {wanted.path} shows {image}": image for image in wanted.images}
    verdicts = [
        (name, verdict if verdict[0] or name not in names else _other(alike, names[name], page, verdict))
        for name, verdict in _shown(page, wanted, site, public)
    ]
    barrier = _barrier(page, f"{site.rstrip('/')}/{wanted.path.removeprefix('/')}")
    if barrier and not (verdicts and all(ok for _, (ok, _) in verdicts)):
        return [Check(f"page {wanted.path}", None, barrier)]
    checks = [Check(name, tab.ok(bool(ok)) if ok is False else ok, says) for name, (ok, says) in verdicts]
    for text in wanted.absent:
        there = page.seen.hold(text)
        checks.append(
            Check(f"text {text[:SHOWN]!r} not on {wanted.path}", not there, "there" if there else "absent")
        )
    return checks


def joined(wide: list[Check], narrow: list[Check]) -> list[Check]:
    """Return what two widths of a page show: something is there that one of them shows."""
    by_name = {check.name: check for check in narrow}
    return [_better(check, by_name.get(check.name, check)) for check in wide]


def _better(one: Check, other: Check) -> Check:
    if " not on /" in one.name:
        return one if one.ok is False else other
    ranked = sorted((one, other), key=lambda check: (check.ok is not True, check.ok is not None))
    return ranked[0]


def _shown(page: Rendered, wanted: Page, site: str, public: str) -> Iterator[tuple[str, Verdict]]:
    for text in dict.fromkeys(wanted.texts):
        yield f"text {text[:SHOWN]!r} on {wanted.path}", _text(page, text)
    names = {plain(address) for address in page.pictures}
    for image in wanted.images:
        address = public_address(image, public)
        there = not names.isdisjoint({address, unquote(address)}) or any(
            sends(shown, address, site) for shown in page.pictures
        )
        other = next((name for name in sorted(names) if name.endswith(f"/{image.removeprefix('/')}")), "")
        elsewhere = bool(other) and urlsplit(other).netloc != urlsplit(site).netloc
        says = "shown" if there else f"shown from {other}" if other else "not on the page"
        yield f"page {wanted.path} shows {image}", (True if there else None if elsewhere else False, says)


def _other(alike: Alike, image: str, page: Rendered, verdict: Verdict) -> Verdict:
    """Return a verdict on a picture that is not there by its address, by what the others look like."""
    there, address = alike(image, page.pictures)
    if there:
        return True, f"shown from {address}"
    return (None, f"{verdict[1]} by its own address; {address} may be it") if there is None else verdict


def _text(page: Rendered, text: str) -> Verdict:
    if page.seen.hold(text):
        return True, "seen"
    if page.faint.hold(text):
        return None, "is there, but without any colour"
    return False, "is there, but hidden by a style" if page.unseen.hold(text) else "not on the page"


def _barrier(page: Rendered, asked: str) -> str:
    asks = "is a login form" if page.asks and len(page.seen.text) <= SHORT else ""
    return challenge(page.title, page.html) or gate(asked, page.address) or asks


def _painted(tab: BrowserTab) -> Check:
    unpainted = [path_of(address) for address in tab.unpainted()]
    answer = ", ".join(unpainted) or "all"
    return Check(f"images painted on {tab.path} at {tab.width} px", tab.ok(not unpainted), answer)


def _answer(tab: BrowserTab) -> tuple[bool | None, list[str]]:
    ok = tab.ok(not tab.errors and not tab.doubts) if not tab.faults else False
    return ok, [*tab.faults, *tab.errors, *tab.doubts]
