"""What a command does on a target, and what became of it: data, as another process may have done it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from maulstick.cli.targets import TargetEnding
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import NOTHING_LEFT_OUT, LeftOutByPlaybook, ReleaseSettings

if TYPE_CHECKING:
    from maulstick.plan.seal import Seal
    from maulstick.report.record import RecordedReleases


Way = Literal["release", "pull", "rehearse"]
"""From the source to a target, from there to the local database, or to a copy of the target."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done on a target, alone or as one of `several`.

    Without subjects every one of its source is meant. With `theirs`, columns that production owns are pulled
    too; with `keep` the copy of a rehearsal stays. `left_out` is what the playbook says stays behind.
    """

    steps: Sequence[PlaybookStep]
    subjects: Sequence[Subject]
    settings: ReleaseSettings
    several: bool = False
    way: Way = "release"
    left_out: LeftOutByPlaybook = NOTHING_LEFT_OUT
    theirs: bool = False
    keep: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the steps."""
        return [step.name for step in self.steps]

    @property
    def kinds(self) -> list[str]:
        """Which steps are performed, whatever the playbook calls them."""
        return [step.kind for step in self.steps if not step.left_out]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of all subjects on one target that was reached.

    `plans` are those of `plan --json`, where that was asked for; `seals` are of plans that were all that was
    asked for, none where one failed. `changes` says whether there was something to release.
    """

    recorded: RecordedReleases
    plans: Sequence[Mapping[str, Any]]
    seals: Sequence[Seal]
    changes: bool


@dataclass(frozen=True, slots=True)
class WorkAnswer:
    """How a command ended on a target, and what became of its subjects; `lines` are yet to be shown."""

    ended: TargetEnding
    result: Result | None = None
    lines: Sequence[str] = ()
