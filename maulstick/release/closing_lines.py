"""What a command says at its end: the lines about each subject, and its few words in a recap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from maulstick import git
from maulstick.errors import Problem
from maulstick.plan.view import diff_lines, plan_lines
from maulstick.postgres.recovery import Fate
from maulstick.release.progress import Progress
from maulstick.release.settings import WITHOUT_WRITES
from maulstick.release.step_results import ApplyResult
from maulstick.text import amount

HALF_DONE = {"deploy": "new code may be there", "upload": "pictures that no row names may be there"}
REPLACED = "pictures may be there, also in the place of others"
WHOLE = {"deploy": "new code", "upload": "new pictures that no row names yet"}
ASK = "invoke history tells once it answers"


def closing_lines(releases: Sequence[Progress], codes: Sequence[int]) -> Iterator[str]:
    """Yield what people read at the end about each subject that went well."""
    is_dirty = cache(_is_dirty)  # of all bundles together, so that git need not be asked of each
    for progress, code in zip(releases, codes, strict=True):
        if code:
            continue
        if _is_whole(progress):
            yield from _result(progress, is_dirty)
        elif progress.plan is not None:
            shown = diff_lines if progress.context.settings.diff else plan_lines
            yield from shown(progress.plan) if progress.plan.changes else ["nothing to release"]


def has_changes(progress: Progress) -> bool:
    """Return whether a plan holds anything to release."""
    counts = progress.plan.counts() if progress.plan else {}
    files = [item for item in progress.files or () if item.action != "there"]
    return bool(counts.get("insert") or counts.get("update") or progress.deletes or files)


def _is_whole(progress: Progress) -> bool:
    return len(progress.context.steps) > 1


def state_of(progress: Progress) -> str:
    """Return what a release that stopped leaves in its target, in one line."""
    context = progress.context
    target, verb = context.place.target.name, context.verb
    if context.place.is_copy:
        return f"{target}: unchanged, this was a copy"
    if progress.undo.number is not None:
        return f"{target}: its rows are as before; new pictures that no row names may be there"
    if context.place.pulled is not None and progress.number is not None:
        return f"{target}: pull {progress.number} is there"
    if (hidden := _hidden(progress)) is not None:
        return f"{target}: {hidden}"
    if number := progress.number or progress.published:
        if progress.earlier.word("verify") == "done":
            return f"{target}: {verb} {number} is there, its rows are live, verified"
        return f"{target}: {verb} {number} is there, its rows are live, not verified"
    rows = "its rows are unchanged" if progress.is_certain else f"{Fate(sure=False).says()}; {ASK}"
    beside = [] if progress.context.settings.rehearse else [*_done(progress), *_half_done(progress)]
    if beside:
        return f"{target}: {' and '.join(beside)}; {rows}"
    return f"{target}: unchanged" if progress.is_certain else f"{target}: {rows}"


def _hidden(progress: Progress) -> str | None:
    """Return how rows stand that may be hidden, None where none is."""
    if not progress.hidden:
        return None
    there = f"{progress.context.verb} {progress.number} is there, " if progress.number else ""
    rows = amount(progress.hidden, "row")
    if not progress.is_certain:
        return f"{there}{rows} of it may be hidden or public; {ASK}"
    again = " again" if progress.hid.number is not None else ""
    return f"{there}{rows} written but hidden{again}; invoke publish makes them public"


def _done(progress: Progress) -> list[str]:
    names = [one.name for one in progress.records if one.word == "done" and one.writes]
    return [WHOLE.get(name, f"what {name} did") for name in names if name != "apply"]


def _half_done(progress: Progress) -> Iterator[str]:
    replaces = progress.context.settings.overwrite or any(
        item.action == "overwrite" for item in progress.files or ()
    )
    own = [step.name for step in progress.context.plugin_steps if step.kind not in WITHOUT_WRITES]
    for name in progress.half_done:
        if name == "upload" and replaces:
            yield REPLACED
        elif name in HALF_DONE:
            yield HALF_DONE[name]
        elif name in own:
            yield f"what {name} did may be there"


def _result(progress: Progress, is_dirty: Callable[[Path], bool]) -> Iterator[str]:
    seconds = f"({progress.seconds:.1f} s)"
    if progress.context.settings.rehearse:
        yield f"rehearsed: nothing was changed {seconds}"
        return
    if progress.context.place.is_copy:
        yield f"rehearsed on a copy of {progress.context.place.target.name}: {_would_be(progress)} {seconds}"
        return
    if "apply" not in progress.context.steps:
        yield f"performed {', '.join(progress.context.steps)}; no rows were released {seconds}"
        return
    but = ", ".join(differences(progress))
    stands = f"in step but for {but}" if but else f"in step with {progress.context.origin}"
    page = f"   {progress.page}" if progress.page else ""
    yield f"{_number(progress)}: {progress.context.place.target.name} is {stands} {seconds}{page}"
    is_kept = progress.context.place.pulled is None and progress.context.place.target.host != "sandbox"
    if is_kept and _is_new_to_git(progress, is_dirty):
        yield f"{progress.context.folder}: git does not have this bundle yet"


def differences(progress: Progress) -> Iterator[str]:
    """Yield in what a target differs from the bundle once it was released, a few words for each kind."""
    applied = progress.earlier.last(ApplyResult)
    counts = Counter(applied.counts if applied is not None else {})
    if progress.plan is not None and counts:  # only a plan has asked the source
        counts |= Counter({word: progress.plan.counts()[word] for word in ("gone", "left")})
        counts["gone"] = progress.plan.counts()["gone"]
    counts["gone"] -= len(progress.deletes)
    is_pull, origin = progress.context.place.pulled is not None, progress.context.origin
    there, source = ("here", origin) if is_pull else ("there", "the source")
    whose = f"{source} deleted (--prune)" if progress.plan is not None else "the bundle does not hold"
    said = {
        "removed": f"deleted {there}",
        "gone": f"still {there} that {whose}",
        "left": f"still {there} that moved elsewhere",
        "kept": f"edited {there}",
    }
    others = sum(counts[word] for word in said if word != "kept")
    for word, says in said.items():
        if counts[word] > 0:
            alone = word != "kept" or not others
            yield f"{amount(counts[word], 'row') if alone else counts[word]} {says}"
    yield from _left_out(progress)
    if progress.hidden:
        yield f"{amount(progress.hidden, 'row')} hidden"


def _left_out(progress: Progress) -> list[str]:
    return [f"{amount(len(progress.left_out), 'row')} left out"] if progress.left_out else []


def in_short(progress: Progress) -> str:
    """Return how far a subject came in a few words."""
    steps = progress.records
    failed = next((step for step in steps if step.word == "failed" and not step.ignored), None)
    if failed is not None:
        how = f"{failed.name} {'interrupted' if failed.says == 'interrupted' else 'failed'}"
        number = progress.number or progress.published
        is_there = number is not None and progress.undo.number is None
        is_there = is_there and not progress.context.place.is_copy
        stands = "there, hidden" if progress.hidden else "live"
        return f"release {number} is {stands}, but {how}" if is_there else how
    if progress.problem:
        return progress.problem.splitlines()[0]
    if not steps:
        return "not begun"
    if not _is_whole(progress):
        return steps[-1].says or steps[-1].word
    if progress.context.settings.rehearse:
        return "rehearsed"
    if progress.context.place.is_copy:
        return f"rehearsed on a copy, {_would_be(progress)}"
    if "apply" not in progress.context.steps:
        return f"performed {', '.join(progress.context.steps)}"
    return ", ".join([_number(progress), *_left_out(progress)])


def _would_be(progress: Progress) -> str:
    return f"it would be release {progress.number}" if progress.number else "nothing to release"


def _number(progress: Progress) -> str:
    verb = progress.context.verb
    if number := progress.number or progress.published:
        return f"{verb} {number}"
    did = [one.name for one in progress.records if one.word == "done" and one.writes and one.name != "apply"]
    return f"{' and '.join(did)} done, no rows to {verb}" if did else f"nothing to {verb}"


def _is_new_to_git(progress: Progress, is_dirty: Callable[[Path], bool]) -> bool:
    return (progress.context.names_bundle or is_dirty(progress.context.place.source.bundles)) and is_dirty(
        progress.context.folder
    )


def _is_dirty(folder: Path) -> bool:
    try:
        return bool(git.dirty(folder))
    except Problem:
        return False
