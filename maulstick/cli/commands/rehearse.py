"""The command that rehearses a release on a copy of production."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles
from maulstick.cli.options import StepOptions, SubjectsOrBundles, require_limit
from maulstick.cli.performing.perform import perform
from maulstick.cli.targets import require_one
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Ask, Choices, Diff, option

BEFORE, AFTER = ("export", "plan", "apply"), ("verify",)
"""The steps of a rehearsal; between them rows become public, where they go in hidden."""


@dataclass(frozen=True)
class RehearseOptions(StepOptions, SubjectsOrBundles, Choices, Ask, Diff):
    """What is rehearsed, and what becomes of the copy."""

    keep: bool = option(False, "keep the copy's database, to look into it")


def rehearse(command: Command[RehearseOptions]) -> int:
    """Release each subject into a copy of production, with its constraints and triggers."""
    require_limit(command.options)
    target = require_one(command, "rehearse")
    bundles = named_bundles(command, [target])
    subjects = [*bundles] if bundles is not None else command.subjects()
    hides = any(table.publish for one in subjects for table in command.plugins.tables(one))
    steps = [PlaybookStep(name, {}) for name in (*BEFORE, *(["publish"] if hides else []), *AFTER)]
    return perform(command, steps, [target], bundles=bundles, way="rehearse").code


COMMANDS = (Definition("rehearse", "Rehearse a release on a copy of production.", RehearseOptions, rehearse),)
