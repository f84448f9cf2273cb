"""The commands of the sandbox."""

from __future__ import annotations

import os
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.cli.arguments import Command, Definition
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.release.settings import CommandOptions, option


@dataclass(frozen=True)
class Side(CommandOptions):
    """Which of the two databases."""

    side: str | None = option(None, "the database: local or production")


@dataclass(frozen=True)
class Sql(Side):
    """What is run in it."""

    sql: str | None = option(None, "the SQL, of one statement or several")


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


def sql(command: Command[Sql]) -> int:
    """Run SQL in one of the sandbox's databases: a line for each row, else what PostgreSQL says."""
    from maulstick.sandbox import databases

    if not command.options.sql:
        raise usage("--sql", "is required", 'for example maulstick sandbox.sql local "select now()"')
    address = _address(command)
    for line in databases.answers(address, command.options.sql):
        command.console().result(line)
    return Exit.DONE


def psql(command: Command[Side]) -> int:
    """Become the sandbox's own psql, in one of its databases."""
    from maulstick.sandbox import databases

    words, environment = databases.client("psql", _address(command))
    os.execve(words[0], words, {**os.environ, **environment})  # noqa: S606 - no shell reads anything


def _address(command: Command[Any]) -> str:
    """Return the address of the database that was named; a sandbox that is down is started."""
    from maulstick.sandbox import lifecycle

    side = command.options.side
    if side not in SIDES:
        says = f'"{side}" is neither local nor production' if side else "is required"
        raise usage("--side", says, did_you_mean(side or "", SIDES))
    sandbox = lifecycle.up(_folder(command), say=command.console().line)
    return sandbox.source_database if side == "local" else sandbox.production_database


def _folder(command: Command[Any]) -> Path:
    return command.project / ".sandbox"


SIDES = ("local", "production")


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("up", "Start the sandbox, or repair it.", CommandOptions, up),
    Definition("down", "Stop the sandbox; what it holds stays.", CommandOptions, down),
    Definition("reset", "Set the sandbox back to its first day.", CommandOptions, reset),
    Definition("open", "Open the sandbox's site in the browser.", CommandOptions, visit),
    Definition("sql", "Run SQL in one of the sandbox's two databases.", Sql, sql),
    Definition("psql", "Open one of the sandbox's two databases in psql.", Side, psql),
)
"""The tasks `sandbox.…`."""
