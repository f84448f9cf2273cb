"""Many subjects through the same steps: what is shared is opened once, and each has its own report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from maulstick import git, sealed
from maulstick.console import Console, amount
from maulstick.content import Subject
from maulstick.errors import Exit, Problem
from maulstick.host import Host, Place
from maulstick.playbook import CORE_STEPS, PlaybookStep
from maulstick.plugins import Plugins
from maulstick.report import Report
from maulstick.rollback import rollback
from maulstick.run import Run, Settings
from maulstick.runner import confirm, perform, state_of_production
from maulstick.views import plan_json, plan_lines


def perform_all(
    subjects: Sequence[Subject],
    steps: Sequence[PlaybookStep],
    *,
    place: Place,
    host: Host,
    plugins: Plugins,
    console: Console,
    given: Mapping[str, Any],
) -> int:
    """Take all subjects through the steps and return the exit code: the first that is not 0.

    Everything that only reads comes first, for all of them; then each is released on its own. One that
    fails does not stop the others, but those that share rows with it.
    """
    settings, names = settings_of(given), tuple(step.name for step in steps)
    own = tuple(step for step in steps if step.name not in CORE_STEPS)
    if settings.seals:
        sealed.each_has_one(settings.seals, [str(subject) for subject in subjects])
    reports = [Report(str(subject), place.target.name, place.target.site) for subject in subjects]
    with _bundles(place, rehearse=settings.rehearse) as place:
        runs = [
            Run(subject, place, host, plugins, console, settings, report, steps=names, own=own)
            for subject, report in zip(subjects, reports, strict=True)
        ]
        codes = _perform(runs, steps, whole=len(steps) > 1)
        if given.get("out") and names == ("plan",) and not any(codes):
            seals = [sealed.seal(run.plan, run.decided()) for run in runs if run.plan]
            sealed.write(Path(given["out"]), seals)
        _show(runs, codes, steps, as_json=bool(given.get("json")))
        codes = [_told(run, code) for run, code in zip(runs, codes, strict=True)]
        failed = next((code for code in codes if code), Exit.DONE)
        if not failed and given.get("exit_code") and any(_has_changes(run) for run in runs):
            return Exit.CHANGES
        return failed


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Return the settings of the options as typed; a sealed plan is read here."""
    return Settings(
        yes=bool(given.get("yes")),
        without_media=bool(given.get("without_media")),
        take=tuple(given.get("take") or ()),
        rename=tuple(given.get("rename") or ()),
        older=bool(given.get("older")),
        prune=bool(given.get("prune")),
        prune_limit=int(given.get("prune_limit") or 0),
        ask=bool(given.get("ask")),
        rehearse=bool(given.get("check")),
        source=bool(given.get("source")),
        undo_if_wrong=bool(given.get("undo_if_wrong")),
        seals=sealed.read(Path(given["plan"])) if given.get("plan") else {},
    )


@contextmanager
def _bundles(place: Place, *, rehearse: bool) -> Iterator[Place]:
    """Yield the place with a bundle folder that a rehearsal may fill: its own, gone at the end."""
    if not rehearse:
        yield place
        return
    with TemporaryDirectory(prefix="maulstick-") as folder:
        source = replace(place.source, bundles=Path(folder))
        if place.source.bundles.is_dir():
            shutil.copytree(place.source.bundles, source.bundles, dirs_exist_ok=True)
        yield replace(place, source=source)


def _perform(runs: Sequence[Run], steps: Sequence[PlaybookStep], *, whole: bool) -> list[int]:
    looking = next((n for n, step in enumerate(steps, 1) if step.name == "plan"), 0)
    codes = [_one(run, steps[:looking], verb="release") if looking and whole else 0 for run in runs]
    well = [run for run, code in zip(runs, codes, strict=True) if not code]
    rest = steps[looking:] if whole else steps
    if well and rest:
        confirm(well, [step.name for step in rest])
    for n, run in enumerate(runs):
        if not codes[n] and rest:
            failed = [other for other, code in zip(runs, codes, strict=True) if code]
            codes[n] = _stopped(run, failed) or _one(run, rest, verb="release" if whole else rest[0].name)
    return codes


