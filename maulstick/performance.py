"""Many subjects through the same steps: what is shared is opened once, and each has its own report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from maulstick import git
from maulstick.console import Console
from maulstick.content import Subject
from maulstick.errors import Exit, Problem
from maulstick.host import Host, Place
from maulstick.playbook import PlaybookStep
from maulstick.plugins import Plugins
from maulstick.report import Report
from maulstick.run import Run, Settings
from maulstick.runner import perform, state_of_production
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
    """Take each subject through the steps and return the exit code: the first that is not 0."""
    settings = Settings(yes=bool(given.get("yes")), without_media=bool(given.get("without_media")))
    runs = [
        Run(subject, place, host, plugins, console, settings, Report(str(subject), place.target.name, ""))
        for subject in subjects
    ]
    codes = [_one(run, steps, as_json=bool(given.get("json"))) for run in runs]
    if given.get("json"):
        console.result(_as_json(runs, whole=len(steps) > 1, plan=steps[0].name == "plan"))
    failed = next((code for code in codes if code), Exit.DONE)
    if not failed and given.get("exit_code") and any(_has_changes(run) for run in runs):
        return Exit.CHANGES
    return failed


def _one(run: Run, steps: Sequence[PlaybookStep], *, as_json: bool) -> int:
    whole = len(steps) > 1
    verb = "release" if whole else steps[0].name
    run.console.line(f"{verb} {run.subject} {'of' if verb == 'export' else 'to'} {_side(run, verb)}")
    try:
        perform(run, steps)
    except Problem as problem:
        run.console.line(str(problem))
        run.console.line(state_of_production(run))
        return problem.code
    except KeyboardInterrupt:
        run.console.line("interrupted")
        run.console.line(state_of_production(run))
        return Exit.INTERRUPTED
    if run.plan is not None and not whole and not as_json:
        for line in plan_lines(run.plan):
            run.console.result(line)
    if whole and not as_json:
        run.console.result(_recap(run))
    return Exit.DONE


def _side(run: Run, verb: str) -> str:
    return run.place.source.name if verb == "export" else run.place.target.name


def _recap(run: Run) -> str:
    report = run.report
    name = f"release {report.number}" if report.number else "nothing to release"
    seconds = f"({report.seconds:.1f} s)"
    lines = [f"{name}: production is in step with local {seconds}   {report.page}"]
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
