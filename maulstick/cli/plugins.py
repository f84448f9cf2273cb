"""The commands that list and check plugins."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Targets, Verbose
from maulstick.cli.targets import Ended, reach, visit_each
from maulstick.errors import Exit
from maulstick.project.inventory import Target
from maulstick.text import amount


@dataclass(frozen=True)
class Check(Targets, Verbose):
    """Which target the declarations are held against."""


def listing(command: Command[Verbose]) -> int:
    """List the plugins with their hooks, and those that could not be loaded with the reason."""
    console = command.console()
    for plugin in command.plugins.found:
        says = f"could not be loaded: {plugin.failure}" if plugin.failure else ", ".join(plugin.hooks)
        console.result(f"{plugin.name:<14} {plugin.where:<26} {says}".rstrip())
        console.trace(plugin.error)
    return Exit.PLUGIN if any(plugin.failure for plugin in command.plugins.found) else Exit.DONE


def check(command: Command[Check]) -> int:
    """Hold every plugin's declarations against the source and the target; nothing is changed."""
    from maulstick.doctor.declarations import check_plugins, exit_code
    from maulstick.hosts import database as login
    from maulstick.postgres.connection import connect

    console = command.console()

    def visit(target: Target) -> Ended:
        with ExitStack() as stack:
            place, host = reach(target, command.project, stack, console)
            local = connect(place.source.database, f"source {place.source.name}")
            source = stack.enter_context(local)
            there = stack.enter_context(login.reading(place.target, host, read_only=True))
            findings = []
            for finding in check_plugins(command.plugins, source, there, target.name):
                console.result(str(finding))
                findings.append(finding)
        return Ended(exit_code(findings), amount(len(findings), "finding"))

    return visit_each(command.targets(), visit, console, keep_going=True)


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("list", "List the plugins and their hooks.", Verbose, listing),
    Definition("check", "Hold all declarations against both databases.", Check, check),
)
"""The tasks `plugins.…`; the first is what `plugins` alone does."""
