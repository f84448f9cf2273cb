"""The command that brings production's edits home."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import StepOptions, require_limit
from maulstick.cli.performing.perform import perform
from maulstick.cli.targets import require_one
from maulstick.errors import usage
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Ask, Diff, Rehearse, RowChoices, Without, option

STEPS = ("export", "plan", "download", "apply")


@dataclass(frozen=True)
class Pull(StepOptions, RowChoices, Without, Ask, Diff, Rehearse):
    """What comes home, and whose side wins."""

    all: bool = option(False, "every subject of every kind that production has")
    theirs: bool = option(False, "columns that production owns come home too")


def pull(command: Command[Pull]) -> int:
    """Bring what was edited in production into the local database, in one transaction for each subject."""
    options = command.options
    require_limit(options)
    if options.all and command.named():
        raise usage("--all", "names every subject already", "leave it out, or name none")
    target = require_one(command, "pull")
    steps = [PlaybookStep(name, {}) for name in STEPS]
    return perform(command, steps, [target], every=options.all, way="pull").code


COMMANDS = (Definition("pull", "Bring edits made in production home.", Pull, pull),)
