"""What the steps of a release share, for one subject on its way to one target."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.names import MANIFEST
from maulstick.bundle.row_references import RowPlace
from maulstick.bundle.script_file import without_bases
from maulstick.bundle.trust import require_declared
from maulstick.console import Console
from maulstick.errors import Problem, usage
from maulstick.hosts import database as login
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import Host, Place
from maulstick.hosts.media import media_of
from maulstick.media.sources import Media, Places
from maulstick.plan import choices
from maulstick.plan.choices import Known, RowName
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connection import Database
from maulstick.postgres.connections import Connections
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Subject
from maulstick.project.playbook import CORE_STEPS, PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.settings import ReleaseSettings
from maulstick.text import at_most

if TYPE_CHECKING:
    from maulstick.bundle.partial import KeysOf
    from maulstick.bundle.slice.deletions import Deletions
    from maulstick.s3.bucket import Bucket


SHOWN = 6
"""Rows that go with those that are left out, and are named."""


@dataclass(slots=True)
class Opened:
    """What one release has opened so far; only the context reads and fills it.

    `unfit` are the rows to leave out that the bundle does not hold, by the option as it was typed. `answers`
    are the sides that were taken of files when asked, by their keys.
    """

    whole: Bundle | None = None
    bundle: Bundle | None = None
    unfit: Mapping[str, Problem] = field(default_factory=dict)
    known: Known | None = None
    bucket: Bucket | None = None
    originals: Media | None = None
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseContext:
    """A subject, where it goes, and what was typed; `playbook` holds the steps of this command in order.

    `connections` are those that the command keeps open; None opens one for each who asks. `shared` asks
    questions once for all of the command's subjects. `scratch` is a folder for what the command makes.
    `warned` holds what the site's answer to all of them warns of, once it has been asked.
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
    scratch: Path | None = None
    warned: list[tuple[str, ...]] = field(default_factory=list, compare=False, repr=False)
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
    def verb(self) -> str:
        """What is done with the subject, in a word."""
        if self.place.is_copy:
            return "rehearse"
        return "release" if self.place.pulled is None else "pull"

    @property
    def origin(self) -> str:
        """What people call the side that the rows come from."""
        return "local" if self.place.pulled is None else self.place.pulled.target.name

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

    def load_whole(self) -> Bundle:
        """Read the bundle that is there, proven whole, with the rows that are left out; it is read once."""
        if self.opened.whole is None:
            bundle = bundles.load(self.folder, source=self.place.source.name)
            if bundle.script.is_anew:
                self.console.line(f"{self.folder} was exported by another version; its SQL is rewritten")
            if self.names_bundle:
                require_declared(bundle.manifest, self.plugins)
                bundle = self._without_bases(bundle)
            self.opened.whole = bundle
        return self.opened.whole

    def load_bundle(self) -> Bundle:
        """Read what is released of the bundle: all of it, but for the rows that are left out."""
        if self.opened.bundle is None:
            whole = self.load_whole()
            self.opened.bundle = self._without(whole) if self.without else whole
        return self.opened.bundle

    @property
    def without(self) -> Sequence[RowName]:
        """The rows that are left out, as typed or as a sealed plan has them."""
        if self.seal is not None:
            rows = [RowName(**row) for row in json.loads(self.seal.decided.get("without") or "[]")]
            if released := [row for row in self._by_playbook if row not in rows]:
                what = f"{released[0]} stays behind, and the sealed plan releases it"
                hint = f"make it again: invoke plan --without {released[0]} --out FILE"
                raise usage(self.settings.left_out.where, what, hint)
            return rows
        return [*choices.rows("--without", self.settings.without), *self._by_playbook]

    @property
    def _by_playbook(self) -> Sequence[RowName]:
        return choices.rows(self.settings.left_out.where, self.settings.left_out.rows)

    def _without(self, whole: Bundle) -> Bundle:
        """Return the bundle without rows, and with the deletions that wait with them."""
        from maulstick.bundle import partial

        keys = cache(whole.keys_of)
        places = [(row.table_name, row.key) for row in self.without]
        places_here = [place for place in places if partial.holds(whole, place, keys)]
        here = [partial.row_of(whole, place, self.plugins, keys) for place in places_here]
        bundle, out = whole, tuple[RowPlace, ...]()
        if here:
            folder = Path(tempfile.mkdtemp(dir=self.scratch))
            part = partial.without(whole, here, self.plugins, folder)
            bundles.write(folder, part.manifest, part.rows)
            bundle, out = bundles.load(folder, source=self.place.source.name), part.left_out
        asks = len(here) < len(places) or self.settings.prune
        deleted = self._deletions(whole, out) if asks else None
        named = self._named(whole, keys, deleted.gone if deleted else ())
        waiting = deleted.waiting({*out, *named}) if deleted else []
        every = tuple(dict.fromkeys((*named, *out, *waiting)))
        return self._said(replace(bundle, left_out=every), named) if every else whole

    def _named(self, whole: Bundle, keys: KeysOf, gone: Collection[RowPlace]) -> list[RowPlace]:
        """List the rows that were named; with several subjects, one that this lacks may be another's.

        What a sealed plan names and is no longer there is left to the plan, which then does not hold.
        """
        from maulstick.bundle import partial

        named, unfit = list[RowPlace](), dict[str, Problem]()
        for row in self.without:
            try:
                place = (row.table_name, row.key)
                named.append(partial.row_of(whole, place, self.plugins, keys, gone))
            except Problem as problem:
                if row in self._by_playbook:
                    problem.where = f"{self.settings.left_out.where}: {row}"
                if not self.settings.several and self.seal is None:
                    raise
                unfit[f"--without {row}"] = problem
        self.opened.unfit = unfit if self.seal is None else {}
        return named

    def _deletions(self, whole: Bundle, out: Sequence[RowPlace]) -> Deletions:
        from maulstick.bundle import partial
        from maulstick.bundle.slice.deletions import deletions

        kind, tables = partial.kind_and_tables(whole, self.plugins)
        with self.reading(read_only=True) as database:
            return deletions(whole, out, database, kind, tables)

    def _said(self, bundle: Bundle, named: Collection[RowPlace]) -> Bundle:
        these = ", ".join(str(RowName(*row)) for row in bundle.left_out if row in named)
        also = [str(RowName(*row)) for row in bundle.left_out if row not in named]
        with_them = f"; with that: {', '.join(at_most(SHOWN, also, '{} more'))}" if also else ""
        self.console.line(f"    left out of {self.subject}: {these}{with_them}")
        return bundle

    def _without_bases(self, bundle: Bundle) -> Bundle:
        """Believe no bundle of others that both sides agreed on something: nothing proves that."""
        if not bundle.manifest.bases:
            return bundle
        self.console.line(f"{self.folder}: what was pulled is not believed of a bundle that was named")
        script, manifest = without_bases(bundle.script, bundle.manifest)
        return replace(bundle, script=script, manifest=manifest)

    def reload_bundle(self) -> Bundle:
        """Return the whole bundle that is there now, after another was written."""
        self.opened.whole = self.opened.bundle = self.opened.known = None
        return self.load_whole()

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

    @property
    def specs(self) -> TableSpecs:
        """The tables of the bundle; none before it is there."""
        return self.load_bundle().manifest.specs if (self.folder / MANIFEST).is_file() else {}

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
