"""The commands that list what a project declares."""

from __future__ import annotations

from typing import Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Inventory
from maulstick.errors import Exit
from maulstick.project.playbook import all_playbooks, known_steps
from maulstick.release.settings import CommandOptions


def playbooks(command: Command[CommandOptions]) -> int:
    """List the playbooks with what they say and their steps."""
    console = command.console()
    steps = known_steps(command.plugins.steps().values())
    for book in all_playbooks(command.project / "playbooks", steps):
        console.result(f"{book.name:<10} {book.says}\n{'':<10} {' '.join(step.name for step in book.steps)}")
    return Exit.DONE


def targets(command: Command[Inventory]) -> int:
    """List the targets and their groups; the default is marked."""
    console, inventory = command.console(), command.inventory()
    for name, target in inventory.targets.items():
        mark = "default" if name == inventory.default else ""
        console.result(
            f"{name:<14} {target.host:<8} {target.address or '-':<24} {target.site or '-'} {mark}".rstrip()
        )
    for name, members in inventory.groups.items():
        console.result(f"{name:<14} {'group':<8} {', '.join(members)}")
    return Exit.DONE


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("playbooks", "List the playbooks and their steps.", CommandOptions, playbooks),
    Definition("targets", "List the targets of the inventory.", Inventory, targets),
)
