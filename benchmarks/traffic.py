"""Visitors, enquiries and an admin, as a live site has them, and how long each of them waited."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import urllib3

PAGES, ENQUIRIES, SAVES = "page", "enquiry", "save"
ENQUIRY = """
insert into enquiries (type, message, artwork_id, inserted_at, updated_at)
select 'artwork', %s, id, now(), now() from artworks where slug = %s
"""
SAVE = "update artworks set location = %s, updated_at = now() where slug = %s"
Visits = Callable[[random.Random], Callable[[], None]]
SECONDS = 30.0
"""How long anybody waits before it counts as failed."""


@dataclass(slots=True)
class Waits:
    """What one kind of visit met: the seconds each waited, and what failed."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return how many milliseconds that share of the visits waited at most."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class Traffic:
    """So many visits of each kind a second, to a site and its database, on artworks drawn by chance.

    Each visit has its moment; one that starts late because the last took long counts from its moment.
    `written` holds what was acknowledged: bodies of enquiries, and the last location of each artwork.
    """

    site: str
    database: str
    slugs: list[str]
    rates: dict[str, float]
    threads: int = 4
    waits: dict[str, Waits] = field(default_factory=dict)
    enquiries: set[str] = field(default_factory=set)
    locations: dict[str, str] = field(default_factory=dict)
    _phase: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def coming(self) -> Iterator[Traffic]:
        """Let visitors come for the block."""
        kinds = {PAGES: self._reader, ENQUIRIES: self._enquirer, SAVES: self._admin}
        several = {PAGES: self.threads, ENQUIRIES: 2, SAVES: 1}
        started = [
            threading.Thread(target=self._keep, args=(kind, kinds[kind], rate / several[kind], number))
            for kind, rate in self.rates.items()
            for number in range(several[kind] if rate else 0)
        ]
        for thread in started:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in started:
                thread.join()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the visits of the block under a name; those between two phases count nowhere."""
        self._phase = name
        try:
            yield
        finally:
            self._phase = ""

    def of(self, phase: str, kind: str) -> Waits:
        """Return what a kind of visit met in a phase."""
        return self.waits.setdefault(f"{phase}/{kind}", Waits())

    def _keep(
        self, kind: str, made: Callable[[random.Random], Callable[[], None]], rate: float, at: int
    ) -> None:
        chance = random.Random(f"{kind}{at}")
        visit = made(chance)
        due = time.perf_counter()
        while not self._over.wait(max(0.0, due - time.perf_counter())):
            phase, trouble = self._phase, ""
            try:
                visit()
            except (psycopg.Error, urllib3.exceptions.HTTPError, AssertionError) as error:
                trouble = f"{type(error).__name__}: {error}"
            with self._lock:
                waits = self.of(phase, kind)
                waits.seconds.append(time.perf_counter() - due)
                waits.failed += [trouble] if trouble else []
            due += chance.expovariate(rate)

    def _reader(self, chance: random.Random) -> Callable[[], None]:
        pool = urllib3.PoolManager(retries=False, timeout=SECONDS)

        def read() -> None:
            slug = chance.choice(self.slugs)
            answer = pool.request("GET", f"{self.site}/artworks/{slug}")
            assert answer.status == 200, f"{slug}: {answer.status}"
            assert b"</html>" in answer.data, f"{slug}: half a page"

        return read

    def _enquirer(self, chance: random.Random) -> Callable[[], None]:
        connection = psycopg.connect(self.database, autocommit=True)

        def enquire() -> None:
            body = f"is it still there? {chance.random()}"
            connection.execute(ENQUIRY.encode(), (body, chance.choice(self.slugs)))
            self.enquiries.add(body)

        return enquire

    def _admin(self, chance: random.Random) -> Callable[[], None]:
        connection = psycopg.connect(self.database, autocommit=True)

        def save() -> None:
            slug, location = chance.choice(self.slugs), f"room {chance.random()}"
            connection.execute(SAVE.encode(), (location, slug))
            self.locations[slug] = location

        return save

    def lost(self) -> tuple[int, int]:
        """Return how many acknowledged enquiries, and how many of the admin's last edits, are not there."""
        with psycopg.connect(self.database) as connection:
            bodies = {body for (body,) in connection.execute(b"select message from enquiries")}
            there = dict(connection.execute(b"select slug, location from artworks").fetchall())
        edits = sum(there.get(slug) != location for slug, location in self.locations.items())
        return len(self.enquiries - bodies), edits
