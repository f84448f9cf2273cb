"""Questions to a page in a real browser: is everything painted, and does nothing fail?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from maulstick.browser import DESKTOP, PHONE, Browser, Screen, Tab
from maulstick.content import Check, Page
from maulstick.web import Unreachable


def screens(browser: Browser, pages: Sequence[Page]) -> tuple[list[Check], list[Screen]]:
    """Look at each page at a desktop's and a phone's width."""
    checks: list[Check] = []
    seen: list[Screen] = []
    for page in pages:
        for width in (DESKTOP, PHONE):
            try:
                with browser.open(page.path, width=width) as tab:
                    checks += _asked(tab)
                    seen.append(Screen(page.path, width, tab.screenshot()))
            except Unreachable as problem:
                checks.append(Check(_name("page", page.path, width), None, problem.what))
    return checks, seen


def _asked(tab: Tab) -> Iterator[Check]:
    unpainted = [unquote(urlsplit(address).path) for address in tab.unpainted()]
    painted = ", ".join(unpainted) or "all"
    yield Check(_name("images painted on", tab.path, tab.width), not unpainted, painted)
    faults = "; ".join(dict.fromkeys(tab.faults)) or "none"
    yield Check(_name("no error on", tab.path, tab.width), not tab.faults, faults)


def _name(what: str, path: str, width: int) -> str:
    return f"{what} {path} at {width} px"
