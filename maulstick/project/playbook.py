"""playbooks/*.toml: named steps in order, with their options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.errors import did_you_mean, usage
from maulstick.project.declarations import Step
from maulstick.project.toml import NAME, read

CORE_STEPS = ("check", "export", "plan", "deploy", "upload", "apply", "verify")
"""The steps of the core, in the order of a release."""


@dataclass(frozen=True, slots=True)
class PlaybookStep:
    """A step and the options that the playbook sets."""

    name: str
    options: Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class Playbook:
    """Steps in order, and in a few words what they do."""

    name: str
    says: str
    steps: tuple[PlaybookStep, ...]
    path: Path


def known_steps(own: Iterable[Step] = ()) -> dict[str, frozenset[str]]:
    """Return the names of all steps, the core's and the plugins', each with the names of its options."""
    from maulstick.project.playbook_file import STEPS

    core = {name: frozenset(model.model_fields) - {"name"} for name, model in STEPS.items()}
    return core | {step.name: frozenset(step.options) for step in own}


def load(folder: Path, name: str, known_steps: Mapping[str, frozenset[str]]) -> Playbook:
    """Read the playbook `name` of a folder; each mistake in it is a problem (exit 2) with its place.

    `known_steps` holds the names of each step's options.
    """
    where = f"{folder.name}/{name}.toml"
    names = _names(folder)
    if name not in names:
        raise usage(where, "does not exist", did_you_mean(name, names) or f"looked in {folder.absolute()}")
    if not NAME.fullmatch(name):
        raise usage(where, 'a playbook\'s name is letters, digits, "-" and "_"', "rename the file")
    path = folder / f"{name}.toml"
    values = read(path, where, f"it is looked for at {path.absolute()}")
    return _playbook(values, where, path, known_steps)


def all_playbooks(folder: Path, known_steps: Mapping[str, frozenset[str]]) -> list[Playbook]:
    """Read every playbook of a folder, by name."""
    return [load(folder, name, known_steps) for name in _names(folder)]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(file.stem for file in folder.iterdir() if file.suffix == ".toml")
    except FileNotFoundError as error:
        hint = f"it is looked for at {folder.absolute()}"
        raise usage(folder.name, "does not exist", hint) from error
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise usage(folder.name, what, f"it is looked for at {folder.absolute()}") from error


def _playbook(
    values: dict[str, Any], where: str, path: Path, known: Mapping[str, frozenset[str]]
) -> Playbook:
    from maulstick.project.models import checked
    from maulstick.project.playbook_file import PlaybookFile, path_of

    context = {"name": path.stem, "steps": known}
    written = checked(PlaybookFile, values, where, context, path=lambda place: path_of(place, values))
    tables = (step.model_dump(exclude_unset=True) for step in written.step)
    steps = tuple(PlaybookStep(table.pop("name"), table) for table in tables)
    return Playbook(written.name, written.says, steps, path)
