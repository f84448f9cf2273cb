"""Subjects taken through steps on each target, one by one or side by side, and the record of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Command
from maulstick.cli.bundles import Bundles
from maulstick.cli.options import Forks, StepOptions
from maulstick.cli.performing.typed_work import NO_SEALS, Seals, work_of
from maulstick.cli.performing.work import Result, Way, Work, WorkAnswer
from maulstick.cli.targets import TargetEnding, first_code, prefixed, reach, show_recap, visited
from maulstick.errors import Exit, Problem, usage
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep, Steps
from maulstick.release.settings import NOTHING_LEFT_OUT, LeftOutByPlaybook

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.release.all_subjects import TargetResult
    from maulstick.report.record import Record


@dataclass(frozen=True, slots=True)
class Performed:
    """The exit code of a command, and what became of its subjects on each target that was reached."""

    code: int
    results: Sequence[Result]

    @property
    def changes(self) -> bool:
        """Whether a plan of any target holds something to release."""
        return any(result.changes for result in self.results)


def perform(
    command: Command[StepOptions],
    steps: Sequence[PlaybookStep] | Steps,
    targets: Sequence[Target],
    *,
    bundles: Bundles | None = None,
    seals: Mapping[str, Seals] = NO_SEALS,
    every: bool = False,
    way: Way = "release",
    left_out: Callable[[str], LeftOutByPlaybook] = lambda _: NOTHING_LEFT_OUT,
) -> Performed:
    """Take subjects through the steps on each target, show how it went and keep the record of it.

    The steps are the same for all targets, or given for each by its name. The subjects are those of the
    bundles, else those that were typed, else those of sealed plans, which are given by target; with `every`
    all that a source has. No bundles at all are nothing to do.
    """
    began, console, targets = time.monotonic(), command.console(), [] if bundles == {} else targets
    # What is wrong with any target is found before anything happens on the first.
    play = steps if isinstance(steps, Mapping) else {target.name: steps for target in targets}
    work = {
        target.name: replace(
            work_of(command, play[target.name], bundles, seals.get(target.name, {}), every, way),
            several=len(targets) > 1,
            left_out=left_out(target.name),
        )
        for target in targets
    }
    forks = _forks(command, targets)
    _require_ready(command, targets, work, forks)
    beside = forks > 1
    answers = _side_by_side(command, targets, work, forks) if beside else _one_by_one(command, targets, work)
    show_recap([answer.ended for answer in answers], console)
    code, name = first_code([one.ended for one in answers]), way if way != "release" else _name_of(steps)
    record = _kept(command, name, answers, code=code, seconds=time.monotonic() - began)
    done = Performed(code, [answer.result for answer in answers if answer.result])
    if command.options.json and (done.results or not code):
        plans = [plan for result in done.results for plan in result.plans]
        console.data({"version": 1, "run": record.get("id"), "plans": plans} if name == "plan" else record)
    return done


def _name_of(steps: Sequence[PlaybookStep] | Steps) -> str:
    """Return what a command is called in its record: its only step, else a release."""
    plays = steps.values() if isinstance(steps, Mapping) else [steps]
    names = {step.name for one in plays for step in one}
    return names.pop() if len(names) == 1 else "release"


def do(
    command: Command[StepOptions],
    target: Target,
    work: Work,
    exported: dict[Path, str],
    show: Callable[[str], None],
) -> WorkAnswer:
    """Take the subjects through the steps on a target; lines of a result that people read are shown.

    `exported` names the target for which a bundle was exported before, and learns those of this one.
    """
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.cli.copies.safety_dump import dump_offer
    from maulstick.hosts.local_host import homewards
    from maulstick.postgres.connections import Connections
    from maulstick.release.all_subjects import release_all

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        if work.way == "pull":
            place, host = homewards(place, host, theirs=work.theirs, say=command.console().line)
        subjects = work.subjects or every_subject(place.source, command.plugins)
        if work.way == "rehearse":
            place, host = stack.enter_context(_copy(command, work, subjects, place, host))
        done = release_all(
            subjects,
            work.steps,
            place=place,
            host=host,
            plugins=command.plugins,
            console=command.console(),
            settings=replace(work.settings, left_out=work.left_out),
            exported=exported,
            connections=stack.enter_context(Connections()),
            before=dump_offer(command, work, place, host, subjects),
        )
    for line in () if command.options.json else done.lines:
        show(line)
    return _answer_of(target, work, done, is_json=command.options.json)


def _copy(
    command: Command[StepOptions], work: Work, subjects: Sequence[Subject], place: Place, host: Host
) -> AbstractContextManager[tuple[Place, Host]]:
    from maulstick.cli.copies.on_copy import CopyRequest, on_a_copy

    asked = CopyRequest(place, host, subjects, work.settings, command.plugins, work.keep)
    return on_a_copy(asked, command.console())


def _answer_of(target: Target, work: Work, done: TargetResult, *, is_json: bool) -> WorkAnswer:
    """Return how work ended; what a plan shows comes along where it is asked for as JSON."""
    from maulstick.plan.view import plan_json
    from maulstick.report.recap import recap_line
    from maulstick.report.record import releases_of

    shows_plans = is_json and work.names == ["plan"]
    planned = [one for progress, _ in done.ended for one in progress.planned] if shows_plans else ()
    result = Result(
        recorded=releases_of(done.ended, prefix=f"{target.name}-" if work.several else ""),
        plans=plan_json(planned)["plans"],
        seals=done.seals(),
        changes=done.changes,
    )
    return WorkAnswer(
        TargetEnding(target.name, done.code, recap=[recap_line(*one) for one in done.ended]), result
    )


def _forks(command: Command[StepOptions], targets: Sequence[Target]) -> int:
    """Count how many targets have their turn at a time."""
    typed = command.options.forks if isinstance(command.options, Forks) else 1
    if typed < 1:
        raise usage(f"--forks {typed}", "is not a number of targets", "--forks 4")
    return min(typed, len(targets))


def _require_ready(
    command: Command[StepOptions], targets: Sequence[Target], work: Mapping[str, Work], forks: int
) -> None:
    """Refuse plugins that could not be loaded, and questions where nobody answers."""
    from maulstick.release.runner import kinds_of, must_ask, require_somebody

    command.plugins.require_all()
    for target in targets:
        settings, kinds = work[target.name].settings, kinds_of(work[target.name].steps)
        if forks > 1 and (settings.ask or settings.confirm_each):
            asks = "--ask" if settings.ask else "--confirm-each"
            raise usage(asks, "does not go with --forks", "leave one of them out")
        if forks > 1 and must_ask(target, settings, kinds):
            what = "asks before it is changed, and cannot while others are changed beside it"
            hint = "pass --yes or a sealed plan, or leave --forks out"
            raise usage(f"targets/{target.name}", what, hint)
        if target != targets[0]:  # which says so itself
            require_somebody(target, settings, kinds, command.console())


def _one_by_one(
    command: Command[StepOptions], targets: Sequence[Target], work: Mapping[str, Work]
) -> list[WorkAnswer]:
    console, exported, answers = command.console(), dict[Path, str](), dict[str, WorkAnswer]()

    def visit(target: Target) -> TargetEnding:
        def show(line: str) -> None:
            console.result_line(prefixed(line, target.name, targets))

        answers[target.name] = do(command, target, work[target.name], exported, show)
        return answers[target.name].ended

    ended = visited(targets, visit, console, keep_going=command.options.keep_going)
    return [answers.get(one.target, WorkAnswer(one)) for one in ended]


def _side_by_side(
    command: Command[StepOptions], targets: Sequence[Target], work: Mapping[str, Work], forks: int
) -> list[WorkAnswer]:
    from maulstick.cli.performing.forks import ForkRequest, ask_each

    exported, console = _exported_first(command, targets, work), command.console()

    def told(answer: WorkAnswer) -> None:
        for line in answer.lines:
            console.result_line(prefixed(line, answer.ended.target, targets))

    requests = [
        ForkRequest(command.project, command.options, command.keys, target.name, work[target.name], exported)
        for target in targets
    ]
    return ask_each(requests, console, forks=forks, told=told)


def _exported_first(
    command: Command[StepOptions], targets: Sequence[Target], work: Mapping[str, Work]
) -> dict[Path, str]:
    """Export once for all targets of a source, which get the same; return for which target each bundle was.

    What goes wrong here each target says for itself. Where no bundle is written, each is left to itself.
    """
    exported, sources = dict[Path, str](), dict[Path | None, list[Target]]()
    for target in targets:
        sources.setdefault(target.source.bundles if target.source else None, []).append(target)
    for first, *others in sources.values():
        doing, settings = work[first.name], work[first.name].settings
        steps = [step for step in doing.steps if step.kind == "export" and not step.left_out]
        if others and steps and not (settings.rehearse or settings.bundles or settings.seals):
            export = partial(_export, command, replace(doing, steps=steps), exported)
            [ended] = visited([first], export, command.console(), keep_going=True)
            if ended.code == Exit.INTERRUPTED:
                raise KeyboardInterrupt
    return exported


def _export(
    command: Command[StepOptions], work: Work, exported: dict[Path, str], target: Target
) -> TargetEnding:
    return do(command, target, work, exported, lambda _: None).ended


def _kept(
    command: Command[StepOptions], name: str, answers: Sequence[WorkAnswer], *, code: int, seconds: float
) -> Record:
    """Leave the record of a command; what has happened stands even if the record cannot be kept."""
    from maulstick.report.recap import unreached
    from maulstick.report.record import record_of
    from maulstick.report.store import keep

    ended = [answer.ended for answer in answers]
    told = record_of(
        [answer.result.recorded for answer in answers if answer.result],
        [line for one in ended for line in one.recap or [unreached(one.target, one.code or 0, one.says)]],
        command=name,
        code=code,
        seconds=seconds,
    )
    try:
        return keep(command.project, told)
    except Problem as problem:
        command.console().line(str(problem))
        return told.record
