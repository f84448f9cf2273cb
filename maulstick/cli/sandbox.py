"""The commands of the sandbox."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from maulstick.cli.arguments import Command, Definition
from maulstick.errors import Exit
from maulstick.release.settings import CommandOptions


def up(command: Command[CommandOptions]) -> int:
    """Start the sandbox, or repair it."""
    from maulstick.sandbox import lifecycle

    console = command.console()
    sandbox = lifecycle.up(_folder(command), say=console.line)
    console.result(f"the sandbox is up: {sandbox.site}/series")
    return Exit.DONE


def down(command: Command[CommandOptions]) -> int:
    """Stop the sandbox."""
    from maulstick.sandbox import lifecycle

    lifecycle.down(_folder(command))
    command.console().result("the sandbox is down; what it holds stays in .sandbox/")
    return Exit.DONE


def reset(command: Command[CommandOptions]) -> int:
    """Set the sandbox back to its first day."""
    from maulstick.sandbox import lifecycle

    console = command.console()
    sandbox = lifecycle.reset(_folder(command), say=console.line)
    console.result(f"the sandbox is as on its first day: {sandbox.site}/series")
    return Exit.DONE


def visit(command: Command[CommandOptions]) -> int:
    """Open the sandbox's site in the browser, and start the sandbox where it is down."""
    from maulstick.sandbox import lifecycle

    console = command.console()
    address = f"{lifecycle.up(_folder(command), say=console.line).site}/series"
    webbrowser.open(address)
    console.result(address)
    return Exit.DONE


def _folder(command: Command[CommandOptions]) -> Path:
    return command.project / ".sandbox"


COMMANDS = (
    Definition("up", "Start the sandbox, or repair it.", CommandOptions, up),
    Definition("down", "Stop the sandbox; what it holds stays.", CommandOptions, down),
    Definition("reset", "Set the sandbox back to its first day.", CommandOptions, reset),
    Definition("open", "Open the sandbox's site in the browser.", CommandOptions, visit),
)
"""The tasks `sandbox.…`."""
