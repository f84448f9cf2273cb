"""One run of steps for one subject: what they share, and what each leaves for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.trust import require_declared
from maulstick.console import Console
from maulstick.errors import Problem
from maulstick.hosts import database as login
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import Host, Place
from maulstick.hosts.media import media_of
from maulstick.media.sources import Media, Places
from maulstick.plan import choices
from maulstick.plan.changes import Plan
from maulstick.plan.choices import Known, RowName, Take
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import Open, SharedReads
from maulstick.plan.view import Planned
from maulstick.postgres.connection import Database
from maulstick.postgres.connections import Connections
from maulstick.project.declarations import MediaFile, Outcome, Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.result import Report
from maulstick.release.settings import Options, Settings

if TYPE_CHECKING:
    from maulstick.media.compare import Item
    from maulstick.s3.bucket import Bucket


@dataclass(slots=True)
class Run:
    """A subject on its way to a target; `bundle`, `plan` and `media` are there once a step made them.

    `stands` counts what became of rows as they were written, by action; `kept` those with such a column.
    `unheard` are the choices, as typed, that no row of the plan hears.
    `carried` are the plans that this command has carried out, the same list for all of its subjects, and
    `connections` those that it keeps open; None opens one for each who asks. `ahead` is what it asks once.
    """

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
    doomed: tuple[RowName, ...] = ()
    unheard: Mapping[str, Problem] = field(default_factory=dict)
    stands: Mapping[str, int] = field(default_factory=dict)
    exported_for: str = ""
    carried: list[Plan] = field(default_factory=list)
    connections: Connections | None = None
    ahead: SharedReads | None = None
    _bundle: Bundle | None = None
    _known: Known | None = None
    _bucket: Bucket | None = None
    _originals: Media | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the subject's bundle."""
        given = self.settings.bundles.get(str(self.subject))
        return given or bundles.folder_of(self.place.source.bundles, self.subject)

    @property
    def places(self) -> Places:
        """Return where the bytes of the bundle's files are looked for."""
        return Places(self.originals, self.folder)

    @property
    def originals(self) -> Media:
        """Return where the source keeps its files, opened once."""
        if self._originals is None:
            self._originals = media_of(self.place, self.host)
        return self._originals

    @property
    def given(self) -> bool:
        """Tell whether the bundle itself was named, so that nothing else of its source is asked for."""
        return bool(self.settings.bundles)

    @property
    def checkout(self) -> Path | None:
        """Return the site's code; None where the source names none, or a named bundle came without it."""
        checkout = self.place.source.checkout
        return None if checkout is None or (self.given and not checkout.is_dir()) else checkout

    @property
    def bundle(self) -> Bundle:
        """Return the bundle that is there, proven whole; read once."""
        if self._bundle is None:
            self._bundle = bundles.load(self.folder, source=self.place.source.name)
            if self._bundle.script.is_anew:
                self.console.line(f"{self.folder} was exported by another version; its SQL is written anew")
            if self.given:
                require_declared(self._bundle.manifest, self.plugins)
        return self._bundle

    def new_bundle(self) -> Bundle:
        """Forget the bundle that was read and return the one that is there now."""
        self._bundle = self._known = None
        return self.bundle

    @property
    def seal(self) -> Seal | None:
        """Return the sealed plan to carry out, None where there is none."""
        return self.settings.seals.get(str(self.subject))

    @property
    def differs(self) -> bool:
        """Tell whether this command's own plan has found rows that are not as released."""
        return self.plan is not None and len(self.plan.changes) > 0

    @property
    def other_seals(self) -> list[Seal]:
        """Return the sealed plans of other subjects: what they share may have been carried out by them."""
        return [one for subject, one in self.settings.seals.items() if subject != str(self.subject)]

    def decided(self) -> Mapping[str, str]:
        """Return the user's choices as settings of a transaction; a sealed plan brings its own."""
        if self.seal is not None:
            return self.seal.decided
        misfits = self.misfits()
        if misfits and not self.settings.several:
            raise next(iter(misfits.values()))
        take = choices.fitting("--take", self.settings.take, misfits)
        rename = choices.fitting("--rename", self.settings.rename, misfits)
        restore = choices.fitting("--restore", self.settings.restore, misfits)
        return {
            "take": choices.as_setting([*choices.takes(take, self.known), *self.asked]),
            "rename": choices.as_setting(choices.renames(rename, self.known)),
            "restore": choices.as_setting(choices.restores(restore, self.known)),
            "older": "on" if self.settings.older else "",
            "prune": choices.as_setting(self.doomed),
        }

    @property
    def known(self) -> Known:
        """Return what the bundle holds, as far as choices name it; keys are read when they are asked for."""
        if self._known is None:
            self._known = Known(self.bundle.manifest.specs, cache(self.bundle.keys_of))
        return self._known

    def planned(self) -> list[Planned]:
        """Return the run's plan with its tables and files, nothing where none was made."""
        if self.plan is None:
            return []
        return [(self.plan, self.bundle.manifest.specs, self.media or [])]

    def misfits(self) -> dict[str, Problem]:
        """Return the problem of each choice as typed that does not fit this bundle."""
        typed = self.settings
        return choices.misfits(typed.take, typed.rename, self.known, typed.restore)

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

    def agrees(self, step: str, opened: Open, *, queries: bool) -> bool:
        """Tell whether production holds the bundle's rows as released, by a question for many subjects.

        Steps of plugins may change production in between: then each subject asks for itself.
        """
        if self.ahead is None or self.seal is not None or self.own:
            return False
        return self.ahead.agrees(self.bundle.manifest, (step, len(self.carried)), opened, queries=queries)

    def bucket(self) -> Bucket:
        """Return the target's bucket, opened once."""
        from maulstick.s3.bucket import open_bucket

        if self._bucket is None:
            self._bucket = open_bucket(bucket_address(self.place.target, self.host.environment))
        return self._bucket

    def compared(
        self, database: Database | None = None, files: Sequence[MediaFile] | None = None
    ) -> list[Item]:
        """Return what each file needs, those of the bundle if left out; without files no bucket is asked.

        The ledger is asked over `database` where that is open, else over a connection of its own.
        """
        from maulstick.media.compare import compare
        from maulstick.media.ledger import proven, sent

        if files is None:
            files = self.bundle.manifest.media  # first: a bundle of another source reaches nothing
        if not files:
            return []
        keys = [] if self.settings.recheck else [file.key for file in files]
        with nullcontext(database) if database is not None else self.reading(read_only=True) as opened:
            known, ours = proven(opened, keys), sent(opened, files)
        overwrite, dated = self.settings.overwrite, self.originals.dated
        return compare(self.bucket(), files, known=known, overwrite=overwrite, dated=dated, sent=ours)


Step = Callable[[Run, Options], Outcome]
