"""The command that asks whether everything a release needs is there."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Typed, attribute
from maulstick.cli.each_target import Ended, everywhere
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit
from maulstick.files import temporary_folder
from maulstick.project.inventory import Target

if TYPE_CHECKING:
    from maulstick.doctor.context import DoctorContext
    from maulstick.doctor.findings import NamedFinding


def doctor(typed: Typed) -> int:
    """Ask about the target, its source and each subject named; nothing is changed anywhere."""
    from maulstick.doctor.context import DoctorContext

    console = typed.console()
    records: list[dict[str, Any]] = []

    def visit(target: Target) -> Ended:
        with ExitStack() as stack:
            place, host = reach(target, typed, stack, console)
            scratch = stack.enter_context(temporary_folder())
            context = DoctorContext(
                typed.project, typed.inventory().path, place, host, typed.plugins, scratch
            )
            context.browser_wanted = bool(typed.given["browser"])
            context.media_wanted = bool(typed.given["media"])
            records.append(_record(target.name, _asked(typed, context)))
        summary = records[-1]["summary"]
        says = ", ".join(f"{count} {word}" for word, count in summary.items() if count)
        if not typed.given["json"]:
            console.result(f"{target.name}: {says}")
        return Ended(Exit.WRONG if summary["fail"] else Exit.DONE, says)

    code = everywhere(typed.targets(), visit, console, keep_going=True)
    if typed.given["json"] and records:
        console.data({"version": 1, "targets": records})
    return code


def _asked(typed: Typed, context: DoctorContext) -> list[NamedFinding]:
    from maulstick.doctor.questions import questions_for
    from maulstick.doctor.runner import ask_all

    questions = questions_for(context, typed.subjects() if _names_some(typed) else ())
    if typed.given["json"]:
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


def _names_some(typed: Typed) -> bool:
    return any(typed.given.get(attribute(name)) for name in (*typed.kinds, "select"))