def _stopped(run: Run, failed: Sequence[Run]) -> int:
    """Stop a subject that shares rows with one that failed: half of what belongs together stays back."""
    for other in failed:
        try:
            shared = run.folder.is_dir() and other.folder.is_dir() and run.bundle.keys() & other.bundle.keys()
        except Problem as problem:
            run.console.line(f"release {run.subject}: skipped, what it shares with others cannot be told")
            run.console.line(str(problem))
            return problem.code
        if shared:
            run.console.line(f"release {run.subject}: skipped, it shares rows with {other.subject}")
            return Exit.FAILED
    return Exit.DONE


def _one(run: Run, steps: Sequence[PlaybookStep], *, verb: str) -> int:
    if not run.report.steps:
        run.console.line(f"{verb} {run.subject} {'of' if verb == 'export' else 'to'} {_side(run, verb)}")
    try:
        perform(run, steps)
    except Problem as problem:
        run.console.line(str(problem))
        if problem.code == Exit.WRONG and run.settings.undo_if_wrong and run.report.number is not None:
            return _undone(run, run.report.number, problem.code)
        run.console.line(state_of_production(run))
        return problem.code
    except KeyboardInterrupt:
        run.console.line("interrupted")
        run.console.line(state_of_production(run))
        return Exit.INTERRUPTED
    return Exit.DONE


def _undone(run: Run, number: int, code: int) -> int:
    """Roll back a release that proved wrong; its pictures stay where no row names them."""
    try:
        with run.production() as database:
            done = rollback(database, number, target=run.place.target.name, left_out=(), rehearse=False)
    except Problem as problem:
        run.console.line(str(problem))
        run.console.line(state_of_production(run))
        return problem.code
    run.console.line(f"release {done.number}: {done}")
    run.console.line("production: its rows are as before; new pictures that no row names may be there")
    return code


def _show(runs: Sequence[Run], codes: Sequence[int], steps: Sequence[PlaybookStep], *, as_json: bool) -> None:
    console, whole = runs[0].console, len(steps) > 1
    if as_json:
        console.result(_as_json(runs, whole=whole, plan=steps[0].name == "plan"))
        return
    for run, code in zip(runs, codes, strict=True):
        if code:
            continue
        if whole:
            console.result(_recap(run))
        elif run.plan is not None:
            console.result("\n".join(plan_lines(run.plan)) or "nothing to release")


def _told(run: Run, code: int) -> int:
    """Tell the plugins how a release went, and return its exit code; theirs where all else was well."""
    try:
        if len(run.steps) > 1:
            run.plugins.finished(run.report.to_json())
    except Problem as problem:
        run.console.line(str(problem))
        return code or problem.code
    return code


def _side(run: Run, verb: str) -> str:
    return run.place.source.name if verb == "export" else run.place.target.name


def _recap(run: Run) -> str:
    report = run.report
    if run.settings.rehearse:
        return f"rehearsed: nothing was changed ({report.seconds:.1f} s)"
    if "apply" not in run.steps:
        return f"performed {', '.join(run.steps)}; no rows were released ({report.seconds:.1f} s)"
    name = f"release {report.number}" if report.number else "nothing to release"
    seconds = f"({report.seconds:.1f} s)"
    kept = len(run.plan.with_cell("kept")) if run.plan else 0
    but = f", but for {amount(kept, 'row')} edited there" if kept else ""
    lines = [f"{name}: production is in step with local{but} {seconds}   {report.page}"]
    if run.place.target.host != "sandbox" and _is_new_to_git(run):
        lines.append(f"{run.folder}: git does not have this bundle yet")
    return "\n".join(lines)


def _is_new_to_git(run: Run) -> bool:
    try:
        return bool(git.dirty(run.folder))
    except Problem:
        return False


def _as_json(runs: Sequence[Run], *, whole: bool, plan: bool) -> str:
    if plan and not whole:
        return json.dumps(plan_json(runs), indent=2, ensure_ascii=False)
    return json.dumps([run.report.to_json() for run in runs], indent=2, ensure_ascii=False)


def _has_changes(run: Run) -> bool:
    counts = run.plan.counts() if run.plan else {}
    files = [item for item in run.media or () if item.action != "there"]
    return bool(counts.get("insert") or counts.get("update") or files)
