"""What each step of a release returns, and what the steps before one have returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from maulstick.errors import Problem
from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName, Take
from maulstick.plan.moved_pages import MovedPage
from maulstick.plan.shared_reads import TableNotes
from maulstick.project.declarations import Check, Outcome, StepResult, Word

if TYPE_CHECKING:
    from maulstick.media.compare import Item
    from maulstick.verify.browser import Screenshot


R = TypeVar("R")
FAILED = Outcome("failed", "")
"""The outcome of a step that was stopped; what stopped it says why."""


@dataclass(frozen=True, slots=True)
class PlainResult:
    """The result of a step that leaves nothing but its outcome."""

    outcome: Outcome
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What would change: `plan` is None where the deploy must bring the schema first.

    `takes` are the sides that the user chose when asked, `deletes` the rows that `--prune` deletes, and
    `unused_choices` what was typed and decides nothing, with the problem of each. `note` holds for the next
    subject with the same tables. `moved` are the pages whose address changes. Before the first release to a
    target it `is_first`.
    """

    outcome: Outcome
    plan: Plan | None = None
    files: tuple[Item, ...] | None = None
    takes: tuple[Take, ...] = ()
    deletes: tuple[RowName, ...] = ()
    unused_choices: Mapping[str, Problem] = field(default_factory=dict)
    note: TableNotes | None = None
    moved: tuple[MovedPage, ...] = ()
    is_first: bool = False
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What was written: `number` is the ledger's, None where no release was made.

    Not `is_certain` where nobody knows whether the rows were written. `counts` says what became of rows by
    action, "kept" counting those with such a column. `deletes` are the rows that `--prune` deleted, and
    `plan` is the one that was carried out. So many rows are `hidden` that the bundle makes public.
    """

    outcome: Outcome
    number: int | None = None
    is_certain: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    deletes: tuple[RowName, ...] = ()
    plan: Plan | None = None
    hidden: int = 0
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What was made public: `number` is the ledger's of the release that did, None where none was needed.

    Not `is_certain` where nobody knows whether it was done. So many rows were `hidden`.
    """

    outcome: Outcome
    number: int | None = None
    is_certain: bool = True
    hidden: int = 0
    checks: Sequence[Check] = ()
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What the live site answered; `undone` are the target's releases that were rolled back, if looked up."""

    outcome: Outcome
    checks: Sequence[Check] = ()
    screens: Sequence[Screenshot] = ()
    undone: frozenset[int] = frozenset()
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the steps before have returned, by name, and the plans that this command has carried out before.

    Those plans are of other subjects, which may share rows with this one. An outcome may be another than the
    step's own result has: plugins stand around it.
    """

    results: Mapping[str, StepResult] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    carried: tuple[Plan, ...] = ()

    def last(self, kind: type[R]) -> R | None:
        """Find the newest result of that kind, None where no step has returned one."""
        return next((one for one in reversed([*self.results.values()]) if isinstance(one, kind)), None)

    def word(self, step: str) -> Word | None:
        """Return how a step ended, None where it has not."""
        return self.outcomes[step].word if step in self.outcomes else None

    @property
    def plan(self) -> Plan | None:
        """The plan that was made, None where there is none."""
        planned = self.last(PlanResult)
        return planned.plan if planned is not None else None

    @property
    def moved(self) -> tuple[MovedPage, ...]:
        """The pages whose address changes, as planned."""
        planned = self.last(PlanResult)
        return planned.moved if planned is not None else ()

    @property
    def takes(self) -> tuple[Take, ...]:
        """The sides that the user chose when asked."""
        planned = self.last(PlanResult)
        return planned.takes if planned is not None else ()

    @property
    def deletes(self) -> tuple[RowName, ...]:
        """The rows that `--prune` deletes, as planned."""
        planned = self.last(PlanResult)
        return planned.deletes if planned is not None else ()

    @property
    def has_changes(self) -> bool:
        """Whether the plan that was made has found rows that are not as released."""
        return self.plan is not None and len(self.plan.changes) > 0

    def with_result(self, step: str, result: StepResult) -> Earlier:
        """Return the same with what a step has returned, as the newest."""
        others = {name: one for name, one in self.results.items() if name != step}
        return replace(self, results={**others, step: result})

    def with_outcome(self, step: str, outcome: Outcome) -> Earlier:
        """Return the same with how a step ended."""
        return replace(self, outcomes={**self.outcomes, step: outcome})
