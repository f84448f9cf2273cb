"""The command that rehearses a release on a copy of production."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles
from maulstick.cli.options import StepOptions, SubjectsOrBundles, require_limit
from maulstick.cli.perform import perform
from maulstick.cli.targets import require_one
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Ask, Choices, Diff, option

STEPS = ("export", "plan", "apply")


@dataclass(frozen=True)
class RehearseOptions(StepOptions, SubjectsOrBundles, Choices, Ask, Diff):
    """What is rehearsed, and what becomes of the copy."""

    keep: bool = option(False, "keep the copy's database, to look into it")


def rehearse(command: Command[RehearseOptions]) -> int:
    """Release each subject into a copy of production, with its constraints and triggers."""
    require_limit(command.options)
    target = require_one(command, "rehearse")
    bundles = named_bundles(command, [target])
    steps = [PlaybookStep(name, {}) for name in STEPS]
    return perform(command, steps, [target], bundles=bundles, way="rehearse").code


COMMANDS = (Definition("rehearse", "Rehearse a release on a copy of production.", RehearseOptions, rehearse),)
