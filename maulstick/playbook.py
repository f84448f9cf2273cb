"""playbooks/*.toml: named steps in order, with their options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from maulstick.content import Step
from maulstick.errors import did_you_mean, usage
from maulstick.toml import NAME, Section, read

CORE_STEPS: Mapping[str, Mapping[str, range | None]] = {
    "check": {},
    "export": {},
    "plan": {},
    "deploy": {"wait": range(1, 7201)},
    "upload": {"concurrency": range(1, 65), "timeout": range(1, 3601)},
    "apply": {"lock_wait": range(86401)},
    "verify": {"concurrency": range(1, 65), "timeout": range(1, 3601), "browser": None},
}
"""The steps of the core, each with its options and the whole numbers that they take; times are in seconds.

None takes true or false.
"""


@dataclass(frozen=True, slots=True)
class PlaybookStep:
    """A step's name and the options that the playbook gives it."""

    name: str
    options: Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class Playbook:
    """Steps in order, and what they do in a few words."""

    name: str
    says: str
    steps: tuple[PlaybookStep, ...]
    path: Path


def known_steps(own: Iterable[Step] = ()) -> dict[str, frozenset[str]]:
    """Return the names of the core's steps and of the plugins' own, each with those of its options."""
    core = {name: frozenset(options) for name, options in CORE_STEPS.items()}
    return core | {step.name: frozenset(step.options) for step in own}


def load(folder: Path, name: str, known_steps: Mapping[str, frozenset[str]]) -> Playbook:
    """Read the playbook `name` of a folder; every mistake in it is a problem (exit 2) with its place.

    `known_steps` holds the options of each step that can be performed.
    """
    where = f"{folder.name}/{name}.toml"
    names = _names(folder)
    if name not in names:
        raise usage(where, "is not there", did_you_mean(name, names) or f"looked in {folder.absolute()}")
    if not NAME.fullmatch(name):
        raise usage(where, 'a playbook\'s name is letters, digits, "-" and "_"', "rename the file")
    path = folder / f"{name}.toml"
    top = read(path, where, f"it is looked for at {path.absolute()}")
    top.only(("name", "says", "step"))
    if top.needed("name", f'as the file is called: name = "{name}"') != name:
        raise top.wrong("name", f'"{name}", as the file is called', "rename one of them")
    says = top.needed("says", 'in a few words what it does: says = "pictures and rows, no code"')
    return Playbook(name, says, _steps(top, known_steps), path)


def all_playbooks(folder: Path, known_steps: Mapping[str, frozenset[str]]) -> list[Playbook]:
    """Read every playbook of a folder, by name."""
    return [load(folder, name, known_steps) for name in _names(folder)]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(file.stem for file in folder.iterdir() if file.suffix == ".toml")
    except FileNotFoundError as error:
        hint = f"it is looked for at {folder.absolute()}"
        raise usage(folder.name, "is not there", hint) from error
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise usage(folder.name, what, f"it is looked for at {folder.absolute()}") from error


def _steps(top: Section, known: Mapping[str, frozenset[str]]) -> tuple[PlaybookStep, ...]:
    sections = top.tables("step", 'write each step as [[step]] with name = "check" below it')
    if not sections:
        raise top.missing("step", 'one at least: [[step]] with name = "check" below it')
    steps: dict[str, PlaybookStep] = {}
    for section in sections:
        step = _step(section, top, known)
        if step.name in steps:
            what = f'"{step.name}" is there already; a step runs once'
            raise usage(section.at("name"), what, "take one of them out")
        steps[step.name] = step
    return tuple(steps.values())


def _step(section: Section, top: Section, known: Mapping[str, frozenset[str]]) -> PlaybookStep:
    name = section.needed("name", f"one of {', '.join(known)}")
    if name not in known:
        raise usage(section.at("name"), f'no step is called "{name}"', did_you_mean(name, known))
    named = Section(f"{top.where}/step/{name}", section.values)
    named.only(("name", *sorted(known[name])))
    return PlaybookStep(name, {key: _option(named, name, key) for key in section.values if key != "name"})


def _option(section: Section, step: str, key: str) -> int | str | bool:
    value = section.values[key]
    core = CORE_STEPS.get(step, {})
    if key in core:
        allowed = core[key]
        return section.flag(key) if allowed is None else _number(section, key, allowed)
    if isinstance(value, int | str | bool):
        return value
    raise section.wrong(key, "a whole number, text, or true or false", "write one value")


def _number(section: Section, key: str, allowed: range) -> int:
    value = section.values[key]
    if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
        return value
    should = f"a whole number from {allowed[0]} to {allowed[-1]}"
    raise section.wrong(key, should, f"without quotes: {key} = {max(4, allowed[0])}")
