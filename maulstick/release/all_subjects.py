"""Many subjects through the same steps: what is shared is opened once, and each has its own report."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.files import no_room, temporary_folder
from maulstick.hosts.host import Host, Place
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connections import Connections
from maulstick.postgres.recovery import BrokenTransaction, Fate
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.closing_lines import closing_lines, has_changes, recap, state_of
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided, decides_single_rows, misfits
from maulstick.release.progress import Progress
from maulstick.release.runner import confirm, perform
from maulstick.release.settings import Settings
from maulstick.release.step_results import ApplyResult, PlanResult
from maulstick.text import one_line

INTERRUPTED = "interrupted: the same command again does only what is left"


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of all subjects on one target: lines for people, each release with its code, plans."""

    code: int
    says: str
    lines: Iterator[str]
    ended: list[tuple[Progress, int]]
    planned: list[Progress]
    changes: bool

    def seals(self) -> list[Seal]:
        """Return the seals of plans that were all that was asked for, none where one failed."""
        return [sealed.seal(one.plan, decisions_of(one)) for one in self.planned if one.plan]


def decisions_of(progress: Progress) -> Mapping[str, str]:
    """Return the user's choices that a plan was made with."""
    earlier = progress.earlier
    return decided(progress.context, takes=earlier.takes, deletes=earlier.deletes)


def release_all(
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
) -> TargetResult:
    """Take all subjects through the steps; the exit code is the first that is not 0.

    Everything that only reads comes first, for all of them; then each is released on its own. One that
    fails does not stop the others, but those that share rows with it. `exported` names the target for which
    a bundle was exported before, and learns those of this one: the next gets the same. `connections` are
    shared by all subjects.
    """
    settings = replace(settings, several=len(subjects) > 1)
    _require_browser(steps, settings)
    names = [step.name for step in steps]
    with _bundles(place, rehearse=settings.rehearse) as place, temporary_folder() as folder:
        shared = settings.several and "export" in names and not (settings.bundles or settings.seals)
        ahead = SharedReads(subjects, place, plugins, folder) if shared else None
        contexts = [
            ReleaseContext(subject, place, host, plugins, console, settings, tuple(steps), connections, ahead)
            for subject in subjects
        ]
        known = plugins.steps()
        releases = [Progress(context, known, exported.get(context.folder, "")) for context in contexts]
        codes = _release(releases, steps, whole=len(steps) > 1)
        fresh = [one for one in releases if one.earlier.word("export") in ("done", "unchanged")]
        for one in fresh:
            exported.setdefault(one.context.folder, place.target.name)
        told = [_told(one, code) for one, code in zip(releases, codes, strict=True)]
        # What went live is said, though a plugin could not hear of it.
        return replace(_target_result(releases, told), lines=closing_lines(releases, codes))


def settings_of(given: Mapping[str, Any], target: str) -> Settings:
    """Return the settings of the options as typed; sealed plans for a target are read here."""
    plan = given.get("plan")
    return Settings(
        yes=bool(given.get("yes")),
        without_media=bool(given.get("without_media")),
        overwrite=bool(given.get("overwrite")),
        recheck=bool(given.get("recheck")),
        take=tuple(given.get("take") or ()),
        rename=tuple(given.get("rename") or ()),
        restore=tuple(given.get("restore") or ()),
        older=bool(given.get("older")),
        prune=bool(given.get("prune")),
        prune_limit=int(given.get("prune_limit") or 0),
        ask=bool(given.get("ask")),
        rehearse=bool(given.get("check")),
        source=bool(given.get("source")),
        browser=bool(given.get("browser")),
        undo_if_wrong=bool(given.get("undo_if_wrong")),
        pack=bool(given.get("pack")),
        seals=sealed.of_target(sealed.read(Path(plan)), target) if plan else {},
    )


