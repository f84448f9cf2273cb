"""The commands of the sandbox."""

from __future__ import annotations

from pathlib import Path

from maulstick.cli.arguments import Command, Definition
from maulstick.errors import Exit
from maulstick.release.settings import CommandOptions


def _up(command: Command[CommandOptions]) -> int:
    from maulstick.sandbox.lifecycle import up

    console = command.console()
    box = up(_folder(command), say=console.line)
    console.result(f"the sandbox is up: {box.site}/series")
    return Exit.DONE


def _down(command: Command[CommandOptions]) -> int:
    from maulstick.sandbox.lifecycle import down

    down(_folder(command))
    command.console().result("the sandbox is down; what it holds stays in .sandbox/")
    return Exit.DONE


def _reset(command: Command[CommandOptions]) -> int:
    from maulstick.sandbox.lifecycle import reset

    console = command.console()
    box = reset(_folder(command), say=console.line)
    console.result(f"the sandbox is as on its first day: {box.site}/series")
    return Exit.DONE


def _open(command: Command[CommandOptions]) -> int:
    import webbrowser

    from maulstick.sandbox.lifecycle import up

    console = command.console()
    address = f"{up(_folder(command), say=console.line).site}/series"
    webbrowser.open(address)
    console.result(address)
    return Exit.DONE


def _folder(command: Command[CommandOptions]) -> Path:
    return command.project / ".sandbox"


COMMANDS = (
    Definition("up", "Start the sandbox, or repair it.", CommandOptions, _up),
    Definition("down", "Stop the sandbox; what it holds stays.", CommandOptions, _down),
    Definition("reset", "Set the sandbox back to its first day.", CommandOptions, _reset),
    Definition("open", "Open the sandbox's site in the browser.", CommandOptions, _open),
)
"""The tasks `sandbox.…`."""
