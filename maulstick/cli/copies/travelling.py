"""The rows of subjects as they are to be released: what a copy of production must be able to meet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from maulstick.bundle import folder as bundles
from maulstick.bundle.export import read_rows
from maulstick.bundle.slice.groups import AT_ONCE
from maulstick.bundle.slice.many_subjects import ReadSlice, read_all
from maulstick.bundle.slice.spool import Spool
from maulstick.errors import Exit, Problem
from maulstick.hosts.host import Place
from maulstick.plan.choices import Rename
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import connect, one_snapshot
from maulstick.project.declarations import Kind, Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.rehearsal.bundle_rows import BundleRows, ManyRows
from maulstick.rehearsal.met_rows import Travelling
from maulstick.release.settings import ReleaseSettings

OF_ONE = (Exit.REFUSED, Exit.PLUGIN)
"""Exit codes of what stops one subject, and none of those beside it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Where rows are read from: bundles that were named or planned from, else the source of the place."""

    place: Place
    plugins: Plugins
    settings: ReleaseSettings
    folder: Path

    def travelling(self, subjects: Sequence[Subject]) -> list[Travelling]:
        """Read subjects, some with the same declarations at a time.

        With several, one that cannot be read is left out: it says so when it is released.
        """
        read = self._together(subjects)
        found: list[Travelling] = []
        for subject in subjects:
            try:
                rows = self._rows(subject, read)
                kind, tables = self.plugins.kind(subject.kind), self.plugins.tables(subject)
            except Problem as problem:
                if len(subjects) == 1 or problem.code not in OF_ONE:
                    raise
                continue
            formerly = {subject: key} if (key := self._former_key(subject, kind)) else {}
            _add(found, Travelling([subject], kind, tables, ManyRows([rows]), formerly))
        return found

    def _former_key(self, subject: Subject, kind: Kind) -> str:
        """Return the key that a renamed subject had, as typed or as a sealed plan has it, "" for none."""
        seal, typed = self.settings.seals.get(str(subject)), self.settings.rename
        if seal is not None:
            sealed = json.loads(seal.decided.get("rename") or "[]")
            typed = tuple(str(Rename(**one)) for one in sealed)
        before, behind = f"{kind.table}:", f"={subject.key}"
        mine = (text for text in typed if text.startswith(before) and text.endswith(behind))
        return next((text.removeprefix(before).removesuffix(behind) for text in mine), "")

    def _together(self, subjects: Sequence[Subject]) -> Mapping[Subject, ReadSlice]:
        if len(subjects) == 1 or self.settings.bundles or self.settings.seals:
            return {}
        folder = self.folder / "together"
        folder.mkdir()
        with suppress(Problem):  # each alone says what is wrong
            return read_all(subjects, self.place.source, self.plugins, folder)
        return {}

    def _rows(self, subject: Subject, read: Mapping[Subject, ReadSlice]) -> BundleRows:
        source = self.place.source
        if (slice_ := read.get(subject)) is not None:
            return BundleRows(slice_.manifest, slice_.rows)
        named = self.settings.bundles.get(str(subject))
        if str(subject) in self.settings.seals:
            named = named or bundles.folder_of(source.bundles, subject)
        if named is not None:
            bundle = bundles.load(named, source=source.name)
            return BundleRows(bundle.manifest, bundle.script)
        folder = self.folder / f"{len([*self.folder.iterdir()])}"
        folder.mkdir()
        kind, tables, spool = self.plugins.kind(subject.kind), self.plugins.tables(subject), Spool(folder)
        with connect(source.database, f"source {source.name}") as database, one_snapshot(database):
            schema = read_schema(database)
            return BundleRows(read_rows(database, subject, kind, tables, spool, source.name, schema), spool)


def _add(found: list[Travelling], one: Travelling) -> None:
    """Add a subject to those with its declarations, so that production is asked for all of them at once."""
    for n, other in enumerate(found):
        alike = (other.kind, [*other.tables]) == (one.kind, [*one.tables])
        if alike and len(other.subjects) < AT_ONCE:
            every = [*other.rows.subjects, *one.rows.subjects]
            subjects, formerly = [*other.subjects, *one.subjects], {**other.formerly, **one.formerly}
            found[n] = Travelling(subjects, one.kind, one.tables, ManyRows(every), formerly)
            return
    found.append(one)
