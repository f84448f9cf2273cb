"""What a performance says at its end: to people, and in the recap of several targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from maulstick import git
from maulstick.errors import Problem
from maulstick.plan.view import plan_lines
from maulstick.postgres.recovery import Fate
from maulstick.release.context import Run
from maulstick.release.settings import LOOKING
from maulstick.text import amount

HALF_DONE = {"deploy": "new code may be there", "upload": "pictures that no row names may be there"}
REPLACED = "pictures may be there, also in the place of others"
WHOLE = {"deploy": "new code", "upload": "new pictures that no row names yet"}
ASK = "invoke history tells once it answers"
NAMED = 3
"""How many subjects a recap names; more of them are counted."""


def result_lines(runs: Sequence[Run], codes: Sequence[int]) -> Iterator[str]:
    """Return what people read at the end about each subject that went well."""
    is_dirty = cache(_is_dirty)  # of all bundles together, so that git need not be asked of each
    for run, code in zip(runs, codes, strict=True):
        if code:
            continue
        if _is_whole(run):
            yield from _result(run, is_dirty)
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


def state_of(run: Run) -> str:
    """Return what a run that stopped leaves in its target, in one line: all that is known of it."""
    target, report = run.place.target.name, run.report
    if report.undone_by is not None:
        return f"{target}: its rows are as before; new pictures that no row names may be there"
    if report.number is not None:
        return f"{target}: release {report.number} is there, its rows are live, not verified"
    rows = "its rows are unchanged" if report.sure else f"{Fate(sure=report.sure).says()}; {ASK}"
    beside = [] if run.settings.rehearse else [*_done(run), *_half_done(run)]
    if beside:
        return f"{target}: {' and '.join(beside)}; {rows}"
    return f"{target}: unchanged" if report.sure else f"{target}: {rows}"


def _done(run: Run) -> list[str]:
    names = [one.name for one in run.report.steps if one.word == "done" and one.name not in LOOKING]
    return [WHOLE.get(name, f"what {name} did") for name in names if name != "apply"]


def _half_done(run: Run) -> list[str]:
    replaces = run.settings.overwrite or any(item.action == "overwrite" for item in run.media or ())
    if run.half_done == "upload" and replaces:
        return [REPLACED]
    if run.half_done in HALF_DONE:
        return [HALF_DONE[run.half_done]]
    return [f"what {step.name} did may be there" for step in run.own if step.name == run.half_done]


def _result(run: Run, is_dirty: Callable[[Path], bool]) -> Iterator[str]:
    report, seconds = run.report, f"({run.report.seconds:.1f} s)"
    if run.settings.rehearse:
        yield f"rehearsed: nothing was changed {seconds}"
        return
    if "apply" not in run.steps:
        yield f"performed {', '.join(run.steps)}; no rows were released {seconds}"
        return
    but = ", ".join(differences(run))
    stands = f"in step but for {but}" if but else "in step with local"
    yield f"{_number(run)}: {run.place.target.name} is {stands} {seconds}   {report.page}"
    if run.place.target.host != "sandbox" and _is_new_to_git(run, is_dirty):
        yield f"{run.folder}: git does not have this bundle yet"


def differences(run: Run) -> Iterator[str]:
    """Return in what a target differs from the bundle once it was released, a few words for each kind."""
    counts = Counter(run.stands)
    if run.plan is not None and counts:  # only a plan has asked the source
        counts |= Counter({word: run.plan.counts()[word] for word in ("gone", "left")})
        counts["gone"] = run.plan.counts()["gone"]
    counts["gone"] -= len(run.doomed)
    whose = "the source deleted (--prune)" if run.plan is not None else "the bundle does not hold"
    said = {
        "removed": "deleted there",
        "gone": f"still there that {whose}",
        "left": "still there that moved elsewhere",
        "kept": "edited there",
    }
    others = sum(counts[word] for word in said if word != "kept")
    for word, says in said.items():
        if counts[word] > 0:
            alone = word != "kept" or not others
            yield f"{amount(counts[word], 'row') if alone else counts[word]} {says}"


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
    if run.report.number:
        return f"release {run.report.number}"
    did = [one.name for one in run.report.steps if one.word == "done" and one.name not in (*LOOKING, "apply")]
    return f"{' and '.join(did)} done, no rows to release" if did else "nothing to release"


def _is_new_to_git(run: Run, is_dirty: Callable[[Path], bool]) -> bool:
    return (run.given or is_dirty(run.place.source.bundles)) and is_dirty(run.folder)


def _is_dirty(folder: Path) -> bool:
    try:
        return bool(git.dirty(folder))
    except Problem:
        return False
