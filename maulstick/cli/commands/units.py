"""The command that says what may be released side by side: a matrix for CI."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import Bundles, named_bundles, typed_option
from maulstick.cli.options import Json, Limit, SubjectsOrBundles, TargetsOptions, Verbose
from maulstick.cli.targets import reach
from maulstick.errors import Exit, usage
from maulstick.files import temporary_folder
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.release.settings import option

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place

MOST = 256
"""Jobs that GitHub allows in a matrix."""


@dataclass(frozen=True)
class Units(SubjectsOrBundles, TargetsOptions, Limit, Json, Verbose):
    """Which subjects are told apart."""

    all: bool = option(False, "every subject of every kind in the source")


def units(command: Command[Units]) -> int:
    """Print each independent pair of a target and subjects: those that share rows stay together."""
    options, targets, console = command.options, command.targets(), command.console()
    command.plugins.require_all()
    _require_together(command)
    bundles = named_bundles(command, targets)
    groups: dict[Path | None, list[list[Subject]]] = {}
    include: list[dict[str, str]] = []
    for target in targets:
        source = target.source.bundles if target.source else None
        if source not in groups:
            groups[source] = _groups(command, target, bundles)
        include += [_unit(target, group, bundles or {}) for group in groups[source]]
    if len(include) > MOST:
        console.trouble(f"{len(include)} units: GitHub allows {MOST} jobs in a matrix")
    if options.json:
        console.result(json.dumps({"include": include}, ensure_ascii=False, separators=(",", ":")))
    else:
        for one in include:
            console.result(f"{one['target']}: {one.get('bundle', one['subject'])}")
    return Exit.DONE


def _require_together(command: Command[Units]) -> None:
    if command.options.all and (command.named() or typed_option(command.options)):
        raise usage("--all", "names every subject already", "leave it out, or name none")


def _groups(command: Command[Units], target: Target, bundles: Bundles | None) -> list[list[Subject]]:
    """Return the subjects in units, by the rows of their bundles, or of the source."""
    from maulstick.bundle.folder import load
    from maulstick.bundle.independent import units_of

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        folders = bundles if bundles is not None else _read(command, place, host, stack)
        source = place.source.name
        return units_of({subject: load(folder, source=source).keys() for subject, folder in folders.items()})


def _read(command: Command[Units], place: Place, host: Host, stack: ExitStack) -> Bundles:
    """Return bundles of the subjects as the source has them now; they are deleted with the stack."""
    from maulstick.bundle.export import exported
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.bundle.slice.many_subjects import read_all
    from maulstick.hosts.media import media_of

    source, plugins, media = place.source, command.plugins, media_of(place, host)
    subjects = every_subject(source, plugins) if command.options.all else command.subjects()
    folder, folders = stack.enter_context(temporary_folder()), dict[Subject, Path]()
    (folder / "read").mkdir()
    read = read_all(subjects, source, plugins, folder / "read")
    for number, subject in enumerate(subjects):
        folders[subject] = folder / str(number)
        with exported(subject, source, plugins, media, read=read.get(subject)) as slice_:
            slice_.write(folders[subject])
    return folders


def _unit(target: Target, subjects: Sequence[Subject], bundles: Bundles) -> dict[str, str]:
    """Return a unit as GitHub's matrix takes it: what `--target`, `--select` and `--bundle` take."""
    unit = {"target": target.name, "subject": _option([f"{one.kind}={one.key}" for one in subjects])}
    if bundles:
        unit["bundle"] = _option([os.path.relpath(bundles[one]) for one in subjects])
    return unit


def _option(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)


COMMANDS = (Definition("units", "Show what may be released side by side.", Units, units),)
