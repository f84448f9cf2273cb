"""Subjects taken through steps on each target, and the record of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command
from maulstick.cli.bundles import Bundles
from maulstick.cli.options import SealedPlan, StepOptions
from maulstick.cli.targets import Ended, prefixed, reach, visit_each
from maulstick.errors import Problem
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep, Steps
from maulstick.release.settings import Settings, read

if TYPE_CHECKING:
    from maulstick.plan.seal import Seal
    from maulstick.release.all_subjects import TargetResult
    from maulstick.report.record import Record

Seals = Mapping[str, "Seal"]
"""Sealed plans by their subject."""
NO_SEALS: Mapping[str, Seals] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Performed:
    """The exit code of a command, and what became of its subjects on each target that was reached."""

    code: int
    results: Sequence[TargetResult]


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done on a target; without subjects every one of its source is meant."""

    subjects: Sequence[Subject]
    settings: Settings


def perform(
    command: Command[StepOptions],
    steps: Sequence[PlaybookStep] | Steps,
    targets: Sequence[Target],
    *,
    bundles: Bundles | None = None,
    seals: Mapping[str, Seals] = NO_SEALS,
    every: bool = False,
) -> Performed:
    """Take subjects through the steps on each target, show how it went and keep the record of it.

    The steps are the same for all targets, or given for each by its name.
    The subjects are those of the bundles, else those that were typed, else those of sealed plans, which
    are given by target; with `every` they are all that a source has. No bundles at all are nothing to do.
    """
    began, console, results = time.monotonic(), command.console(), list["TargetResult"]()
    targets = [] if bundles == {} else targets
    # What is wrong with any target is found before anything happens on the first.
    work = {
        target.name: _work(command, bundles, seals.get(target.name, {}), every=every) for target in targets
    }
    play = steps if isinstance(steps, Mapping) else {target.name: steps for target in targets}
    _require_ready(command, play, targets, work)
    exported: dict[Path, str] = {}

    def visit(target: Target) -> Ended:
        result = _on_target(command, play[target.name], target, work[target.name], exported)
        results.append(result)
        if not command.options.json:
            for line in result.lines:
                console.result_line(prefixed(line, target, targets))
        return Ended(result.code, result.says)

    code = visit_each(targets, visit, console, keep_going=command.options.keep_going)
    record = _kept(command, results, code, began)
    if command.options.json and (results or not code):
        is_plan = all([step.name for step in those] == ["plan"] for those in play.values())
        console.data(_plans(results) if is_plan else record)
    return Performed(code, results)


def _work(command: Command[StepOptions], bundles: Bundles | None, seals: Seals, *, every: bool) -> _Work:
    from maulstick.plan import seal as sealed

    subjects = list(bundles) if bundles else [] if every else command.subjects(seals)
    if seals:
        sealed.each_has_one(seals, [str(subject) for subject in subjects])
    folders = {str(subject): folder for subject, folder in (bundles or {}).items()}
    typed = read(Settings, vars(command.options))
    return _Work(subjects, replace(typed, seals=seals, bundles=folders))


def _require_ready(
    command: Command[StepOptions],
    play: Steps,
    targets: Sequence[Target],
    work: Mapping[str, _Work],
) -> None:
    """Refuse plugins that could not be loaded, and targets that ask where nobody answers."""
    from maulstick.release.runner import kinds_of, require_somebody

    command.plugins.require_all()
    for target in targets[1:]:
        kinds = kinds_of(play[target.name])
        require_somebody(target, work[target.name].settings, kinds, command.console())


def _on_target(
    command: Command[StepOptions],
    steps: Sequence[PlaybookStep],
    target: Target,
    work: _Work,
    exported: dict[Path, str],
) -> TargetResult:
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.postgres.connections import Connections
    from maulstick.release.all_subjects import release_all

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        return release_all(
            work.subjects or every_subject(place.source, command.plugins),
            steps,
            place=place,
            host=host,
            plugins=command.plugins,
            console=command.console(),
            settings=work.settings,
            exported=exported,
            connections=stack.enter_context(Connections()),
        )


def _plans(results: Sequence[TargetResult]) -> Mapping[str, Any]:
    from maulstick.plan.view import plan_json

    return plan_json([one for result in results for progress, _ in result.ended for one in progress.planned])


def _kept(command: Command[StepOptions], done: Sequence[TargetResult], code: int, began: float) -> Record:
    """Leave the record of a command; what has happened stands even if the record cannot be kept."""
    from maulstick.report.record import record_of
    from maulstick.report.store import keep

    ended = [one for result in done for one in result.ended]
    steps = {step for progress, _ in ended for step in progress.context.steps}
    name = "release" if len(steps) > 1 else next(iter(steps), "release")
    told = record_of(ended, command=name, code=code, seconds=time.monotonic() - began)
    try:
        return keep(command.project, told)
    except Problem as problem:
        command.console().line(str(problem))
        return told.record


def sealed_plans(options: SealedPlan, targets: Sequence[Target]) -> Mapping[str, Seals]:
    """Return the sealed plans that were typed, by target; one that has none is a usage problem."""
    from maulstick.plan.seal import of_target, read

    if not options.plan:
        return NO_SEALS
    plans = read(Path(options.plan))
    return {target.name: of_target(plans, target.name) for target in targets}
