"""The commands that list what a project declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import InventoryOptions, Json, TraceHooks
from maulstick.errors import Exit
from maulstick.project.playbook import all_playbooks, known_steps


@dataclass(frozen=True)
class Playbooks(Json, TraceHooks):
    """How the playbooks are listed."""


@dataclass(frozen=True)
class TargetListOptions(InventoryOptions, Json):
    """Which inventory is listed, and how."""


def playbooks(command: Command[Playbooks]) -> int:
    """List the playbooks with what they say and their steps."""
    console = command.console()
    steps = known_steps(command.plugins.steps().values())
    books = [*all_playbooks(command.project / "playbooks", steps)]
    if command.options.json:
        records = [
            {
                "name": book.name,
                "says": book.says,
                "steps": [{"name": step.name, "options": {**step.options}} for step in book.steps],
            }
            for book in books
        ]
        console.data({"version": 1, "records": records})
        return Exit.DONE
    for book in books:
        console.result(f"{book.name:<10} {book.says}\n{'':<10} {' '.join(step.name for step in book.steps)}")
    return Exit.DONE


def targets(command: Command[TargetListOptions]) -> int:
    """List the targets and their groups; the default is marked."""
    console, inventory = command.console(), command.inventory()
    if command.options.json:
        records = [
            {
                "name": name,
                "host": target.host,
                "address": target.address or None,
                "site": target.site or None,
                "default": name == inventory.default,
                "groups": [group for group, members in inventory.groups.items() if name in members],
            }
            for name, target in inventory.targets.items()
        ]
        console.data({"version": 1, "records": records})
        return Exit.DONE
    for name, target in inventory.targets.items():
        mark = "default" if name == inventory.default else ""
        console.result(
            f"{name:<14} {target.host:<8} {target.address or '-':<24} {target.site or '-'} {mark}".rstrip()
        )
    for name, members in inventory.groups.items():
        console.result(f"{name:<14} {'group':<8} {', '.join(members)}")
    return Exit.DONE


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("playbooks", "List the playbooks and their steps.", Playbooks, playbooks),
    Definition("targets", "List the targets of the inventory.", TargetListOptions, targets),
)
