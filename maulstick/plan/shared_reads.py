"""What a command reads once for all of its subjects: their rows, and which of them are as released."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from maulstick.bundle.manifest import Manifest
from maulstick.bundle.slice.many_subjects import ReadSlice, queries_of, read_all
from maulstick.bundle.unchanged import Asked
from maulstick.errors import Problem
from maulstick.hosts.host import Place
from maulstick.plan.changes import Plan
from maulstick.plan.many_unchanged import AT_ONCE, all_as_released
from maulstick.plan.schema_fit import Fit
from maulstick.postgres.connection import Database
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Query, Subject
from maulstick.project.plugins.registry import Plugins

Open = Callable[[], AbstractContextManager[Database]]
PlansOf = Callable[[Sequence[ReadSlice]], Mapping[str, Plan]]
"""What plans several subjects as one, and returns the plans that hold for each, by subject."""
Moment = tuple[str, int]
"""A step, and the number of plans carried out by then: answers from before it may no longer hold."""


@dataclass(frozen=True, slots=True)
class TableNotes:
    """What a plan found out about tables, whatever their rows: it holds for the next subject too."""

    specs: TableSpecs
    fit: Fit
    looks: Sequence[str]
    lacking: Sequence[str]


@dataclass(slots=True)
class SharedReads:
    """What the subjects of a command share; read in batches, when the first subject of a batch needs it.

    It only saves questions: whatever is not found here is asked for each alone.
    """

    subjects: Sequence[Subject]
    place: Place
    plugins: Plugins
    folder: Path
    notes: list[TableNotes] = field(default_factory=list)
    _plans: dict[Subject, tuple[Moment, Plan | None]] = field(default_factory=dict)
    _read: dict[Subject, ReadSlice] | None = None
    _agreed: dict[Subject, tuple[Moment, str, Sequence[Query]]] = field(default_factory=dict)
    _asked: dict[Subject, Moment] = field(default_factory=dict)

    def read(self, subject: Subject) -> ReadSlice | None:
        """Return a subject's slice, which was read with the others; None if it must be read alone."""
        if self._read is None:
            self._read = {}
            with suppress(Problem):  # each alone says what is wrong
                self._read = read_all(self.subjects, self.place.source, self.plugins, self.folder)
        return self._read.get(subject)

    def agrees(self, manifest: Manifest, moment: Moment, opened: Open, *, queries: bool) -> bool:
        """Return whether production held a bundle's rows as released when its batch was asked for.

        With `queries`, what the plugins ask must hold too. Answers of another moment are asked for again.
        """
        subject = manifest.subject
        if self.read(subject) is None:
            return False
        if self._asked.get(subject) != moment:
            with opened() as database:
                self._ask(subject, moment, database, queries=queries)
        wanted = (moment, manifest.rows_digest, manifest.queries if queries else ())
        return self._agreed.get(subject) == wanted

    def forget(self) -> None:
        """Forget what was read from production: something other than a release has changed it."""
        self.notes.clear()
        self._plans.clear()
        self._asked.clear()
        self._agreed.clear()

    def plan_of(self, subject: Subject, moment: Moment, plans: PlansOf) -> Plan | None:
        """Return a subject's plan as one of several, None where it must be planned alone.

        `plans` is asked for those of the subject and some of its kind behind it that were not found as
        released; what it answers is kept for them.
        """
        if self._plans.get(subject, (None,))[0] != moment:
            start = self.subjects.index(subject)
            others = [one for one in self.subjects[start : start + AT_ONCE] if one.kind == subject.kind]
            differing = [one for one in others if self._agreed.get(one, ("",))[0] != moment]
            slices = {one: read for one in differing if (read := self.read(one)) is not None}
            made = plans([*slices.values()])
            self._plans |= {one: (moment, made.get(str(one))) for one in slices}
        return self._plans.pop(subject, (moment, None))[1]

    def note(self, note: TableNotes) -> None:
        """Keep what a plan has said of tables."""
        if self.note_of(note.specs) is None:
            self.notes.append(note)

    def note_of(self, specs: TableSpecs) -> TableNotes | None:
        """Return what was noted of these tables."""
        return next((note for note in self.notes if note.specs == specs), None)

    def _ask(self, subject: Subject, moment: Moment, database: Database, *, queries: bool) -> None:
        """Ask production about a subject and those after it."""
        start = self.subjects.index(subject)
        asked: dict[Subject, Asked] = {}
        for one in self.subjects[start : start + AT_ONCE]:
            self._asked[one] = moment
            self._agreed.pop(one, None)
            if (read := self.read(one)) is not None:
                with suppress(Problem):  # a plugin that fails for another subject stops that one alone
                    asked[one] = Asked(read.manifest, queries_of(self.plugins, one) if queries else ())
        agreed = all_as_released([*asked.values()], database, self.place.target.name)
        for number, (one, of) in enumerate(asked.items()):
            if number in agreed:
                self._agreed[one] = (moment, of.manifest.rows_digest, of.queries)
