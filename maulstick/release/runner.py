"""The runner: the steps of a playbook in order, and what state production is in when one fails."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING

from maulstick.bundle.page_lines import first_shown
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.declarations import Outcome
from maulstick.project.inventory import Target
from maulstick.project.playbook import CORE_STEPS, PlaybookStep
from maulstick.release.context import Run, Step
from maulstick.release.result import StepRecord
from maulstick.release.settings import LOOKING, Settings

if TYPE_CHECKING:
    from maulstick.verify.live import Live

NOT_REHEARSED = ("deploy", "upload", "verify")


def perform(run: Run, steps: Sequence[PlaybookStep]) -> None:
    """Run the steps in order; a problem leaves with its step recorded as failed."""
    with run.report.timed():
        for step in steps:
            _one(run, step)
            if step.name == "plan" and run.own:
                _plan_own(run)
            if step.name == "deploy" and run.ahead is not None and run.report.word("deploy") == "done":
                run.ahead.forget()
            if step.name == "deploy" and _must_plan_again(run):
                _plan_again(run)
    run.report.page = _page(run)


def confirm(runs: Sequence[Run], names: Sequence[str]) -> None:
    """Ask before production is changed, where the target wants it and nothing else said yes."""
    run = runs[0]
    target = run.place.target
    if not _must_ask(target, run.settings, names):
        return
    require_somebody(target, run.settings, names, run.console)
    from maulstick.release.confirmation import asked_about

    for each in runs:
        for line in asked_about(each, names):
            run.console.line(f"    {line}")
    if not run.console.ask(f"release {', '.join(str(one.subject) for one in runs)} to {target.name}?"):
        raise Problem("release", "stopped at your word", code=Exit.INTERRUPTED)


def require_somebody(target: Target, settings: Settings, names: Iterable[str], console: Console) -> None:
    """Refuse a target that asks before it is changed where nobody is there to answer (exit 2)."""
    if _must_ask(target, settings, names) and not console.interactive:
        what = "asks before it is changed, and nobody is there to answer"
        raise usage(f"targets/{target.name}", what, "answer on a terminal, or pass --yes or a sealed plan")


def _must_ask(target: Target, settings: Settings, names: Iterable[str]) -> bool:
    if not target.confirm or settings.yes or settings.rehearse or settings.seals:
        return False
    return not set(names) <= set(LOOKING)


def _one(run: Run, step: PlaybookStep) -> None:
    run.console.begin(step.name)
    started = time.monotonic()
    try:
        outcome = _left_out(run, step.name) or run.plugins.around(
            step.name, lambda: _live(run), lambda: _performed(run, step)
        )
    except BaseException as error:
        says = _failure(step.name, error)
        run.half_done = "" if isinstance(error, Problem) and error.harmless else step.name
        _record(run, step.name, Outcome("failed", says), started)
        raise
    _record(run, step.name, outcome, started)


def _failure(step: str, error: BaseException) -> str:
    """Return what stopped a step in a few words; the whole of it is said once all steps have ended."""
    if isinstance(error, Problem):
        return re.split(r"[:;,\n]", error.what)[0] if error.where == step else error.where
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def _performed(run: Run, step: PlaybookStep) -> Outcome:
    if step.name in CORE_STEPS:
        return step_of(step.name)(run, step.options)
    from maulstick.release.steps.plugin import own

    return own(run, step)


def step_of(name: str) -> Step:
    """Return a step of the core, whose module is read when it is performed."""
    step: Step = getattr(import_module(f"maulstick.release.steps.{name}"), name)
    return step


def _live(run: Run) -> AbstractContextManager[Live]:
    from maulstick.release.site import live_of

    return live_of(run)


def _left_out(run: Run, step: str) -> Outcome | None:
    if run.settings.rehearse and step in NOT_REHEARSED:
        return Outcome("skipped", "a rehearsal leaves it out")
    if run.given and step == "export":
        return Outcome("skipped", "the bundle was named")
    if run.seal is not None and step == "export":
        return Outcome("skipped", "the sealed plan's bundle is there")
    if run.exported_for and step == "export":
        return Outcome("unchanged", f"as exported for {run.exported_for}")
    return None


def _record(run: Run, name: str, outcome: Outcome, started: float) -> None:
    seconds = round(time.monotonic() - started, 3)
    run.report.steps.append(StepRecord(name, outcome.word, outcome.says, seconds, outcome.warnings))
    run.console.end(name, outcome.word, outcome.says)
    for warning in outcome.warnings:
        run.console.line(f"    warning: {warning}")


def _must_plan_again(run: Run) -> bool:
    if not {"plan", "apply"} <= set(run.steps):
        return False
    return run.plan is None or run.report.word("deploy") == "done"


def _plan_again(run: Run) -> None:
    before = run.plan
    run.console.line("    planning again: the deploy may have brought a new schema")
    step_of("plan")(run, {})
    if before is not None and run.plan != before:
        says = f"{run.place.target.name}'s rows moved while the code was deployed"
        raise Problem("plan", says, "look at `invoke plan`, then release again", code=Exit.REFUSED)


def _plan_own(run: Run) -> None:
    from maulstick.release.steps.plugin import planned

    for step in run.own:
        run.console.line(f"    {step.name} would {planned(run, step)}")


def _page(run: Run) -> str:
    pages = run.bundle.manifest.pages if (run.folder / "manifest.json").is_file() else ()
    path = first_shown(pages).replace(" ", "%20")
    return f"{run.place.target.site}{path}"
