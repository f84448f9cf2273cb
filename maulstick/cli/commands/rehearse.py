"""The command that rehearses a release on a copy of production."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import Bundles, named_bundles, require_one_naming
from maulstick.cli.options import NamedSubjects, StepOptions, require_limit
from maulstick.cli.performing.perform import perform
from maulstick.cli.performing.typed_work import sealed_plans
from maulstick.cli.targets import require_one
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Diff, option

BEFORE, AFTER = ("export", "plan", "apply"), ("verify",)
"""The steps of a rehearsal; between them rows become public, where they go in hidden."""


@dataclass(frozen=True)
class RehearseOptions(StepOptions, NamedSubjects, Diff):
    """What is rehearsed, and what becomes of the copy."""

    keep: bool = option(False, "keep the copy's database, to look into it")


def rehearse(command: Command[RehearseOptions]) -> int:
    """Release each subject into a copy of production, with its constraints and triggers."""
    options = command.options
    require_limit(options)
    require_one_naming(command)
    target = require_one(command, "rehearse")
    bundles, seals = named_bundles(command, [target]), sealed_plans(options, [target])
    subjects = _subjects(command, bundles, seals.get(target.name, {}))
    hides = options.all or any(table.publish for one in subjects for table in command.plugins.tables(one))
    steps = [PlaybookStep(name, {}) for name in (*BEFORE, *(["publish"] if hides else []), *AFTER)]
    every = options.all
    return perform(command, steps, [target], bundles=bundles, seals=seals, every=every, way="rehearse").code


def _subjects(
    command: Command[RehearseOptions], bundles: Bundles | None, seals: Iterable[str]
) -> Iterable[Subject]:
    """List the subjects that were named; of all that there are, none is known yet."""
    if command.options.all:
        return ()
    return bundles if bundles is not None else command.subjects(seals)


COMMANDS = (Definition("rehearse", "Rehearse a release on a copy of production.", RehearseOptions, rehearse),)
