"""What a performance says at its end: to people, and in the recap of several targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maulstick import git
from maulstick.console import amount
from maulstick.errors import Problem
from maulstick.run import Run
from maulstick.views import plan_lines

NAMED = 3
"""How many subjects a recap names; more of them are counted."""


def result_lines(runs: Sequence[Run], codes: Sequence[int]) -> Iterator[str]:
    """Return what people read at the end about each subject that went well."""
    for run, code in zip(runs, codes, strict=True):
        if code:
            continue
        if _is_whole(run):
            yield from _result(run)
        elif run.plan is not None:
            yield from plan_lines(run.plan) if run.plan.changes else ["nothing to release"]


def recap(runs: Sequence[Run], codes: Sequence[int]) -> str:
    """Return all subjects of one target in a few words."""
    if len(runs) <= NAMED:
        return "; ".join(f"{run.subject}: {_short(run)}" for run in runs)
    failed = sum(1 for code in codes if code)
    well = amount(len(runs) - failed, "subject")
    return f"{well}, {failed} failed" if failed else well


def has_changes(run: Run) -> bool:
    """Tell whether a plan holds anything to release."""
    counts = run.plan.counts() if run.plan else {}
    files = [item for item in run.media or () if item.action != "there"]
    return bool(counts.get("insert") or counts.get("update") or run.doomed or files)


def _is_whole(run: Run) -> bool:
    return len(run.steps) > 1


def _result(run: Run) -> Iterator[str]:
    report, seconds = run.report, f"({run.report.seconds:.1f} s)"
    if run.settings.rehearse:
        yield f"rehearsed: nothing was changed {seconds}"
        return
    if "apply" not in run.steps:
        yield f"performed {', '.join(run.steps)}; no rows were released {seconds}"
        return
    kept = len(run.plan.with_cell("kept")) if run.plan else 0
    but = f", but for {amount(kept, 'row')} edited there" if kept else ""
    yield f"{_number(run)}: production is in step with local{but} {seconds}   {report.page}"
    if run.place.target.host != "sandbox" and _is_new_to_git(run):
        yield f"{run.folder}: git does not have this bundle yet"


def _short(run: Run) -> str:
    steps = run.report.steps
    failed = next((step for step in steps if step.word == "failed"), None)
    if failed is not None:
        return f"{failed.name} {'interrupted' if failed.says == 'interrupted' else 'failed'}"
    if not steps:
        return "not begun"
    if not _is_whole(run):
        return steps[-1].says or steps[-1].word
    if run.settings.rehearse:
        return "rehearsed"
    return _number(run) if "apply" in run.steps else f"performed {', '.join(run.steps)}"


def _number(run: Run) -> str:
    return f"release {run.report.number}" if run.report.number else "nothing to release"


def _is_new_to_git(run: Run) -> bool:
    try:
        return bool(git.dirty(run.folder))
    except Problem:
        return False
