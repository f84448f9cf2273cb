"""A release as a plugin sees it when it looks at the live site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.manifest import Manifest
from maulstick.postgres.connection import Database
from maulstick.postgres.sql.trust.site_path import opening_as_site
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import MediaFile, Page, Rows, Subject
from maulstick.project.plugins.hookspecs import Browser, Machine
from maulstick.project.plugins.page_paths import quoted
from maulstick.verify.barriers import refusal
from maulstick.verify.html.page import PageElement, Parsed, elements, parse
from maulstick.verify.http import REDIRECTS, Web
from maulstick.verify.response import OK, SiteResponse, Unreachable


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of the live site, as it came and as a visitor reads it."""

    answer: SiteResponse
    parsed: Parsed

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status

    @property
    def html(self) -> str:
        """The page as it came."""
        return self.parsed.html

    @property
    def text(self) -> str:
        """The words that a visitor reads, blanks folded."""
        return self.parsed.text

    def elements(self, selector: str) -> Sequence[PageElement]:
        """Return the elements that a CSS selector names."""
        return elements(self.parsed, selector)


class Live:
    """The released content, the live site and the database, to put questions to.

    `expected` is the content as it should be there, where that is not what the bundle holds. `original`
    returns where a released file lies on this machine. Unless it `asks_for_files`, they are not there yet: no
    picture is asked for. Before an export there may be no bundle.
    """

    def __init__(
        self,
        subject: Subject,
        web: Web,
        *,
        bundle: Callable[[], Bundle],
        has_bundle: Callable[[], bool] = lambda: True,
        database: Callable[[], Database],
        machine: Callable[[], Machine],
        browser: Browser | None = None,
        expected: tuple[Manifest, Rows] | None = None,
        original: Callable[[MediaFile], Path | None] = lambda _: None,
        asks_for_files: bool = True,
    ) -> None:
        self.asks_for_files = asks_for_files
        self.subject, self.web, self.browser, self.original = subject, web, browser, original
        self._expected = expected
        self._bundle, self._database, self._machine = bundle, database, machine
        self._has_bundle = has_bundle
        self._seen: dict[str, Seen] = {}
        self._lock = Lock()

    @cached_property
    def rows(self) -> Rows:
        """The bundle's rows."""
        return self._expected[1] if self._expected else self._bundle().rows()

    @property
    def manifest(self) -> Manifest:
        """What the bundle holds."""
        return self._expected[0] if self._expected else self._bundle().manifest

    @property
    def former(self) -> Mapping[str, Sequence[str]]:
        """The texts of pages as they were released, where production edited something since."""
        if self._expected is None or self._expected[0] is self._bundle().manifest:
            return {}
        return {page.path: page.texts for page in self._bundle().manifest.pages}

    @property
    def pages(self) -> Sequence[Page]:
        """The pages that show the subject; those that must be gone are not among them."""
        return [page for page in self.manifest.pages if not page.gone]

    @property
    def seen(self) -> Mapping[str, Parsed]:
        """Every page that was asked for so far and is there, by its path."""
        return {path: page.parsed for path, page in self._seen.items() if page.status == 200}

    @property
    def machine(self) -> Machine:
        """A started machine of the app."""
        return self._machine()

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Ask production's database in a transaction that cannot write."""
        opening = opening_as_site(self._specs()) if self.subject else ""
        return self._database().look(query, parameters, opening)

    def _specs(self) -> Iterable[TableSpec]:
        return self.manifest.specs.values() if self._has_bundle() else ()

    def get(self, path: str) -> Seen:
        """Return what a page answers; each page is asked once."""
        address = quoted(path, (self.subject.key,)) if self.subject else path
        if self.browser is None:
            return self.came(address)
        try:
            seen = self.came(address)
            refused = refusal(seen.status, seen.answer.headers)
        except Unreachable:
            refused = "gives no answer"
        return self._drawn(self.browser, address) if refused else seen

    def _drawn(self, browser: Browser, path: str) -> Seen:
        """Return a page as a browser gets it, which may be let in where we are not."""
        with browser.open(path) as tab:
            html, address = tab.evaluate("[document.documentElement.outerHTML, location.href]")
        body = str(html).encode()
        answer = SiteResponse(OK, {}, body, str(address), 0.0, len(body), "")
        return Seen(answer, parse(body, str(address), "utf-8"))

    def came(self, path: str) -> Seen:
        """Return what a page answers to who is no browser; each page is asked once."""
        with self._lock:
            known = self._seen.get(path)
        if known is None:
            known = _read(self.web, path)
            with self._lock:
                self._seen[path] = known
        return known


def _read(web: Web, path: str) -> Seen:
    """Ask for a page, and for those that it leads to by itself before anybody has read it."""
    asked = path
    for _ in range(REDIRECTS + 1):
        answer = web.get(asked)
        parsed = parse(answer.body, answer.address, answer.charset)
        if answer.status != OK or parsed.leads_to in ("", answer.address):
            return Seen(answer, parsed)
        asked = web.followed(path, answer.address, parsed.leads_to)
    raise Unreachable(path, f"leads on more than {REDIRECTS} times, at last to {asked}")
