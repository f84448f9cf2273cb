"""What each task does with what its user typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from maulstick.cli import history as ledger_commands
from maulstick.cli import options
from maulstick.cli import report as report_commands
from maulstick.cli.arguments import Typed
from maulstick.cli.each_target import Ended, everywhere
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit
from maulstick.project import playbook as books
from maulstick.project.inventory import Target
from maulstick.text import amount


def plugins(typed: Typed) -> int:
    """List the plugins with their hooks, and those that could not be loaded with the reason."""
    console = typed.console()
    for plugin in typed.plugins.found:
        says = f"could not be loaded: {plugin.failure}" if plugin.failure else ", ".join(plugin.hooks)
        console.result(f"{plugin.name:<14} {plugin.where:<26} {says}".rstrip())
        console.trace(plugin.error)
    return Exit.PLUGIN if any(plugin.failure for plugin in typed.plugins.found) else Exit.DONE


def check_plugins(typed: Typed) -> int:
    """Hold every plugin's declarations against the source and the target; nothing is changed."""
    from maulstick.doctor.declarations import check_plugins as check
    from maulstick.doctor.declarations import exit_code
    from maulstick.hosts import database as login
    from maulstick.postgres.connection import connect

    console = typed.console()

    def visit(target: Target) -> Ended:
        with ExitStack() as stack:
            place, host = reach(target, typed, stack, console)
            local = connect(place.source.database, f"source {place.source.name}")
            source = stack.enter_context(local)
            there = login.reading(place.target, host, read_only=True)
            findings = []
            for finding in check(typed.plugins, source, stack.enter_context(there), target.name):
                console.result(str(finding))
                findings.append(finding)
        return Ended(exit_code(findings), amount(len(findings), "finding"))

    return everywhere(typed.targets(), visit, console, keep_going=True)


def playbooks(typed: Typed) -> int:
    """List the playbooks with what they say and their steps."""
    console = Console()
    steps = books.known_steps(typed.plugins.steps().values())
    for book in books.all_playbooks(typed.project / "playbooks", steps):
        console.result(f"{book.name:<10} {book.says}\n{'':<10} {' '.join(step.name for step in book.steps)}")
    return Exit.DONE


def targets(typed: Typed) -> int:
    """List the targets and their groups; the default is marked."""
    console, found = Console(), typed.inventory()
    for name, target in found.targets.items():
        mark = "default" if name == found.default else ""
        console.result(
            f"{name:<14} {target.host:<8} {target.address or '-':<24} {target.site or '-'} {mark}".rstrip()
        )
    for name, members in found.groups.items():
        console.result(f"{name:<14} {'group':<8} {', '.join(members)}")
    return Exit.DONE


OTHERS: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "status": (
        "Say how every subject stands on both sides.",
        ledger_commands.status,
        options.STATUS,
    ),
    "rollback": ("Put a release's rows back as they were.", ledger_commands.rollback, options.ROLLBACK),
    "why": ("Tell which releases touched a row.", ledger_commands.why, options.WHY),
    "history": (
        "List a target's releases, or each change of one.",
        ledger_commands.history,
        options.HISTORY,
    ),
    "report": ("Show what happened in a run.", report_commands.report, options.REPORT),
    "playbooks": ("List the playbooks and their steps.", playbooks, {}),
    "targets": ("List the targets of the inventory.", targets, options.INVENTORY),
}
PLUGINS: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "list": ("List the plugins and their hooks.", plugins, options.VERBOSE),
    "check": ("Hold all declarations against both databases.", check_plugins, options.PLUGINS_CHECK),
}
"""The tasks `plugins.…`; the first is what `plugins` alone does."""
