"""The commands of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from maulstick.cli.arguments import Typed
from maulstick.console import Console
from maulstick.errors import Exit


def _sandbox_up(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import up

    console = Console()
    box = up(_sandbox(typed), say=console.line)
    console.result(f"the sandbox is up: {box.site}/series")
    return Exit.DONE


def _sandbox_down(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import down

    down(_sandbox(typed))
    Console().result("the sandbox is down; what it holds stays in .sandbox/")
    return Exit.DONE


def _sandbox_reset(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import reset

    console = Console()
    box = reset(_sandbox(typed), say=console.line)
    console.result(f"the sandbox is as on its first day: {box.site}/series")
    return Exit.DONE


def _sandbox_open(typed: Typed) -> int:
    import webbrowser

    from maulstick.sandbox.lifecycle import up

    console = Console()
    address = f"{up(_sandbox(typed), say=console.line).site}/series"
    webbrowser.open(address)
    console.result(address)
    return Exit.DONE


def _sandbox(typed: Typed) -> Path:
    return typed.project / ".sandbox"


SANDBOX: Mapping[str, tuple[str, Callable[[Typed], int]]] = {
    "up": ("Start the sandbox, or repair it.", _sandbox_up),
    "down": ("Stop the sandbox; what it holds stays.", _sandbox_down),
    "reset": ("Set the sandbox back to its first day.", _sandbox_reset),
    "open": ("Open the sandbox's site in the browser.", _sandbox_open),
}
