"""Questions to a page in a real browser: is everything painted, and does nothing fail?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maulstick.project.declarations import Check, Page
from maulstick.verify.browser import DESKTOP, PHONE, Browser, Screen
from maulstick.verify.proof.drawn import Alike, drawn, joined, unlike
from maulstick.verify.response import Unreachable
from maulstick.verify.tab import Tab, path_of


def screens(
    browser: Browser, pages: Sequence[Page], public: str, alike: Alike = unlike
) -> tuple[list[Check], list[Screen]]:
    """Look at each page at a desktop's and a phone's width, up to one that could not be told.

    Its words and pictures must be seen at one of them; `public` is where visitors find the files.
    """
    checks: list[Check] = []
    seen: list[Screen] = []
    for page in pages:
        shown: list[list[Check]] = []
        for width in (DESKTOP, PHONE):
            try:
                with browser.open(page.path, width=width) as tab:
                    checks.append(_painted(tab))
                    shown.append(drawn(tab, page, site=browser.site, public=public, alike=alike))
                    seen.append(Screen(page.path, width, tab.screenshot()))
            except Unreachable as problem:
                name = f"page {page.path} at {width} px"
                return [*checks, Check(name, None, problem.what, problem.hint)], seen
        checks += joined(*shown)
    return checks, seen


def faultless(looked: Sequence[Tab]) -> Iterator[Check]:
    """Say of each page that was opened, by a plugin too, whether anything failed in it."""
    places = {(tab.path, tab.width): [one for one in looked if _is_same(one, tab)] for tab in looked}
    for (path, width), tabs in places.items():
        answers = [_answer(tab) for tab in tabs]
        verdicts = {ok for ok, _ in answers}
        ok = False if False in verdicts else None if None in verdicts else True
        found = dict.fromkeys(one for _, says in answers for one in says)
        yield Check(f"no error on {path} at {width} px", ok, "; ".join(found) or "none")


def _painted(tab: Tab) -> Check:
    unpainted = [path_of(address) for address in tab.unpainted()]
    answer = ", ".join(unpainted) or "all"
    return Check(f"images painted on {tab.path} at {tab.width} px", tab.ok(not unpainted), answer)


def _answer(tab: Tab) -> tuple[bool | None, list[str]]:
    ok = tab.ok(not tab.errors and not tab.doubts) if not tab.faults else False
    return ok, [*tab.faults, *tab.errors, *tab.doubts]


def _is_same(one: Tab, other: Tab) -> bool:
    return (one.path, one.width) == (other.path, other.width)
