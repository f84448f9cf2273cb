"""What the steps of a release share, for one subject on its way to one target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.trust import require_declared
from maulstick.console import Console
from maulstick.hosts import database as login
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import Host, Place
from maulstick.hosts.media import media_of
from maulstick.media.sources import Media, Places
from maulstick.plan.choices import Known
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connection import Database
from maulstick.postgres.connections import Connections
from maulstick.project.declarations import Subject
from maulstick.project.playbook import CORE_STEPS, PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.settings import ReleaseSettings

if TYPE_CHECKING:
    from maulstick.s3.bucket import Bucket


@dataclass(slots=True)
class Opened:
    """What one release has opened so far; only the context reads and fills it."""

    bundle: Bundle | None = None
    known: Known | None = None
    bucket: Bucket | None = None
    originals: Media | None = None


@dataclass(frozen=True, slots=True)
class ReleaseContext:
    """A subject, where it goes, and what was typed; `playbook` holds the steps of this command in order.

    `connections` are those that the command keeps open; None opens one for each who asks. `shared` asks
    questions once for all of the command's subjects.
    """

    subject: Subject
    place: Place
    host: Host
    plugins: Plugins
    console: Console
    settings: ReleaseSettings
    playbook: tuple[PlaybookStep, ...] = ()
    connections: Connections | None = None
    shared: SharedReads | None = None
    opened: Opened = field(default_factory=Opened, compare=False, repr=False)

    @property
    def folder(self) -> Path:
        """The folder of the subject's bundle."""
        named = self.settings.bundles.get(str(self.subject))
        return named or bundles.folder_of(self.place.source.bundles, self.subject)

    @property
    def names_bundle(self) -> bool:
        """Whether the bundle itself was named, so that nothing else of its source is asked for."""
        return bool(self.settings.bundles)

    @property
    def checkout(self) -> Path | None:
        """The site's code; None where the source names none, or a named bundle came without it."""
        checkout = self.place.source.checkout
        return None if checkout is None or (self.names_bundle and not checkout.is_dir()) else checkout

    @property
    def seal(self) -> Seal | None:
        """The sealed plan to carry out, None where there is none."""
        return self.settings.seals.get(str(self.subject))

    @property
    def other_seals(self) -> list[Seal]:
        """The sealed plans of other subjects, which may have carried out what they share with this one."""
        return [seal for subject, seal in self.settings.seals.items() if subject != str(self.subject)]

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of this command's steps."""
        return tuple(step.name for step in self.playbook)

    @property
    def step_kinds(self) -> tuple[str, ...]:
        """Which steps this command has, whatever the playbook calls them."""
        return tuple(dict.fromkeys(step.kind for step in self.playbook))

    @property
    def plugin_steps(self) -> tuple[PlaybookStep, ...]:
        """The steps of this command that are not the core's."""
        return tuple(step for step in self.playbook if step.kind not in CORE_STEPS)

    def load_bundle(self) -> Bundle:
        """Read the bundle that is there, proven whole; it is read once."""
        if self.opened.bundle is None:
            bundle = bundles.load(self.folder, source=self.place.source.name)
            if bundle.script.is_anew:
                self.console.line(f"{self.folder} was exported by another version; its SQL is rewritten")
            if self.names_bundle:
                require_declared(bundle.manifest, self.plugins)
            self.opened.bundle = bundle
        return self.opened.bundle

    def reload_bundle(self) -> Bundle:
        """Return the bundle that is there now, after another was written."""
        self.opened.bundle = self.opened.known = None
        return self.load_bundle()

    def open_bucket(self) -> Bucket:
        """Return the target's bucket, opened once."""
        from maulstick.s3.bucket import open_bucket

        if self.opened.bucket is None:
            address = bucket_address(self.place.target, self.host.environment)
            self.opened.bucket = open_bucket(address)
        return self.opened.bucket

    def open_originals(self) -> Media:
        """Find where the source keeps its files, opened once."""
        if self.opened.originals is None:
            self.opened.originals = media_of(self.place, self.host)
        return self.opened.originals

    def open_places(self) -> Places:
        """Find where the bytes of the bundle's files are looked for."""
        return Places(self.open_originals(), self.folder)

    def known_rows(self) -> Known:
        """Return what the bundle holds, as far as choices name it; keys are read when they are asked for."""
        if self.opened.known is None:
            bundle = self.load_bundle()
            self.opened.known = Known(bundle.manifest.specs, cache(bundle.keys_of))
        return self.opened.known

    @contextmanager
    def production(self, *, read_only: bool = False) -> Iterator[Database]:
        """Open a connection to the target's database for the block."""
        target, kept = self.place.target, self.connections
        with login.releasing(target, self.host, read_only=read_only, kept=kept) as database:
            yield database

    @contextmanager
    def reading(self, *, read_only: bool = False) -> Iterator[Database]:
        """Open a connection to the target's database for what changes nothing there."""
        target, kept = self.place.target, self.connections
        with login.reading(target, self.host, read_only=read_only, kept=kept) as database:
            yield database
