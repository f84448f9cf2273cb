"""What a command does on a target: its subjects through its steps, and what became of them as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command
from maulstick.cli.options import StepOptions
from maulstick.cli.targets import Ended, reach
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Settings

if TYPE_CHECKING:
    from maulstick.plan.seal import Seal
    from maulstick.release.all_subjects import TargetResult
    from maulstick.report.record import RecordedReleases


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done on a target, alone or as one of `several`.

    Without subjects every one of its source is meant.
    """

    steps: Sequence[PlaybookStep]
    subjects: Sequence[Subject]
    settings: Settings
    several: bool

    @property
    def names(self) -> list[str]:
        """The names of the steps."""
        return [step.name for step in self.steps]


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
class Answer:
    """How a command ended on a target, and what became of its subjects; `lines` are yet to be shown."""

    ended: Ended
    result: Result | None = None
    lines: Sequence[str] = ()


def do(
    command: Command[StepOptions],
    target: Target,
    work: Work,
    exported: dict[Path, str],
    show: Callable[[str], None],
) -> Answer:
    """Take the subjects through the steps on a target; lines of a result that people read are shown.

    `exported` names the target for which a bundle was exported before, and learns those of this one.
    """
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.postgres.connections import Connections
    from maulstick.release.all_subjects import release_all

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        done = release_all(
            work.subjects or every_subject(place.source, command.plugins),
            work.steps,
            place=place,
            host=host,
            plugins=command.plugins,
            console=command.console(),
            settings=work.settings,
            exported=exported,
            connections=stack.enter_context(Connections()),
        )
    if not command.options.json:
        for line in done.lines:
            show(line)
    return _answer(command, target, work, done)


def _answer(command: Command[StepOptions], target: Target, work: Work, done: TargetResult) -> Answer:
    from maulstick.plan.view import plan_json
    from maulstick.report.recap import recap_line
    from maulstick.report.record import releases_of

    shows_plans = command.options.json and work.names == ["plan"]
    planned = [one for progress, _ in done.ended for one in progress.planned] if shows_plans else ()
    result = Result(
        recorded=releases_of(done.ended, prefix=f"{target.name}-" if work.several else ""),
        plans=plan_json(planned)["plans"],
        seals=done.seals(),
        changes=done.changes,
    )
    return Answer(Ended(target.name, done.code, recap=[recap_line(*one) for one in done.ended]), result)
