"""One run of steps for one subject: what they share, and what each leaves for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick import bundle as bundles
from maulstick import choices
from maulstick.bundle import Bundle
from maulstick.changes import Plan
from maulstick.choices import Row, Take
from maulstick.console import Console
from maulstick.content import Outcome, Subject
from maulstick.host import Host, Place, bucket_address
from maulstick.playbook import PlaybookStep
from maulstick.plugins import Plugins
from maulstick.postgres import Database, connect
from maulstick.report import Report
from maulstick.sealed import Seal

if TYPE_CHECKING:
    from maulstick.bucket import Bucket
    from maulstick.media import Item

Options = Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user typed; `seals` are the sealed plans to carry out, by subject."""

    yes: bool = False
    without_media: bool = False
    operator: str = ""
    take: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()
    older: bool = False
    prune: bool = False
    prune_limit: int = 20
    ask: bool = False
    rehearse: bool = False
    source: bool = False
    undo_if_wrong: bool = False
    seals: Mapping[str, Seal] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """A subject on its way to a target; `bundle`, `plan` and `media` are there once a step made them."""

    subject: Subject
    place: Place
    host: Host
    plugins: Plugins
    console: Console
    settings: Settings
    report: Report
    plan: Plan | None = None
    media: list[Item] | None = None
    steps: tuple[str, ...] = ()
    own: tuple[PlaybookStep, ...] = ()
    half_done: str = ""
    asked: tuple[Take, ...] = ()
    doomed: tuple[Row, ...] = ()
    _bundle: Bundle | None = None
    _bucket: Bucket | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the subject's bundle."""
        return bundles.folder_of(self.place.source.bundles, self.subject)

    @property
    def bundle(self) -> Bundle:
        """Return the bundle that is there, proven whole; read once."""
        if self._bundle is None:
            self._bundle = bundles.load(self.folder, source=self.place.source.name)
        return self._bundle

    def new_bundle(self) -> Bundle:
        """Forget the bundle that was read and return the one that is there now."""
        self._bundle = None
        return self.bundle

    @property
    def seal(self) -> Seal | None:
        """Return the sealed plan to carry out, None where there is none."""
        return self.settings.seals.get(str(self.subject))

    def decided(self) -> Mapping[str, str]:
        """Return the user's choices as settings of a transaction; a sealed plan brings its own."""
        if self.seal is not None:
            return self.seal.decided
        shapes = self.bundle.manifest.shapes
        return {
            "take": choices.as_setting([*choices.takes(self.settings.take, shapes), *self.asked]),
            "rename": choices.as_setting(choices.renames(self.settings.rename, shapes)),
            "older": "on" if self.settings.older else "",
            "prune": choices.as_setting(self.doomed),
        }

    @contextmanager
    def production(self, *, read_only: bool = False) -> Iterator[Database]:
        """Open a connection to the target's database for the block."""
        where = f"database of {self.place.target.name}"
        with connect(self.host.database, where, read_only=read_only) as database:
            yield database

    def bucket(self) -> Bucket:
        """Return the target's bucket, opened once."""
        from maulstick.bucket import open_bucket

        if self._bucket is None:
            self._bucket = open_bucket(bucket_address(self.place.target, self.host.environment))
        return self._bucket

    def compared(self) -> list[Item]:
        """Return what each file of the bundle needs; one without files needs no bucket."""
        from maulstick.media import compare

        files = self.bundle.manifest.media  # first: a bundle of another source reaches nothing
        return compare(self.bucket(), files) if files else []


Step = Callable[[Run, Options], Outcome]
