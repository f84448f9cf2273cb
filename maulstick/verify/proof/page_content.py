"""What a page shows: whether a text or a picture is on it, is not, or whether that is unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from maulstick.project.declarations import MediaFile
from maulstick.verify.barriers import age, challenge, gate, kept
from maulstick.verify.html.page import Parsed, plainly_seen, seen
from maulstick.verify.html.pictures import absolute, imported, plain, styled
from maulstick.verify.html.scripted import is_login_form, made_later, scripted_source, scripted_words
from maulstick.verify.http import Web
from maulstick.verify.image_services import sends
from maulstick.verify.proof.likeness import Lookalikes
from maulstick.verify.response import OK, SiteResponse, Unreachable, Wrong
from maulstick.verify.visitor import is_same_host
from maulstick.verify.words import Words

BROWSER = "--browser looks at the page as visitors do"
SHEETS = 30
"""Style sheets of a page that are read for a picture, those that they bring among them."""
PAGES = ("text/html", "application/xhtml+xml", "")

Verdict = tuple[bool | None, str, str]
"""Whether something is there, None where that is unknown; in words; a hint."""


@dataclass(frozen=True)
class PageContent:
    """A page that answered 200, with what it was asked by."""

    web: Web
    answer: SiteResponse
    page: Parsed

    @cached_property
    def words(self) -> Words:
        """The words that a visitor sees."""
        return seen(self.page)

    def stranger(self, asked: str) -> str:
        """Return in words that something else answers for the page, "" where it is the page."""
        return (
            challenge(self.page.title, self.page.html)
            or gate(asked, self.answer.address)
            or ("is a login form" if is_login_form(self.page) else "")
            or (
                "asks for another visit later (retry-after)" if self.answer.headers.get("retry-after") else ""
            )
        )

    def text(self, text: str) -> Verdict:
        """Return whether a visitor sees a text."""
        if self.words.hold(text):
            if self._plain_words.hold(text):
                return True, "there", ""
            return None, "is there, but hidden by a style of the page, unless a script shows it", BROWSER
        if self._loose.hold(text):
            return None, "only in what scripts or forms of the page hold", BROWSER
        if self.words.hold_in_any_case(text):
            return None, "there, in other capital and small letters", ""
        if self.words.hold_begin(text):
            return None, "there, cut short with dots", ""
        return self.missing("not on the page", "")

    def absent(self, text: str) -> Verdict:
        """Return whether a visitor does not see a text; a cache may show what was there before."""
        if not self.words.hold(text):
            return True, "absent", ""
        why = age(self.answer.headers) or kept(self.page.html)
        return (None, f"there, on a page that {why}", "") if why else (False, "there", "")

    def image(self, image: str, address: str) -> Verdict:
        """Return whether a picture is shown from a plain address; `image` is as the row names it."""
        names = {address, unquote(address)}
        every = (*self.page.images, *self.page.drawn)
        shown = {plain(other) for other in every}
        if not shown.isdisjoint(names):
            return True, "shown", ""
        if any(sends(other, name, self.web.site) for other in every for name in names):
            return True, "shown in another size", ""
        if not names.isdisjoint(self._styled):
            return True, "shown by a style sheet", ""
        if any(urlsplit(name).path in self._loose_files for name in names):
            return None, "only in what scripts of the page hold", BROWSER
        return self._elsewhere(image, address, shown)

    def _elsewhere(self, image: str, address: str, shown: set[str]) -> Verdict:
        path = f"/{image.removeprefix('/')}"
        other = next((address for address in sorted(shown) if address.endswith(path)), "")
        if not other:
            return self.missing("not on the page", "")
        hint = f"it was released to {address}"
        if urlsplit(other).netloc == urlsplit(self.web.site).netloc:
            return self.missing(f"shown from {other}", hint)
        return None, f"shown from {other}", hint

    def otherwise(self, file: MediaFile, original: Path | None, verdict: Verdict) -> Verdict:
        """Return a verdict on a picture once the page's others were looked at: one may be it, made anew."""
        alike, address = self._lookalikes.of(file, original)
        if alike:
            return True, f"shown from {address}", ""
        if alike is None and verdict[0] is False:
            return None, f"{verdict[1]} by its own address; {address} may be it", BROWSER
        return verdict

    def missing(self, says: str, hint: str) -> Verdict:
        """Return that something is not there, unless the page is not all that visitors see."""
        if self.answer.type not in PAGES:
            return None, f"{says}, which is {self.answer.type}", hint
        if why := made_later(self.page):
            return None, f"{says} as it comes: {why}", BROWSER
        if why := age(self.answer.headers) or kept(self.page.html):
            return None, f"{says}, which {why}", hint
        if self._unread:
            return None, f"{says}; {self._unread[0]} could not be read", hint
        return False, says, hint

    @cached_property
    def _lookalikes(self) -> Lookalikes:
        return Lookalikes(self.web, (*self.page.images, *self.page.drawn), self.page.html)

    @cached_property
    def _plain_words(self) -> Words:
        return plainly_seen(self.page) if "<style" in self.page.html.lower() else self.words

    @cached_property
    def _loose(self) -> Words:
        return scripted_words(self.page)

    @cached_property
    def _loose_files(self) -> str:
        text = scripted_source(self.page)
        return f"{text} {unquote(text)}"

    @cached_property
    def _sheets(self) -> dict[str, str | None]:
        """The style sheets of the page by their addresses, None for one that cannot be read."""
        sheets: dict[str, str | None] = {}
        left = [*self.page.sheets]
        while left and len(sheets) < SHEETS:
            address = left.pop(0)
            if address not in sheets:
                sheets[address] = text = _text(self.web, address)
                left += absolute(address, imported(text or ""))
        return sheets

    @property
    def _unread(self) -> list[str]:
        """The style sheets that could not be read, where any was asked for."""
        sheets = self.__dict__.get("_sheets", {})
        return [address for address, text in sheets.items() if text is None]

    @cached_property
    def _styled(self) -> set[str]:
        sheets = self._sheets.items()
        return {plain(shown) for address, css in sheets for shown in absolute(address, styled(css or ""))}


def _text(web: Web, address: str) -> str | None:
    own = is_same_host(address, web.site)
    try:
        answer = (web if own else replace(web, patience=0)).whole(address)
    except (Unreachable, Wrong):
        return None
    if answer.status == OK:
        return answer.body.decode("utf-8", "replace")
    return "" if answer.status in (404, 410) else None
