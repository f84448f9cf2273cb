"""The runner: the steps of a playbook in order, and what state production is in when one fails."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence

from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.plan.hidden import publishes
from maulstick.plan.view import diff_lines
from maulstick.project.declarations import Outcome, StepResult
from maulstick.project.inventory import Target
from maulstick.project.playbook import CORE_STEPS, PlaybookStep
from maulstick.release.confirmation import require_yes
from maulstick.release.playing.facts import unmet
from maulstick.release.playing.tries import tried
from maulstick.release.progress import Progress, StepRecord
from maulstick.release.settings import WITHOUT_WRITES, ReleaseSettings
from maulstick.release.step_release import page_of, step_release
from maulstick.release.step_results import PlainResult, PlanResult

REHEARSED = ("check", "export", "plan", "apply")
"""The steps that a rehearsal performs: they change nothing, or roll back what they have changed."""
ASKED_ABOUT = ("deploy", "upload", "apply", "publish")
"""The steps of which a target that asks is told what they would change; a plan has told the plugins'."""


def perform(progress: Progress, steps: Sequence[PlaybookStep]) -> None:
    """Run the steps in order; a problem leaves with its step recorded as failed."""
    context = progress.context
    with progress.timed():
        for step in steps:
            if step.on_failure or _is_idle(progress, step):
                continue
            perform_recorded(progress, step)
            _say_would(progress, step)
            if step.name == "deploy":
                _plan_again_after_deploy(progress)
    progress.page = page_of(context)


def _is_idle(progress: Progress, step: PlaybookStep) -> bool:
    """Return whether a step has nothing to do for any row of these tables: then nobody hears of it."""
    context = progress.context
    return step.kind == "publish" and len(context.playbook) > 1 and not publishes(context.specs)


def _say_plans(progress: Progress) -> None:
    """Say what the steps would do that are not of the core; one that cannot say it stops the release."""
    line = progress.context.console.line
    for step in progress.context.plugin_steps:
        if not step.on_failure and (why := unmet(progress, step)):
            line(f"    {step.name} would be skipped: {why}")
        else:
            after = "after a failure, " if step.on_failure else ""
            line(f"    {after}{step.name} would {would(progress, step)}")


def perform_step(progress: Progress, step: PlaybookStep) -> Outcome:
    """Run one step, keep what it returns, and return its outcome; what stopped it is raised.

    In a rehearsal, a step that cannot be rolled back only says what it would do.
    """
    if progress.context.settings.rehearse and step.name not in REHEARSED:
        result: Outcome | StepResult = Outcome("skipped", f"would {would(progress, step)}")
    else:
        with step_release(progress, step.name) as release:
            result = progress.known_steps[step.kind].run(release, **step.options)
    if isinstance(result, Outcome):
        result = PlainResult(result)
    outcome, shared = progress.keep(step.name, result), progress.context.shared
    if isinstance(result, PlanResult) and result.note is not None and shared is not None:
        shared.note(result.note)
    return outcome


def would(progress: Progress, step: PlaybookStep) -> str:
    """Return what a step would do."""
    with step_release(progress, step.name) as release:
        return progress.known_steps[step.kind].plan(release, **step.options)


def confirm(all_progress: Sequence[Progress], steps: Sequence[PlaybookStep]) -> None:
    """Ask before production is changed, where the target wants it and nothing else said yes."""
    context = all_progress[0].context
    target, console, kinds = context.place.target, context.console, kinds_of(steps)
    if not must_ask(target, context.settings, kinds):
        return
    require_somebody(target, context.settings, kinds, console)
    for progress in all_progress:
        console.line(f"    {progress.context.subject} to {target.name}:")
        for step in steps:
            if step.name not in ASKED_ABOUT or _is_idle(progress, step) or unmet(progress, step):
                continue
            for line in would(progress, step).splitlines():
                console.line(f"      {line}")
    subjects = ", ".join(str(progress.context.subject) for progress in all_progress)
    question = f"release {subjects} to {target.name}?"
    require_yes(console, question, where=f"targets/{target.name}", step="release")


def kinds_of(steps: Iterable[PlaybookStep]) -> list[str]:
    """Return which steps are performed if nothing fails."""
    return [step.kind for step in steps if not (step.left_out or step.on_failure)]


def require_somebody(
    target: Target, settings: ReleaseSettings, kinds: Iterable[str], console: Console
) -> None:
    """Refuse a target that asks before it is changed where nobody is there to answer (exit 2)."""
    if must_ask(target, settings, kinds) and not console.interactive:
        what = "asks before it is changed, and nobody is there to answer"
        raise usage(f"targets/{target.name}", what, "answer on a terminal, or pass --yes or a sealed plan")


def must_ask(target: Target, settings: ReleaseSettings, kinds: Iterable[str]) -> bool:
    """Return whether a target asks before these steps change it."""
    if not target.confirm or settings.yes or settings.rehearse or settings.seals:
        return False
    return not set(kinds) <= set(WITHOUT_WRITES)


