"""The command that gives a copied database a name of its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import TargetsOptions
from maulstick.cli.targets import reach
from maulstick.errors import Exit, usage
from maulstick.project.inventory import Target
from maulstick.release.settings import option
from maulstick.text import amount


@dataclass(frozen=True)
class RenameOptions(TargetsOptions):
    """Which copy gets its target's name."""

    was: str | None = option(None, "the name that the copy came with: that of the target it is a copy of")
    yes: bool = option(False, "do not ask before it is renamed")


def rename(command: Command[RenameOptions]) -> int:
    """Give the ledger of a copy its target's name, once it is known not to be the other's own database."""
    from maulstick.hosts import database as login
    from maulstick.release import copies
    from maulstick.release.confirmation import require_yes

    console, target = command.console(), _target(command)
    was = _was(command, target)
    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, console)
        database = stack.enter_context(login.releasing(place.target, host))
        if not copies.require_name(database, target.name, was):
            console.result(f'{target.name}: unchanged, this database calls itself "{target.name}"')
            return Exit.DONE
        other = command.inventory().targets.get(was)
        if other is None:
            console.line(f'no target is called "{was}": whether this is its database was not asked')
        else:
            _, there = reach(other, command.project, stack, console)
            reading = stack.enter_context(login.reading(other, there))
            copies.require_other(database, reading, target.name, was)
        if not command.options.yes:
            question = f'is the database of {target.name} a copy of that of "{was}", to be renamed?'
            require_yes(console, question, where=f"targets/{target.name}", step="ledger.rename")
        renamed = copies.rename(database, target.name, was)
    console.result(f"{target.name}: {renamed}")
    if renamed.objects:
        console.line(f"    its bucket is asked again: {amount(renamed.objects, 'object')} of {was} forgotten")
    return Exit.DONE


def _target(command: Command[RenameOptions]) -> Target:
    if not command.options.target:
        raise usage("--target", "is missing", "the copy is named: no default is meant")
    target, *more = command.targets()
    if more:
        raise usage("ledger.rename", "takes one target", f"--target {target.name}")
    if target.host == "sandbox":
        raise usage("ledger.rename", "a sandbox has a database of its own", "name the copy")
    return target


def _was(command: Command[RenameOptions], target: Target) -> str:
    was = command.options.was
    if not was:
        hint = 'the name that it came with, as in: this database calls itself "live"'
        raise usage("--was", "is missing", hint)
    if was == target.name:
        raise usage("--was", f'"{was}" is the name that it would get', "the name of what it is a copy of")
    return was


COMMANDS = (Definition("rename", "Give a copied database its target's name.", RenameOptions, rename),)
"""The tasks `ledger.…`."""
