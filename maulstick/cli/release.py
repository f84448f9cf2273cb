"""The commands that take subjects through the steps of a release."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.cli import options
from maulstick.cli.arguments import Typed
from maulstick.cli.bundles import Bundles, given_bundles
from maulstick.cli.each_target import Ended, before_lines, everywhere
from maulstick.cli.media import upload_files
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit, Problem, did_you_mean, usage
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep

if TYPE_CHECKING:
    from maulstick.release.all_subjects import TargetResult
    from maulstick.release.progress import Progress
    from maulstick.release.settings import Settings
    from maulstick.report.record import Record


def release(typed: Typed) -> int:
    """Release each subject by every step of the playbook, or by those that were asked for."""
    steps = typed.playbook().steps
    names = [step.name for step in steps]
    start, only, skip = typed.given["start_at"], typed.given["only"] or (), typed.given["skip"] or ()
    for option, named in (("--start-at", [start] if start else ()), ("--only", only), ("--skip", skip)):
        for name in named:
            if name not in names:
                raise usage(f"{option} {name}", "is no step of this playbook", did_you_mean(name, names))
    begin = names.index(start) if start else 0
    chosen = [step for step in steps[begin:] if step.name not in skip and (not only or step.name in only)]
    if not chosen:
        raise usage("release", "no step is left to perform", "leave out --only or --skip")
    return _perform(typed, chosen)


def single(step: str) -> Callable[[Typed], int]:
    """Return the command that performs one step alone on the bundle that is there."""

    def alone(typed: Typed) -> int:
        if step == "export" and typed.given["out"]:
            return _export_to(typed, typed.given["out"])
        if step == "upload" and typed.given["file"]:
            return upload_files(typed)
        return _perform(typed, (PlaybookStep(step, {}),))

    return alone


def _perform(typed: Typed, steps: Sequence[PlaybookStep]) -> int:
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.postgres.connections import Connections
    from maulstick.release.all_subjects import release_all

    began = time.monotonic()
    console, targets, done = typed.console(), typed.targets(), list["TargetResult"]()
    names = [step.name for step in steps]
    bundles = given_bundles(typed, targets, names)
    if bundles is not None and not bundles:
        console.line(f"no bundle has changed since {typed.given['changed_since']}")
        return _finished(typed, done, Exit.DONE, console, plan=names == ["plan"], began=began)
    settings = _settings(typed, targets, names, console, bundles)
    exported: dict[Path, str] = {}

    def visit(target: Target) -> Ended:
        typed_here = settings[target.name]
        with ExitStack() as stack:
            place, host = reach(target, typed, stack, console)
            connections = stack.enter_context(Connections())
            one = release_all(
                _subjects(typed, typed_here, bundles) or every_subject(place.source, typed.plugins),
                steps,
                place=place,
                host=host,
                plugins=typed.plugins,
                console=console,
                settings=typed_here,
                exported=exported,
                connections=connections,
            )
        done.append(one)
        if not typed.given["json"]:
            for line in one.lines:
                console.result(before_lines(target, targets) + line)
        return Ended(one.code, one.says)

    code = everywhere(targets, visit, console, keep_going=typed.given["keep_going"])
    return _finished(typed, done, code, console, plan=names == ["plan"], began=began)


def _subjects(typed: Typed, settings: Settings, bundles: Bundles | None) -> list[Subject]:
    return list(bundles) if bundles is not None else typed.subjects(settings.seals)


def _settings(
    typed: Typed, targets: Sequence[Target], names: Sequence[str], console: Console, bundles: Bundles | None
) -> dict[str, Settings]:
    """Return what was typed as settings for each target; what is wrong with any is found before the first."""
    from maulstick.plan import seal as sealed
    from maulstick.release.all_subjects import settings_of
    from maulstick.release.runner import require_somebody

    options.require_together(typed.given)
    folders = {str(subject): folder for subject, folder in (bundles or {}).items()}
    found = {
        target.name: replace(settings_of(typed.given, target.name), bundles=folders) for target in targets
    }
    for settings in found.values():
        named = _subjects(typed, settings, bundles)
        if settings.seals:
            sealed.each_has_one(settings.seals, [str(subject) for subject in named])
    typed.plugins.require_all()
    for target in targets[1:]:
        require_somebody(target, found[target.name], names, console)
    return found


def _finished(
    typed: Typed, done: Sequence[TargetResult], code: int, console: Console, *, plan: bool, began: float
) -> int:
    from maulstick.plan import seal as sealed
    from maulstick.plan.view import plan_json

    ended = [one for performance in done for one in performance.ended]
    record = _kept(typed, ended, code, began, console)
    if typed.given["json"] and (done or not code):
        whole = plan_json([one for progress, _ in ended for one in progress.planned]) if plan else record
        console.data(whole)
    if code or not plan:
        return code
    seals = [seal for one in done for seal in one.seals()] if typed.given.get("out") else []
    if seals:
        sealed.write(Path(typed.given["out"]), seals)
    changes = typed.given.get("exit_code") and any(one.changes for one in done)
    return Exit.CHANGES if changes else Exit.DONE


def _kept(
    typed: Typed, ended: Sequence[tuple[Progress, int]], code: int, began: float, console: Console
) -> Record:
    """Leave the record of a command; what has happened stands though it could not be kept."""
    from maulstick.report.record import record_of
    from maulstick.report.store import keep

    steps = {step for progress, _ in ended for step in progress.context.steps}
    command = "release" if len(steps) > 1 else next(iter(steps), "release")
    told = record_of(ended, command=command, code=code, seconds=time.monotonic() - began)
    try:
        return keep(typed.project, told)
    except Problem as problem:
        console.line(str(problem))
        return told.record


def _export_to(typed: Typed, out: str) -> int:
    from maulstick.bundle.export import exported
    from maulstick.files import write_whole
    from maulstick.hosts.media import media_of

    subjects, targets = typed.subjects(), typed.targets()
    for many, what in ((subjects, "subject"), (targets, "target")):
        if len(many) > 1:
            raise usage("--out", f"takes one {what}", "name one, or leave --out away")
    console = Console()
    with ExitStack() as stack:
        place, host = reach(targets[0], typed, stack, console)
        media, site = media_of(place, host), place.target.site
        found = stack.enter_context(exported(subjects[0], place.source, typed.plugins, media, site=site))
        blocks = found.sql()
        if out == "-":
            console.blocks(blocks)
            return Exit.DONE
        try:
            write_whole(Path(out), blocks)
        except OSError as error:
            raise usage("--out", f'"{out}" cannot be written: {(error.strerror or "").lower()}') from error
    return Exit.DONE
