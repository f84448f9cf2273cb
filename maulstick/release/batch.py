"""Many subjects through the same steps: what is shared is opened once, and each has its own report."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.files import no_room, temporary_folder
from maulstick.hosts.host import Host, Place
from maulstick.plan import seal as sealed
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connections import Connections
from maulstick.postgres.recovery import BrokenTransaction
from maulstick.project.declarations import Subject
from maulstick.project.playbook import CORE_STEPS, PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.context import Run
from maulstick.release.heard import typed_any
from maulstick.release.result import Report
from maulstick.release.runner import confirm, perform
from maulstick.release.settings import Settings
from maulstick.release.summary import has_changes, recap, result_lines, state_of
from maulstick.text import one_line

INTERRUPTED = "interrupted: the same command again does only what is left"


@dataclass(frozen=True, slots=True)
class Performance:
    """What became of all subjects on one target: lines for people, the runs with their codes, plans."""

    code: int
    says: str
    lines: Iterator[str]
    ended: list[tuple[Run, int]]
    planned: list[Run]
    changes: bool

    def seals(self) -> list[Seal]:
        """Return the seals of plans that were all that was asked for, none where one failed."""
        return [sealed.seal(run.plan, run.decided()) for run in self.planned if run.plan]


def perform_all(
    subjects: Sequence[Subject],
    steps: Sequence[PlaybookStep],
    *,
    place: Place,
    host: Host,
    plugins: Plugins,
    console: Console,
    settings: Settings,
    exported: dict[Path, str],
    connections: Connections | None = None,
) -> Performance:
    """Take all subjects through the steps; the exit code is the first that is not 0.

    Everything that only reads comes first, for all of them; then each is released on its own. One that
    fails does not stop the others, but those that share rows with it. `exported` names the target for which
    a bundle was exported before, and learns those of this one: the next gets the same. `connections` are
    shared by all subjects.
    """
    settings = replace(settings, several=len(subjects) > 1)
    _require_browser(steps, settings)
    names = tuple(step.name for step in steps)
    with _bundles(place, rehearse=settings.rehearse) as place, temporary_folder() as folder:
        shared = settings.several and "export" in names and not (settings.bundles or settings.seals)
        ahead = SharedReads(subjects, place, plugins, folder) if shared else None
        own = tuple(step for step in steps if step.name not in CORE_STEPS)
        said = partial(Report, target=place.target.name, site=place.target.site)
        # One list of plans for all of them.
        made = partial(Run, steps=names, own=own, carried=[], connections=connections, ahead=ahead)
        runs = [
            made(subject, place, host, plugins, console, settings, said(str(subject))) for subject in subjects
        ]
        for run in runs:
            run.exported_for = exported.get(run.folder, "")
        codes = _perform(runs, steps, whole=len(steps) > 1)
        fresh = [run.folder for run in runs if run.report.word("export") in ("done", "unchanged")]
        exported.update((folder, place.target.name) for folder in fresh if folder not in exported)
        told = [_told(run, code) for run, code in zip(runs, codes, strict=True)]
        # What went live is said, though a plugin could not hear of it.
        return replace(_performance(runs, told), lines=result_lines(runs, codes))


def _performance(runs: Sequence[Run], codes: Sequence[int]) -> Performance:
    alone, failed = runs[0].steps == ("plan",), [code for code in codes if code]
    return Performance(
        code=failed[0] if failed else Exit.DONE,
        says=recap(runs, codes),
        lines=result_lines(runs, codes),
        ended=list(zip(runs, codes, strict=True)),
        planned=list(runs) if alone and not failed else [],
        changes=any(has_changes(run) for run in runs),
    )


@contextmanager
def _bundles(place: Place, *, rehearse: bool) -> Iterator[Place]:
    """Yield the place with a bundle folder that a rehearsal may fill: its own, gone at the end."""
    if not rehearse:
        yield place
        return
    with temporary_folder() as folder:
        source = replace(place.source, bundles=folder)
        if place.source.bundles.is_dir():
            # Links: a pack may be large, and what is written new takes the place of its link.
            shutil.copytree(place.source.bundles, source.bundles, dirs_exist_ok=True, copy_function=_link)
        yield replace(place, source=source)


def _link(file: str, to: str) -> None:
    Path(to).symlink_to(Path(file).absolute())


def _perform(runs: Sequence[Run], steps: Sequence[PlaybookStep], *, whole: bool) -> list[int]:
    looking = next((n for n, step in enumerate(steps, 1) if step.name == "plan"), 0) if whole else 0
    first, rest = steps[:looking], steps[looking:]
    codes: list[int] = [Exit.DONE] * len(runs)
    for n, run in enumerate(runs):
        codes[n] = _unless_interrupted(codes) or (_one(run, first, verb="release") if first else Exit.DONE)
    if not looking:
        _look_ahead(runs, [step.name for step in steps])
    _require_fitting(runs)
    well = [run for run, code in zip(runs, codes, strict=True) if not code]
    if well and rest:
        confirm(well, [step.name for step in rest])
    for n, run in enumerate(runs):
        if not codes[n] and rest:
            failed = [other for other, code in zip(runs, codes, strict=True) if code]
            verb = "release" if whole else rest[0].name
            codes[n] = _unless_interrupted(codes) or _stopped(run, failed) or _one(run, rest, verb=verb)
    return codes


def _require_browser(steps: Sequence[PlaybookStep], settings: Settings) -> None:
    """See that a browser is there, before anything is released that it must look at."""
    if any(step.name == "verify" and (settings.browser or step.options.get("browser")) for step in steps):
        from maulstick.verify.browser import require_browser

        require_browser()


def _look_ahead(runs: Sequence[Run], steps: Sequence[str]) -> None:
    """Ask every subject which choices it hears, where the first is released before the last is looked at.

    What else is wrong there its own steps say; a bundle that is yet to be made cannot be asked.
    """
    if len(runs) == 1 or not typed_any(runs[0]) or "apply" not in steps or "export" in steps:
        return
    from maulstick.release.steps.apply import look_ahead

    for run in runs:
        with suppress(Problem):
            look_ahead(run)


def _require_fitting(runs: Sequence[Run]) -> None:
    """Refuse a choice that none of several subjects hears; one alone refuses it by itself."""
    typed = runs[0].settings
    if len(runs) == 1 or not (typed.take or typed.rename or typed.restore or typed.prune):
        return
    found = [misfits for run in runs if (misfits := _misfits(run)) is not None]
    for choice in found[0] if found else ():
        if all(choice in misfits for misfits in found):
            problems = [misfits[choice] for misfits in found]
            raise min(problems, key=lambda problem: problem.what.startswith("no table"))


def _misfits(run: Run) -> dict[str, Problem] | None:
    try:
        return {**run.misfits(), **run.unheard}
    except Problem:  # its bundle is not whole, or not there: its own steps say so
        return None


def _unless_interrupted(codes: Sequence[int]) -> int:
    return Exit.INTERRUPTED if Exit.INTERRUPTED in codes else Exit.DONE


def _stopped(run: Run, failed: Sequence[Run]) -> int:
    """Stop a subject that shares rows with one that failed: half of what belongs together stays back."""
    for other in failed:
        try:
            shared = run.folder.is_dir() and other.folder.is_dir() and run.bundle.keys() & other.bundle.keys()
        except Problem as problem:
            run.console.line(f"release {run.subject}: skipped, what it shares with others cannot be told")
            run.console.trouble(str(problem))
            return problem.code
        if shared:
            run.console.line(f"release {run.subject}: skipped, it shares rows with {other.subject}")
            return Exit.FAILED
    return Exit.DONE


def _one(run: Run, steps: Sequence[PlaybookStep], *, verb: str) -> int:
    if not run.report.steps:
        run.console.line(
            f"{verb} {one_line(str(run.subject))} {'of' if verb == 'export' else 'to'} {_side(run, verb)}"
        )
    elif run.settings.several:
        run.console.line(f"{one_line(str(run.subject))}, as planned")
    try:
        try:
            perform(run, steps)
        except Problem as problem:
            return _failed(run, problem)
    except KeyboardInterrupt:  # be it while a failure is said
        run.report.problem = INTERRUPTED
        run.console.trouble(INTERRUPTED)
        _say_state(run)
        return Exit.INTERRUPTED
    except Exception as error:
        if (full := no_room(error, run.report.steps[-1].name if run.report.steps else "")) is not None:
            return _failed(run, full)
        # A mistake of ours: what is live is said all the same, and the record is kept.
        run.report.problem = f"{type(error).__name__}: the trace on the terminal says more"
        run.console.trouble(traceback.format_exc().rstrip())
        _say_state(run)
        return Exit.BUG
    return Exit.DONE


def _failed(run: Run, problem: Problem) -> int:
    run.report.problem = str(problem)
    run.console.problem(problem)
    if problem.code == Exit.WRONG and run.settings.undo_if_wrong and run.report.number is not None:
        return _undone(run, run.report.number, problem.code)
    _say_state(run)
    return problem.code


def _say_state(run: Run) -> None:
    run.report.state = state_of(run)
    run.console.trouble(run.report.state)


def _undone(run: Run, number: int, code: int) -> int:
    """Roll back a release that proved wrong; its pictures stay where no row names them."""
    from maulstick.plan.rollback import rollback

    try:
        with run.production() as database:
            target, although = run.place.target.name, run.place.target.although_read_only
            done = rollback(
                database,
                number,
                target=target,
                left_out=(),
                rehearse=False,
                although_read_only=although,
            )
    except Problem as problem:
        if isinstance(problem, BrokenTransaction):
            run.report.undone_by, run.report.sure = problem.fate.number, problem.fate.sure
        run.console.trouble(str(problem))
        _say_state(run)
        return problem.code
    run.report.undone_by = done.number
    run.console.line(f"release {done.number}: {done}")
    _say_state(run)
    return code


def _told(run: Run, code: int) -> int:
    """Tell the plugins how a release went, and return its exit code; theirs where all else was well."""
    try:
        if len(run.steps) > 1:
            run.plugins.finished(run.report.to_json())
    except Problem as problem:
        run.console.problem(problem)
        return code or problem.code
    return code


def _side(run: Run, verb: str) -> str:
    return run.place.source.name if verb == "export" else run.place.target.name
