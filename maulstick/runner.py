"""The runner: the steps of a playbook in order, and what state production is in when one fails."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from maulstick.errors import Exit, Problem, usage
from maulstick.playbook import PlaybookStep
from maulstick.report import Outcome, StepRecord
from maulstick.run import Run, Step
from maulstick.steps.apply import apply
from maulstick.steps.check import check
from maulstick.steps.deploy import deploy
from maulstick.steps.export import export
from maulstick.steps.plan import plan
from maulstick.steps.upload import upload
from maulstick.steps.verify import verify

STEPS: Mapping[str, Step] = {
    "check": check,
    "export": export,
    "plan": plan,
    "deploy": deploy,
    "upload": upload,
    "apply": apply,
    "verify": verify,
}
CHANGING = ("deploy", "upload", "apply")


def perform(run: Run, steps: Sequence[PlaybookStep]) -> None:
    """Run the steps in order; after the plan, ask where the target wants it.

    A problem leaves with its step recorded as failed and production's state as the last line.
    """
    run.steps = tuple(step.name for step in steps)
    with run.report.timed():
        for number, step in enumerate(steps):
            _one(run, step)
            rest = [later.name for later in steps[number + 1 :]]
            if step.name == "plan" and run.place.target.confirm and set(rest) & set(CHANGING):
                _confirm(run)
            if step.name == "deploy" and run.report.word("deploy") == "done" and "apply" in rest:
                _plan_again(run)
    run.report.page = _page(run)


def state_of_production(run: Run) -> str:
    """Return what a failed run leaves in production, in one line."""
    done = [record.name for record in run.report.steps if record.word == "done" and record.name in CHANGING]
    if run.report.number is not None:
        return f"production: release {run.report.number} is there, its rows are live, not verified"
    if not done:
        return "production: unchanged"
    words = {"deploy": "new code", "upload": "new pictures that no row names yet", "apply": "rows"}
    return f"production: {' and '.join(words[name] for name in done)}; its rows are unchanged"


def _one(run: Run, step: PlaybookStep) -> None:
    run.console.begin(step.name)
    started = time.monotonic()
    try:
        outcome = STEPS[step.name](run, step.options)
    except BaseException as error:
        says = error.where if isinstance(error, Problem) else type(error).__name__
        _record(run, step.name, Outcome("failed", says), started)
        raise
    _record(run, step.name, outcome, started)


def _record(run: Run, name: str, outcome: Outcome, started: float) -> None:
    seconds = round(time.monotonic() - started, 3)
    run.report.steps.append(StepRecord(name, outcome.word, outcome.says, seconds, outcome.warnings))
    run.console.end(name, outcome.word, outcome.says)
    for warning in outcome.warnings:
        run.console.line(f"    warning: {warning}")


def _confirm(run: Run) -> None:
    if run.settings.yes:
        return
    target = run.place.target.name
    if not run.console.interactive:
        hint = "answer on a terminal, or pass --yes"
        raise usage(f"targets/{target}", "asks before it is changed, and nobody is there to answer", hint)
    if not run.console.ask(f"release {run.subject} to {target}?"):
        raise Problem("release", "stopped at your word", code=Exit.INTERRUPTED)


def _plan_again(run: Run) -> None:
    before = run.plan
    run.console.line("    planning again: the deploy may have brought a new schema")
    plan(run, {})
    if before is not None and run.plan != before:
        says = "production's rows moved while the code was deployed"
        raise Problem("plan", says, "look at `invoke plan`, then release again", code=Exit.REFUSED)


def _page(run: Run) -> str:
    pages = run.bundle.manifest.pages if (run.folder / "manifest.json").is_file() else ()
    return f"{run.place.target.site}{pages[0].path}" if pages else run.place.target.site