def _target_result(releases: Sequence[Progress], codes: Sequence[int]) -> TargetResult:
    alone, failed = releases[0].context.steps == ("plan",), [code for code in codes if code]
    return TargetResult(
        code=failed[0] if failed else Exit.DONE,
        says=recap(releases, codes),
        lines=closing_lines(releases, codes),
        ended=list(zip(releases, codes, strict=True)),
        planned=list(releases) if alone and not failed else [],
        changes=any(has_changes(one) for one in releases),
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


def _release(releases: Sequence[Progress], steps: Sequence[PlaybookStep], *, whole: bool) -> list[int]:
    looking = next((n for n, step in enumerate(steps, 1) if step.name == "plan"), 0) if whole else 0
    first, rest = steps[:looking], steps[looking:]
    codes: list[int] = [Exit.DONE] * len(releases)
    for n, one in enumerate(releases):
        codes[n] = _unless_interrupted(codes) or (_one(one, first, verb="release") if first else Exit.DONE)
    _require_fitting(releases, {} if looking else _look_ahead(releases, [step.name for step in steps]))
    well = [one for one, code in zip(releases, codes, strict=True) if not code]
    if well and rest:
        confirm(well, rest)
    carried: list[Plan] = []
    for n, one in enumerate(releases):
        if not codes[n] and rest:
            failed = [other for other, code in zip(releases, codes, strict=True) if code]
            verb = "release" if whole else rest[0].name
            one.earlier = replace(one.earlier, carried=tuple(carried))
            codes[n] = _unless_interrupted(codes) or _stopped(one, failed) or _one(one, rest, verb=verb)
            applied = one.earlier.last(ApplyResult)
            carried += [applied.plan] if applied is not None and applied.plan is not None else []
    return codes


def _require_browser(steps: Sequence[PlaybookStep], settings: Settings) -> None:
    """See that a browser is there, before anything is released that it must look at."""
    if any(step.name == "verify" and (settings.browser or step.options.get("browser")) for step in steps):
        from maulstick.verify.browser import require_browser

        require_browser()


def _look_ahead(releases: Sequence[Progress], steps: Sequence[str]) -> dict[str, Mapping[str, Problem]]:
    """Return the choices that no row of each subject hears, where the first is released before any plan.

    What else is wrong there its own steps say; a bundle that is yet to be made cannot be asked.
    """
    several = len(releases) > 1 and decides_single_rows(releases[0].context)
    if not several or "apply" not in steps or "export" in steps:
        return {}
    from maulstick.release.steps.apply import unused_choices_of

    unused: dict[str, Mapping[str, Problem]] = {}
    for one in releases:
        with suppress(Problem):
            unused[str(one.context.subject)] = unused_choices_of(one.context)
    return unused


def _require_fitting(releases: Sequence[Progress], unused: Mapping[str, Mapping[str, Problem]]) -> None:
    """Refuse a choice that none of several subjects hears; one alone refuses it by itself."""
    typed = releases[0].context.settings
    if len(releases) == 1 or not (typed.take or typed.rename or typed.restore or typed.prune):
        return
    every = [unfit for one in releases if (unfit := _misfits(one, unused)) is not None]
    for choice in every[0] if every else ():
        if all(choice in unfit for unfit in every):
            problems = [unfit[choice] for unfit in every]
            raise min(problems, key=lambda problem: problem.what.startswith("no table"))


def _misfits(progress: Progress, unused: Mapping[str, Mapping[str, Problem]]) -> Mapping[str, Problem] | None:
    planned = progress.earlier.last(PlanResult)
    known = planned.unused_choices if planned else unused.get(str(progress.context.subject), {})
    try:
        return {**misfits(progress.context), **known}
    except Problem:  # its bundle is not whole, or not there: its own steps say so
        return None


def _unless_interrupted(codes: Sequence[int]) -> int:
    return Exit.INTERRUPTED if Exit.INTERRUPTED in codes else Exit.DONE


def _stopped(progress: Progress, failed: Sequence[Progress]) -> int:
    """Stop a subject that shares rows with one that failed: half of what belongs together stays back."""
    context = progress.context
    for other in (one.context for one in failed):
        try:
            shared = (
                context.folder.is_dir()
                and other.folder.is_dir()
                and context.load_bundle().keys() & other.load_bundle().keys()
            )
        except Problem as problem:
            says = "skipped, what it shares with others cannot be told"
            context.console.line(f"release {context.subject}: {says}")
            context.console.trouble(str(problem))
            return problem.code
        if shared:
            says = f"skipped, it shares rows with {other.subject}"
            context.console.line(f"release {context.subject}: {says}")
            return Exit.FAILED
    return Exit.DONE


def _one(progress: Progress, steps: Sequence[PlaybookStep], *, verb: str) -> int:
    context = progress.context
    subject = one_line(str(context.subject))
    if not progress.records:
        place = context.place
        side = f"of {place.source.name}" if verb == "export" else f"to {place.target.name}"
        context.console.line(f"{verb} {subject} {side}")
    elif context.settings.several:
        context.console.line(f"{subject}, as planned")
    try:
        try:
            perform(progress, steps)
        except Problem as problem:
            return _failed(progress, problem)
    except KeyboardInterrupt:  # be it while a failure is said
        progress.problem = INTERRUPTED
        context.console.trouble(INTERRUPTED)
        _say_state(progress)
        return Exit.INTERRUPTED
    except Exception as error:
        if (full := no_room(error, progress.records[-1].name if progress.records else "")) is not None:
            return _failed(progress, full)
        # A mistake of ours: what is live is said all the same, and the record is kept.
        progress.problem = f"{type(error).__name__}: the trace on the terminal says more"
        context.console.trouble(traceback.format_exc().rstrip())
        _say_state(progress)
        return Exit.BUG
    return Exit.DONE


def _failed(progress: Progress, problem: Problem) -> int:
    progress.problem = str(problem)
    context = progress.context
    context.console.problem(problem)
    if problem.code == Exit.WRONG and context.settings.undo_if_wrong and progress.number is not None:
        return _undo(progress, progress.number, problem.code)
    _say_state(progress)
    return problem.code


def _say_state(progress: Progress) -> None:
    progress.state = state_of(progress)
    progress.context.console.trouble(progress.state)


def _undo(progress: Progress, number: int, code: int) -> int:
    """Roll back a release that proved wrong; its pictures stay where no row names them."""
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
        if isinstance(problem, BrokenTransaction):
            progress.undo = problem.fate
        context.console.trouble(str(problem))
        _say_state(progress)
        return problem.code
    progress.undo = Fate(undone.number)
    context.console.line(f"release {undone.number}: {undone}")
    _say_state(progress)
    return code


def _told(progress: Progress, code: int) -> int:
    """Tell the plugins how a release went, and return its exit code; theirs where all else was well."""
    context = progress.context
    try:
        if len(context.steps) > 1:
            context.plugins.finished(progress.report().to_json())
    except Problem as problem:
        context.console.problem(problem)
        return code or problem.code
    return code
