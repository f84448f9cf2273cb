"""playbooks/*.toml: named steps in order, with their options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.errors import Exit, Problem, did_you_mean, usage
from maulstick.project.declarations import Step
from maulstick.project.play.names import CORE_STEPS as CORE_STEPS
from maulstick.project.play.names import SHIPPED_STEPS as SHIPPED_STEPS
from maulstick.project.toml import NAME, read

if TYPE_CHECKING:
    from maulstick.project.play.steps import StepTable

SHIPPED = Path(__file__).parent.parent / "playbooks"
"""The playbooks that come with Maulstick."""


@dataclass(frozen=True, slots=True)
class PlaybookStep:
    """A step's name and the options that the playbook gives it; `step` says which it is, if not its name.

    `delay` is in seconds. What the other keys mean stands in the models of the file (docs/playbooks.md).
    Prepared for a target, it holds the `values` of the target's variables, and why it is `left_out` there.
    """

    name: str
    options: Mapping[str, int | str | bool]
    step: str = ""
    retries: int = 0
    delay: int = 5
    ignore_errors: bool = False
    always: bool = False
    on_failure: bool = False
    when: str = ""
    targets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    left_out: str = ""
    values: Mapping[str, int | str | bool] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """Which step it is, whatever the playbook calls it."""
        return self.step or self.name


Steps = Mapping[str, Sequence[PlaybookStep]]
"""The steps for each target, by its name."""


@dataclass(frozen=True, slots=True)
class Playbook:
    """Steps in order, and what they do in a few words; `vars` are its variables.

    `without` are rows that its releases leave out, as TABLE:KEY.
    """

    name: str
    says: str
    steps: tuple[PlaybookStep, ...]
    path: Path
    vars: Mapping[str, int | str | bool] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def known_steps(own: Iterable[Step] = ()) -> dict[str, frozenset[str]]:
    """List the names of our steps and of the plugins' own, each with those of its options.

    A plugin's option with the name of a key that every step has is a problem (exit 6).
    """
    from maulstick.project.play.steps import KEYS, STEPS

    core = {name: frozenset(model.model_fields) - {*KEYS} for name, model in STEPS.items()}
    known = core | {step.name: frozenset(step.options) for step in own}
    for name, options in known.items():
        if taken := options & {*KEYS}:
            what = f'has an option "{min(taken)}", which is a key of every step'
            raise Problem(f"step {name}", what, "give the option another name", code=Exit.PLUGIN)
    return known


def load(folder: Path, name: str, known_steps: Mapping[str, frozenset[str]]) -> Playbook:
    """Read the playbook `name` of a folder, or the one of that name that comes with Maulstick.

    Every mistake in it is a problem (exit 2) with its place. `known_steps` holds the options of each step
    that can be performed.
    """
    where = f"{folder.name}/{name}.toml"
    paths = _paths(folder)
    if name not in paths:
        raise usage(where, "does not exist", did_you_mean(name, paths) or f"looked in {folder.absolute()}")
    if not NAME.fullmatch(name):
        raise usage(where, 'a playbook\'s name is letters, digits, "-" and "_"', "rename the file")
    path = paths[name]
    values = read(path, where, f"it is looked for at {path.absolute()}")
    return _playbook(values, where, path, known_steps)


def all_playbooks(folder: Path, known_steps: Mapping[str, frozenset[str]]) -> list[Playbook]:
    """Read every playbook of a folder and those that come with Maulstick, by name."""
    return [load(folder, name, known_steps) for name in sorted(_paths(folder))]


def _paths(folder: Path) -> dict[str, Path]:
    """List the files of all playbooks by name; the project's own go before those that come with us."""
    shipped = {file.stem: file for file in SHIPPED.iterdir() if file.suffix == ".toml"}
    try:
        return shipped | {file.stem: file for file in folder.iterdir() if file.suffix == ".toml"}
    except FileNotFoundError:
        return shipped
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
    steps = tuple(map(_step, written.step))
    return Playbook(written.name, written.says, steps, path, written.vars, tuple(written.without))


def _step(table: StepTable) -> PlaybookStep:
    from maulstick.project.play.steps import KEYS

    written = table.model_dump(exclude_unset=True, warnings=False)
    keys = {key: _held(written.pop(key)) for key in KEYS if key in written}
    return PlaybookStep(options=written, **keys)


def _held(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
