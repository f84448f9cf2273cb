"""The command that asks whether everything a release needs is there."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Json, Limit, Subjects, TargetsOptions, Verbose
from maulstick.cli.targets import TargetEnding, reach, visit_each
from maulstick.console import Console
from maulstick.errors import Exit
from maulstick.files import temporary_folder
from maulstick.project.inventory import Target
from maulstick.release.settings import option

if TYPE_CHECKING:
    from maulstick.doctor.context import DoctorContext
    from maulstick.doctor.findings import NamedFinding


@dataclass(frozen=True)
class Doctor(Subjects, TargetsOptions, Limit, Json, Verbose):
    """What is asked beside the usual questions."""

    browser: bool = option(False, "ask whether a real Chromium starts, too")
    media: bool = option(
        False, "ask for every object that the subjects' bundles name, else all rows of production"
    )


def doctor(command: Command[Doctor]) -> int:
    """Ask about the target, its source and each subject named; nothing is changed anywhere."""
    from maulstick.doctor.context import DoctorContext

    console, options = command.console(), command.options
    records: list[dict[str, Any]] = []

    def visit(target: Target) -> TargetEnding:
        with ExitStack() as stack:
            place, host = reach(target, command.project, stack, console)
            scratch = stack.enter_context(temporary_folder())
            inventory = command.inventory().path
            context = DoctorContext(command.project, inventory, place, host, command.plugins, scratch)
            context.browser_wanted, context.media_wanted = options.browser, options.media
            records.append(_record(target.name, _asked(command, context)))
        summary = records[-1]["summary"]
        says = ", ".join(f"{count} {word}" for word, count in summary.items() if count)
        if not options.json:
            console.result(f"{target.name}: {says}")
        return TargetEnding(target.name, Exit.WRONG if summary["fail"] else Exit.DONE, says)

    code = visit_each(command.targets(), visit, console, keep_going=True)
    if options.json and records:
        console.data({"version": 1, "targets": records})
    return code


def _asked(command: Command[Doctor], context: DoctorContext) -> list[NamedFinding]:
    from maulstick.doctor.questions import questions_for
    from maulstick.doctor.runner import ask_all

    questions = questions_for(context, command.named())
    if command.options.json:
        return list(ask_all(questions, context))
    # The answers are the result, so they go where results go, each behind its name.
    console = Console(stream=sys.stdout, width=max(len(question.name) for question in questions) + 4)
    console.line(f"doctor {context.target.name}")
    answers, findings = ask_all(questions, context), []
    for question in questions:
        console.begin(question.name)
        findings.append(next(answers))
        _show(console, findings[-1])
    return findings


def _show(console: Console, finding: NamedFinding) -> None:
    first, *more = finding.says.splitlines() or [""]
    console.end(finding.name, finding.word, first)
    for line in more:
        console.line(f"    {line}")
    if finding.hint:
        console.line(f"    hint: {finding.hint}")


def _record(target: str, findings: list[NamedFinding]) -> dict[str, Any]:
    from maulstick.doctor.findings import about_target

    return about_target(target, findings).model_dump()


COMMANDS = (Definition("doctor", "Check whether everything is there; changes nothing.", Doctor, doctor),)