def perform_recorded(progress: Progress, step: PlaybookStep) -> None:
    """Perform a step, or leave it out, and record how it went; what fails it is raised, or a warning."""
    context = progress.context
    context.console.begin(step.name)
    started = time.monotonic()
    try:
        if (outcome := _left_out(progress, step)) is not None:
            progress.keep(step.name, PlainResult(outcome))
        else:
            _ask_each(progress, step)
            outcome = tried(
                step,
                lambda: _wrapped(progress, step),
                say=context.console.line,
                open_end=lambda: _is_half_done(progress, step),
            )
    except BaseException as error:
        says = _failure(step.name, error)
        if isinstance(error, Problem) and step.ignore_errors:
            outcome = Outcome("failed", f"{says}; the release goes on", (str(error),))
            _record(progress, step, outcome, started)
            return
        if not (isinstance(error, Problem) and error.harmless):
            progress.half_done += (step.name,)
        _record(progress, step, Outcome("failed", says), started)
        if isinstance(error, Problem):
            _show_diff(progress, step)
        raise
    _record(progress, step, outcome, started)
    _show_diff(progress, step)


def _is_half_done(progress: Progress, step: PlaybookStep) -> bool:
    """Return whether a step that failed has written rows, or may have."""
    if step.kind == "publish":
        return progress.published is not None or not progress.is_certain
    return step.kind == "apply" and progress.may_be_written


def _say_would(progress: Progress, step: PlaybookStep) -> None:
    """Say after a plan what other steps would do, and in a check what a step that is left out would."""
    if step.kind == "plan":
        _say_plans(progress)
    elif (
        step.kind in ("deploy", "upload") and progress.context.settings.rehearse and not unmet(progress, step)
    ):
        for line in would(progress, step).splitlines():
            progress.context.console.line(f"    {line}")


def _show_diff(progress: Progress, step: PlaybookStep) -> None:
    """Show every row and column of a plan, where that was asked for; a plan alone is a result of its own."""
    context, plan = progress.context, progress.plan
    is_result = context.steps == ("plan",) and progress.earlier.word("plan") != "failed"
    if step.name == "plan" and context.settings.diff and plan is not None and not is_result:
        for line in diff_lines(plan):
            context.console.line(f"    {line}")


def _ask_each(progress: Progress, step: PlaybookStep) -> None:
    """Ask before a step that may change something, where that was typed; a no ends the release."""
    context = progress.context
    if not context.settings.confirm_each or context.settings.rehearse or step.kind in WITHOUT_WRITES:
        return
    for line in would(progress, step).splitlines():
        context.console.line(f"    {line}")
    if not context.console.ask(f"{step.name}: {context.subject} to {context.place.target.name}?"):
        what, hint = "stopped at your word", f"--start-at {step.name} goes on from here"
        raise Problem(step.name, what, hint, code=Exit.INTERRUPTED, harmless=True)


def _wrapped(progress: Progress, step: PlaybookStep) -> Outcome:
    if not progress.context.place.is_live:  # who stands around a step stands around releases
        return perform_step(progress, step)
    return progress.context.plugins.around(
        step.kind,
        lambda: step_release(progress, step.name),
        lambda: perform_step(progress, step),
    )


def _failure(step: str, error: BaseException) -> str:
    """Return what stopped a step in a few words; the whole of it is said once all steps have ended."""
    if isinstance(error, Problem):
        return re.split(r"[:;,\n]", error.what)[0] if error.where == step else error.where
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def _left_out(progress: Progress, step: PlaybookStep) -> Outcome | None:
    context = progress.context
    if context.settings.rehearse and step.kind in CORE_STEPS and step.name not in REHEARSED:
        return Outcome("skipped", "a rehearsal leaves it out")
    if why := unmet(progress, step):
        return Outcome("skipped", why)
    if step.kind == "publish" and context.settings.hidden:
        return Outcome("skipped", "--hidden leaves its rows hidden")
    if step.name != "export":
        return None
    if context.names_bundle:
        return Outcome("skipped", "the bundle was named")
    if context.seal is not None:
        return Outcome("skipped", "the sealed plan's bundle is there")
    if progress.exported_for:
        return Outcome("unchanged", f"as exported for {progress.exported_for}")
    return None


def _record(progress: Progress, step: PlaybookStep, outcome: Outcome, started: float) -> None:
    seconds, console = round(time.monotonic() - started, 3), progress.context.console
    record = StepRecord(
        step.name,
        outcome.word,
        outcome.says,
        seconds,
        outcome.warnings,
        step.kind,
        ignored=outcome.word == "failed" and step.ignore_errors,
    )
    progress.record(record)
    console.end(step.name, outcome.word, outcome.says)
    for warning in outcome.warnings:
        console.line(f"    warning: {warning}")


def _plan_again_after_deploy(progress: Progress) -> None:
    """Plan again where a deploy may have brought another schema; rows that moved stop the release."""
    before, context = progress.plan, progress.context
    has_deployed = progress.earlier.word("deploy") == "done"
    if has_deployed and context.shared is not None:
        context.shared.forget()
    if not {"plan", "apply"} <= {*context.steps} or not (has_deployed or before is None):
        return
    context.console.line("    planning again: the deploy may have brought a new schema")
    outcome = perform_step(progress, PlaybookStep("plan", {}))
    if before is None:
        for line in (outcome.says, *(f"warning: {warning}" for warning in outcome.warnings)):
            context.console.line(f"    {line}")
    if before is not None and progress.plan != before:
        says = f"{context.place.target.name}'s rows moved while the code was deployed"
        raise Problem("plan", says, "look at `invoke plan`, then release again", code=Exit.REFUSED)
