"""A release as a plugin sees it when it looks at the live site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from maulstick.bundle import Bundle
from maulstick.content import Rows, Subject
from maulstick.hookspecs import Machine
from maulstick.page import Parsed, parse
from maulstick.postgres import Database
from maulstick.web import Web


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of the live site, as it came and as a visitor reads it."""

    status: int
    html: str
    parsed: Parsed

    @property
    def text(self) -> str:
        """Return the words that a visitor reads, blanks folded."""
        return self.parsed.text


class Live:
    """The released content, the live site and the database, to put questions to."""

    def __init__(self, bundle: Bundle, database: Database, web: Web, machine: Callable[[], Machine]) -> None:
        self.bundle, self.database, self.web = bundle, database, web
        self._machine = machine
        self._seen: dict[str, Seen] = {}
        self._lock = Lock()

    @property
    def subject(self) -> Subject:
        """Return what was released."""
        return self.bundle.manifest.subject

    @cached_property
    def rows(self) -> Rows:
        """Return the bundle's rows."""
        return self.bundle.rows()

    @property
    def machine(self) -> Machine:
        """Return a started machine of the app."""
        return self._machine()

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Ask production's database in a transaction that cannot write."""
        self.database.run("begin read only")
        try:
            return self.database.query(query, parameters)
        finally:
            self.database.run("rollback")

    def get(self, path: str) -> Seen:
        """Return what a page answers; each page is asked once."""
        with self._lock:
            known = self._seen.get(path)
        if known is None:
            answer = self.web.get(path)
            html = answer.body.decode(errors="replace")
            known = Seen(answer.status, html, parse(answer.body, answer.address))
            with self._lock:
                self._seen[path] = known
        return known
