"""One subject through some steps: what failed is said, with the state that production is in."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from maulstick.errors import Exit, Problem
from maulstick.files import no_room
from maulstick.postgres.recovery import BrokenTransaction, Fate
from maulstick.project.playbook import PlaybookStep
from maulstick.release.closing_lines import state_of
from maulstick.release.progress import Progress
from maulstick.release.runner import perform, perform_recorded
from maulstick.text import one_line

INTERRUPTED = "interrupted: the same command again does only what is left"


def release_one(progress: Progress, steps: Sequence[PlaybookStep], *, verb: str) -> int:
    """Take a subject through the steps and return its exit code; what state a failure leaves is said."""
    context = progress.context
    subject = one_line(str(context.subject))
    if not progress.records:
        place = context.place
        side = f"of {place.source.name}" if verb == "export" else f"to {place.target.name}"
        if place.pulled is not None:
            verb, side = context.verb, f"from {context.origin}"
        if place.is_copy:
            verb, side = context.verb, f"on the copy of {place.target.name}"
        check = ", as a check: nothing is changed" if context.settings.rehearse else ""
        context.console.line(f"{verb} {subject} {side}{check}")
    elif context.settings.several:
        context.console.line(f"{subject}, as planned")
    try:
        code = _performed(progress, steps)
    except KeyboardInterrupt:  # while a failure is said
        code = _interrupted(progress)
    if code:
        after_failure(progress)
        progress.state = state_of(progress)
        context.console.trouble(progress.state)
    return code


def _performed(progress: Progress, steps: Sequence[PlaybookStep]) -> int:
    """Perform the steps and return the exit code; what stopped them is said."""
    try:
        perform(progress, steps)
    except Problem as problem:
        return _failed(progress, problem)
    except KeyboardInterrupt:
        return _interrupted(progress)
    except Exception as error:
        if (full := no_room(error, progress.records[-1].name if progress.records else "")) is not None:
            return _failed(progress, full)
        # A mistake of ours: what is live is said all the same, and the record is kept.
        progress.problem = f"{type(error).__name__}: the trace on the terminal says more"
        progress.context.console.trouble(traceback.format_exc().rstrip())
        return Exit.BUG
    return Exit.DONE


def _interrupted(progress: Progress) -> int:
    progress.problem = INTERRUPTED
    progress.context.console.trouble(INTERRUPTED)
    return Exit.INTERRUPTED


def _failed(progress: Progress, problem: Problem) -> int:
    progress.problem = str(problem)
    context = progress.context
    context.console.problem(problem)
    if problem.code == Exit.WRONG and context.settings.undo_if_wrong and progress.number is not None:
        progress.undo, code = _undone(progress, progress.number)
        return code or problem.code
    if problem.code == Exit.WRONG and progress.published is not None:
        progress.hid, code = _undone(progress, progress.published)
        return code or problem.code
    return problem.code


def after_failure(progress: Progress, *, failed: bool = True) -> None:
    """Perform what is left of a stopped release; what fails in it is said, and hides nothing.

    Where nothing `failed`, as when the user said no, these are only the steps for always.
    """
    context = progress.context
    ended = {record.name for record in progress.records}
    progress.state = state_of(progress)
    for step in context.playbook:
        if step.name in ended or not (step.always or (failed and step.on_failure)):
            continue
        try:
            with progress.timed():
                perform_recorded(progress, step)
        except Problem as problem:
            context.console.problem(problem)
        except KeyboardInterrupt:
            context.console.trouble("interrupted: the steps after the failure are left out")
            return
        except Exception:
            # A mistake of ours, or a full disk: the first failure is what is told in the end.
            context.console.trouble(traceback.format_exc().rstrip())


def _undone(progress: Progress, number: int) -> tuple[Fate, int]:
    """Roll back a release that proved wrong; return what is known of that, and the exit code if it failed.

    Its pictures stay where no row names them. Of one that only made rows public, they are hidden again.
    """
    from maulstick.plan.rollback import rollback

    context = progress.context
    try:
        with context.production() as database:
            undone = rollback(
                database,
                number,
                target=context.place.target.name,
                left_out=(),
                rehearse=False,
                although_read_only=context.place.target.although_read_only,
            )
    except Problem as problem:
        context.console.trouble(str(problem))
        return problem.fate if isinstance(problem, BrokenTransaction) else Fate(), problem.code
    context.console.line(f"release {undone.number}: {undone}")
    return Fate(undone.number), 0


def tell_plugins(progress: Progress, code: int) -> int:
    """Tell the plugins how a release went, and return its exit code; theirs where all else was well."""
    context = progress.context
    try:
        if len(context.steps) > 1 and context.place.is_live:
            context.plugins.finished(progress.report().to_json())
    except Problem as problem:
        context.console.problem(problem)
        if progress.state:  # what is live stays the last word
            context.console.trouble(progress.state)
        return code or problem.code
    except KeyboardInterrupt:
        context.console.trouble("interrupted while plugins heard how it went")
        if progress.state:
            context.console.trouble(progress.state)
        return code or Exit.INTERRUPTED
    return code
