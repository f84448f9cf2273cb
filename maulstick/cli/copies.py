"""The command that gives a copied database a name of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from maulstick.cli import options
from maulstick.cli.arguments import Typed
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target
from maulstick.text import amount


def rename(typed: Typed) -> int:
    """Give the ledger of a copy its target's name, once it is known not to be the other's own database."""
    from maulstick.hosts import database as login
    from maulstick.release import copies

    console, was = typed.console(), typed.given["was"]
    target = _target(typed)
    if not was:
        hint = 'the name that it came with, as in: this database calls itself "live"'
        raise usage("--was", "is missing", hint)
    if was == target.name:
        raise usage("--was", f'"{was}" is the name that it would get', "the name of what it is a copy of")
    with ExitStack() as stack:
        place, host = reach(target, typed, stack, console)
        database = stack.enter_context(login.releasing(place.target, host))
        if not copies.require_name(database, target.name, was):
            console.result(f'{target.name}: unchanged, this database calls itself "{target.name}"')
            return Exit.DONE
        other = typed.inventory().targets.get(was)
        if other is None:
            console.line(f'no target is called "{was}": whether this is its database was not asked')
        else:
            _, there = reach(other, typed, stack, console)
            reading = stack.enter_context(login.reading(other, there))
            copies.require_other(database, reading, target.name, was)
        _confirm(typed, target, was, console)
        renamed = copies.rename(database, target.name, was)
    console.result(f"{target.name}: {renamed}")
    if renamed.objects:
        console.line(f"    its bucket is asked anew: {amount(renamed.objects, 'object')} of {was} forgotten")
    return Exit.DONE


def _target(typed: Typed) -> Target:
    if not typed.given["target"]:
        raise usage("--target", "is missing", "the copy is named: no default is meant")
    target, *more = typed.targets()
    if more:
        raise usage("ledger.rename", "takes one target", f"--target {target.name}")
    if target.host == "sandbox":
        raise usage("ledger.rename", "a sandbox has a database of its own", "name the copy")
    return target


def _confirm(typed: Typed, target: Target, was: str, console: Console) -> None:
    if typed.given["yes"]:
        return
    if not console.interactive:
        raise usage("ledger.rename", "asks first, and nobody is there to answer", "pass --yes")
    if not console.ask(f'is the database of {target.name} a copy of that of "{was}", to be renamed?'):
        raise Problem("ledger.rename", "stopped at your word; nothing was changed", code=Exit.INTERRUPTED)


LEDGER: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "rename": ("Give a copied database its target's name.", rename, options.LEDGER_RENAME),
}
"""The tasks `ledger.…`."""
