"""How far a subject's release has come: what its steps returned, and the report that is made from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName
from maulstick.plan.moved_pages import MovedPage
from maulstick.plan.view import Planned
from maulstick.postgres.recovery import Fate
from maulstick.project.declarations import Check, Outcome, Step, StepResult, Word
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import WITHOUT_WRITES
from maulstick.release.step_results import ApplyResult, Earlier, PlanResult, PublishResult, VerifyResult

if TYPE_CHECKING:
    from maulstick.media.compare import Item
    from maulstick.verify.browser import Screenshot


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step as it went; `seconds` is wall time, `step` says which it is, whatever the playbook calls it.

    A failure that is `ignored` did not stop the release.
    """

    name: str
    word: Word
    says: str
    seconds: float
    warnings: tuple[str, ...] = ()
    step: str = ""
    ignored: bool = False

    @property
    def writes(self) -> bool:
        """Return whether such a step may change something on a target."""
        return (self.step or self.name) not in WITHOUT_WRITES


@dataclass(frozen=True, slots=True)
class Report:
    """One release, step by step; `number` is the ledger's, None where nothing was released.

    `problem` is what stopped it, and `state` what that leaves in production; `undone_by` is the number of the
    rollback that `--undo-if-wrong` made of it. `undone` are the releases of the target that were undone, as
    known where pages were looked at. `left_out` are rows that stay behind, as TABLE:KEY, `redirects` are
    pages whose address changes.
    """

    subject: str
    target: str
    site: str
    number: int | None = None
    page: str = ""
    steps: Sequence[StepRecord] = ()
    checks: Sequence[Check] = ()
    screens: Sequence[Screenshot] = ()
    undone: frozenset[int] = frozenset()
    seconds: float = 0.0
    problem: str = ""
    state: str = ""
    undone_by: int | None = None
    left_out: Sequence[str] = ()
    redirects: Sequence[MovedPage] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as `release --json` prints it (docs/report.schema.json)."""
        record = asdict(self)
        del record["screens"], record["undone"]  # files of their own beside the record; the ledger's
        return {"version": 1, **record}


@dataclass(slots=True)
class Progress:
    """A subject's release as it goes: only the runner, and who runs many, write here.

    `known_steps` are those that a playbook may name, and `exported_for` names the target for which this
    command has exported the same bundle before. `half_done` are the steps that failed and may have changed
    something, `undo` what is known of the rollback that `--undo-if-wrong` made, and `hid` of the one that hid
    rows again which were public for a moment.
    """

    context: ReleaseContext
    known_steps: Mapping[str, Step]
    exported_for: str = ""
    earlier: Earlier = field(default_factory=Earlier)
    records: list[StepRecord] = field(default_factory=list)
    half_done: tuple[str, ...] = ()
    page: str = ""
    seconds: float = 0.0
    problem: str = ""
    state: str = ""
    undo: Fate = field(default_factory=Fate)
    hid: Fate = field(default_factory=Fate)

    def keep(self, step: str, result: StepResult) -> Outcome:
        """Keep what a step has returned and return its outcome; what stopped it is raised."""
        self.earlier = self.earlier.with_result(step, result)
        if result.failure is not None:
            raise result.failure
        return result.outcome

    def record(self, record: StepRecord) -> None:
        """Keep how a step went."""
        self.records.append(record)
        outcome = Outcome(record.word, record.says, record.warnings)
        self.earlier = self.earlier.with_outcome(record.name, outcome)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Add the time of the block to the release's."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds = round(self.seconds + time.monotonic() - started, 3)

    @property
    def plan(self) -> Plan | None:
        """The plan that was made, None where there is none."""
        return self.earlier.plan

    @property
    def files(self) -> tuple[Item, ...] | None:
        """What each file of the plan needs, None where nobody has asked the bucket."""
        planned = self.earlier.last(PlanResult)
        return planned.files if planned is not None else None

    @property
    def deletes(self) -> tuple[RowName, ...]:
        """The rows that `--prune` deletes."""
        applied = self.earlier.last(ApplyResult)
        return (applied.deletes if applied is not None else ()) or self.earlier.deletes

    @property
    def number(self) -> int | None:
        """The ledger's number of the release, None where none was made."""
        applied = self.earlier.last(ApplyResult)
        return applied.number if applied is not None else None

    @property
    def published(self) -> int | None:
        """The ledger's number of the release that made rows public, None where none did."""
        done = self.earlier.last(PublishResult)
        return done.number if done is not None else None

    @property
    def hidden(self) -> int:
        """How many rows are in production, hidden, that the bundle makes public."""
        if self.published is not None and self.hid.number is None:
            return 0
        done = self.earlier.last(PublishResult)
        applied = self.earlier.last(ApplyResult)
        return (done.hidden if done is not None else 0) or (applied.hidden if applied is not None else 0)

    @property
    def is_certain(self) -> bool:
        """Whether it is known what became of the rows."""
        applied = self.earlier.last(ApplyResult)
        done = [one for one in (applied, self.earlier.last(PublishResult)) if one is not None]
        return self.undo.sure and self.hid.sure and all(one.is_certain for one in done)

    @property
    def may_be_written(self) -> bool:
        """Whether rows were written, or may have been."""
        return self.number is not None or not self.is_certain

    @property
    def left_out(self) -> list[str]:
        """The rows that are left out, as far as the bundle was read."""
        bundle = self.context.opened.bundle
        return [str(RowName(*row)) for row in bundle.left_out] if bundle else []

    @property
    def planned(self) -> list[Planned]:
        """The plan with its tables and files, nothing where none was made."""
        if self.plan is None:
            return []
        return [(self.plan, self.context.load_bundle().manifest.specs, self.files or ())]

    def _copied(self) -> Iterator[StepRecord]:
        """Yield the step before all others of a rehearsal on a copy."""
        if (done := self.context.place.copied) is not None:
            yield StepRecord("copy", done.word, done.says, 0.0, done.warnings)

    def report(self) -> Report:
        """Return what has happened so far."""
        verified = self.earlier.last(VerifyResult)
        target = self.context.place.target
        return Report(
            subject=str(self.context.subject),
            target=target.name,
            site=target.site,
            number=None if self.context.place.is_copy else self.number or self.published,
            page=self.page,
            steps=[*self._copied(), *self.records],
            checks=[*verified.checks] if verified else [],
            screens=verified.screens if verified else (),
            undone=verified.undone if verified else frozenset(),
            seconds=self.seconds,
            problem=self.problem,
            state=self.state,
            undone_by=self.undo.number,
            left_out=self.left_out,
            redirects=self.earlier.moved,
        )
