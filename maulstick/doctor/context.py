"""What the questions share: the target, its source, and what earlier questions have opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path

from maulstick.errors import Problem
from maulstick.hosts import database as login
from maulstick.hosts.environment import bucket_address, secrets_of
from maulstick.hosts.host import Host, Place
from maulstick.hosts.media import media_of
from maulstick.media.local_addresses import Reach, host_of, reach_of
from maulstick.media.sources import Media
from maulstick.postgres.connection import Database, connect
from maulstick.project.dsn import passwords_of
from maulstick.project.plugins.registry import Plugins
from maulstick.redact import Secret, hide
from maulstick.s3.bucket import Bucket, Listed, open_bucket
from maulstick.verify.http import Web

TIMEOUT, PATIENCE, PATIENCE_HERE = 15.0, 30.0, 3.0
"""Seconds: for one answer of the site, and until an answer is given up; a sleeping machine needs some.

A site on this machine does not sleep: where it takes no connection, no more patience helps.
"""
ATTEMPTS, FIRST = 2, 1000


def patience_with(site: str) -> float:
    """Say for how many seconds a site is asked again."""
    return PATIENCE_HERE if reach_of(host_of(site)) is Reach.MACHINE else PATIENCE


class DoctorContext:
    """A target and its source, as the questions reach them.

    What is opened once is opened by the question of the same name; the others need that question.
    """

    def __init__(
        self, project: Path, inventory: Path, place: Place, host: Host, plugins: Plugins, scratch: Path
    ) -> None:
        self.project, self.inventory = project, inventory
        # A temporary folder.
        self.scratch = scratch
        self.place, self.host, self.plugins = place, host, plugins
        self.target, self.local = place.target, place.source
        patience = patience_with(place.target.site)
        self.web = Web(place.target.site, TIMEOUT, patience=patience, headers=place.target.headers)
        # How many seconds each clock is ahead of this machine's.
        self.clocks: dict[str, float] = {}
        self.environment: Mapping[str, Secret] = {}
        # What Fly said of the app, where it said no; and whether no machine was awake when we came.
        self.app_problem: Problem | None = None
        self.asleep = False
        self.browser_wanted = self.media_wanted = False

    @contextmanager
    def source(self) -> Iterator[Database]:
        """Open a connection to the source for the block; picking rows makes temporary tables."""
        with connect(self.local.database, f"source {self.local.name}") as database:
            yield database

    def production(self) -> AbstractContextManager[Database]:
        """Open a connection with the rights of a release, which only reads."""
        return login.releasing(self.target, self.host, read_only=True)

    def reading(self, *, read_only: bool = True) -> AbstractContextManager[Database]:
        """Open a connection as a plan does; without `read_only` for its temporary tables."""
        return login.reading(self.target, self.host, read_only=read_only)

    @cached_property
    def bucket(self) -> Bucket:
        """The target's bucket."""
        return open_bucket(bucket_address(self.target, self.environment), attempts=ATTEMPTS)

    @cached_property
    def originals(self) -> Media:
        """Where the source keeps its files."""
        return media_of(self.place, self.host)

    @cached_property
    def objects(self) -> Mapping[str, Listed]:
        """The bucket's objects: all of them where a quota is to be held, else the first."""
        return self.bucket.list([""]) if self.target.storage_quota else self.bucket.first(FIRST)

    def hidden(self, text: str) -> str:
        """Return a text without any of the target's secrets."""
        address = self.target.plan_database
        return hide(
            text,
            *secrets_of(self.environment),
            *self.target.headers.values(),
            *self.target.preview_headers.values(),
            *(passwords_of(address) if address else ()),
        )
