"""Many subjects through the same steps: what is shared is opened once, and each has its own report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.files import temporary_folder
from maulstick.hosts.host import Host, Place
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.seal import Seal
from maulstick.plan.shared_reads import SharedReads
from maulstick.postgres.connections import Connections
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.closing_lines import closing_lines, has_changes
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decided
from maulstick.release.files.download import NAME, STEP
from maulstick.release.one_subject import after_failure, release_one, tell_plugins
from maulstick.release.progress import Progress
from maulstick.release.runner import confirm
from maulstick.release.settings import ReleaseSettings
from maulstick.release.step_results import ApplyResult
from maulstick.release.steps.apply import unused_choices_of
from maulstick.release.unused_choices import require_used_by_some, unused_before
from maulstick.signals import is_said


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of all subjects on one target: lines for people, each release with its code, plans."""

    code: int
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


Before = Callable[[Sequence[Progress]], None]


def _nothing(releases: Sequence[Progress]) -> None:
    """Do nothing before a release."""


def release_all(
    subjects: Sequence[Subject],
    steps: Sequence[PlaybookStep],
    *,
    place: Place,
    host: Host,
    plugins: Plugins,
    console: Console,
    settings: ReleaseSettings,
    exported: dict[Path, str],
    connections: Connections | None = None,
    before: Before = _nothing,
) -> TargetResult:
    """Take all subjects through the steps; the exit code is the first that is not 0.

    Everything that only reads comes first, for all of them; then each is released on its own. One that
    fails does not stop the others, but those that share rows with it. `exported` names the target for which
    a bundle was exported before, and learns those of this one: the next gets the same. `connections` are
    shared by all subjects. `before` is called with those whose plan is made, before anything is changed.
    """
    settings = replace(settings, several=len(subjects) > 1)
    _require_browser(steps, settings)
    performed = tuple(step for step in steps if not step.left_out)
    with _bundles(place, rehearse=settings.rehearse) as place, temporary_folder() as folder:
        reads_all = settings.several and _exports_source(performed, place, settings)
        shared = SharedReads(subjects, place, plugins, folder) if reads_all else None
        of_target, of_all = (
            (place, host, plugins, console, settings, performed),
            (connections, shared, folder),
        )
        warned = list[tuple[str, ...]]()
        contexts = [ReleaseContext(subject, *of_target, *of_all, warned) for subject in subjects]
        known = {**plugins.steps(), **({NAME: STEP} if place.pulled else {})}
        releases = [Progress(context, known, exported.get(context.folder, "")) for context in contexts]
        codes = _release(releases, steps, before, whole=len(steps) > 1)
        fresh = [one for one in releases if one.earlier.word("export") in ("done", "unchanged")]
        for one in fresh:
            exported.setdefault(one.context.folder, place.target.name)
        codes_told = [tell_plugins(one, code) for one, code in zip(releases, codes, strict=True)]
        is_said()
        # What went live is said, though a plugin could not hear of it.
        return replace(_target_result(releases, codes_told), lines=closing_lines(releases, codes))


def _exports_source(performed: Sequence[PlaybookStep], place: Place, settings: ReleaseSettings) -> bool:
    """Return whether bundles are made here, of the local rows."""
    exports = any(step.name == "export" for step in performed)
    return exports and not (settings.bundles or settings.seals) and place.pulled is None


def _target_result(releases: Sequence[Progress], codes: Sequence[int]) -> TargetResult:
    alone, failed = releases[0].context.steps == ("plan",), [code for code in codes if code]
    return TargetResult(
        code=failed[0] if failed else Exit.DONE,
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
            shutil.copytree(
                place.source.bundles,
                source.bundles,
                dirs_exist_ok=True,
                copy_function=lambda file, to: Path(to).symlink_to(Path(file).absolute()),
            )
        yield replace(place, source=source)


def _release(
    releases: Sequence[Progress],
    steps: Sequence[PlaybookStep],
    before: Before,
    *,
    whole: bool,
) -> list[int]:
    looking = next((n for n, step in enumerate(steps, 1) if step.kind == "plan"), 0) if whole else 0
    first, rest = steps[:looking], steps[looking:]
    codes: list[int] = [Exit.DONE] * len(releases)
    for n, one in enumerate(releases if first else ()):
        codes[n] = _unless_interrupted(codes) or release_one(one, first, verb="release")
    require_used_by_some(releases, {} if looking else unused_before(releases, steps, unused_choices_of))
    well = [one for one, code in zip(releases, codes, strict=True) if not code]
    if well and rest:
        _confirm(well, rest, before)
    carried: list[Plan] = []
    for n, one in enumerate(releases):
        if not codes[n] and rest:
            failed = [other for other, code in zip(releases, codes, strict=True) if code]
            verb = "release" if whole else rest[0].name
            one.earlier = replace(one.earlier, carried=tuple(carried))
            codes[n] = (
                _interrupted_before(one, codes) or _stopped(one, failed) or release_one(one, rest, verb=verb)
            )
            applied = one.earlier.last(ApplyResult)
            carried += [applied.plan] if applied is not None and applied.plan is not None else []
    return codes


def _require_browser(steps: Sequence[PlaybookStep], settings: ReleaseSettings) -> None:
    """See that a browser is there, before anything is released that it must look at."""
    verify = next((step for step in steps if step.name == "verify" and not step.left_out), None)
    if verify is not None and (settings.browser or verify.options.get("browser")):
        from maulstick.verify.browser import require_browser

        require_browser()


def _unless_interrupted(codes: Sequence[int]) -> int:
    return Exit.INTERRUPTED if Exit.INTERRUPTED in codes else Exit.DONE


def _interrupted_before(progress: Progress, codes: Sequence[int]) -> int:
    """Leave a subject alone after Ctrl-C, but for the steps that it always needs."""
    if code := _unless_interrupted(codes):
        after_failure(progress, failed=False)
    return code


def _confirm(releases: Sequence[Progress], steps: Sequence[PlaybookStep], before: Before) -> None:
    """Ask before anything is changed; after a no, there are only the steps for always."""
    try:
        before(releases)
        confirm(releases, steps)
    except BaseException:
        for one in releases:
            after_failure(one, failed=False)
        raise


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
            progress.problem = "skipped, could not check which rows it shares with others"
            context.console.line(f"release {context.subject}: {progress.problem}")
            context.console.trouble(str(problem))
            return problem.code
        if shared:
            progress.problem = f"skipped, it shares rows with {other.subject}"
            context.console.line(f"release {context.subject}: {progress.problem}")
            after_failure(progress)
            return Exit.FAILED
    return Exit.DONE
