"""The commands of the sandbox."""

from __future__ import annotations

import os
import webbrowser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import InventoryOptions
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.release.settings import CommandOptions, option

if TYPE_CHECKING:
    from maulstick.hosts.sandbox_host import SandboxKeys
    from maulstick.sandbox.lifecycle import Sandbox
    from maulstick.sandbox.own.lifecycle import OwnSandbox


@dataclass(frozen=True)
class SideOptions(InventoryOptions):
    """Which of the two databases."""

    side: str | None = option(None, "the database: local or production")


@dataclass(frozen=True)
class Sql(SideOptions):
    """What is run in it."""

    sql: str | None = option(None, "the SQL, of one statement or several")


def up(command: Command[InventoryOptions]) -> int:
    """Start the sandbox, or repair it."""
    sandbox = _up(command)
    command.console().result(f"the sandbox is up{_address(sandbox)}")
    return Exit.DONE


def down(command: Command[CommandOptions]) -> int:
    """Stop the sandbox."""
    from maulstick.sandbox import lifecycle

    lifecycle.down(command.project / ".sandbox")
    command.console().result("the sandbox is down; what it holds stays in .sandbox/")
    return Exit.DONE


def reset(command: Command[InventoryOptions]) -> int:
    """Set the sandbox back to its first day."""
    from maulstick.hosts import sandbox_host

    console = command.console()
    sandbox = sandbox_host.reset(*_described(command), command.project, console.line)
    console.result(f"the sandbox is as on its first day{_address(sandbox)}")
    return Exit.DONE


def visit(command: Command[InventoryOptions]) -> int:
    """Open the sandbox's site in the browser, and start the sandbox where it is down."""
    address = _address(_up(command)).removeprefix(": ")
    if not address:
        raise usage("sandbox.open", "the sandbox has no site", 'site = "…" in its target names a command')
    webbrowser.open(address)
    command.console().result(address)
    return Exit.DONE


def sql(command: Command[Sql]) -> int:
    """Run SQL in one of the sandbox's databases: a line for each row, else what PostgreSQL says."""
    from maulstick.sandbox import databases

    if not command.options.sql:
        raise usage("--sql", "is required", 'for example maulstick sandbox.sql local "select now()"')
    address = _database(command)
    for line in databases.answers(address, command.options.sql):
        command.console().result(line)
    return Exit.DONE


def psql(command: Command[SideOptions]) -> int:
    """Become the sandbox's own psql, in one of its databases."""
    from maulstick.sandbox import databases

    words, environment = databases.client("psql", _database(command))
    os.execve(words[0], words, {**os.environ, **environment})  # noqa: S606 - no shell reads anything


def _database(command: Command[SideOptions]) -> str:
    """Return the address of the database that was named; a sandbox that is down is started."""
    side = command.options.side
    if side not in SIDES:
        says = f'"{side}" is neither local nor production' if side else "is required"
        raise usage("--side", says, did_you_mean(side or "", SIDES))
    sandbox = _up(command)
    return sandbox.source_database if side == "local" else sandbox.production_database


def _up(command: Command[Any]) -> Sandbox | OwnSandbox:
    from maulstick.hosts import sandbox_host

    return sandbox_host.up(*_described(command), command.project, command.console().line)


def _described(command: Command[Any]) -> tuple[SandboxKeys, str]:
    """Return what the inventory says of the sandbox, and where; it is the gallery where there is none."""
    from maulstick.hosts.sandbox_host import SandboxKeys

    if not (command.project / command.options.inventory).is_file():
        return SandboxKeys(), command.options.inventory
    targets = command.inventory().targets.values()
    boxes = {target.name: target.keys for target in targets if isinstance(target.keys, SandboxKeys)}
    own = {name: keys for name, keys in boxes.items() if keys.schema}
    if len({*boxes.values()}) > 1 and own:
        names = " and ".join(boxes)
        raise usage("targets", f"{names} say different things of one sandbox", "keep one of them")
    return (next(iter(boxes.values()), SandboxKeys()), f"targets/{next(iter(boxes), 'sandbox')}")


def _address(sandbox: Sandbox | OwnSandbox) -> str:
    """Return where a sandbox's site is, after a colon; "" where it has none."""
    from maulstick.sandbox.lifecycle import Sandbox

    path = "/series" if isinstance(sandbox, Sandbox) else ""
    return f": {sandbox.site}{path}" if sandbox.site else ""


SIDES = ("local", "production")


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("up", "Start the sandbox, or repair it.", InventoryOptions, up),
    Definition("down", "Stop the sandbox; what it holds stays.", CommandOptions, down),
    Definition("reset", "Set the sandbox back to its first day.", InventoryOptions, reset),
    Definition("open", "Open the sandbox's site in the browser.", InventoryOptions, visit),
    Definition("sql", "Run SQL in one of the sandbox's two databases.", Sql, sql),
    Definition("psql", "Open one of the sandbox's two databases in psql.", SideOptions, psql),
)
"""The tasks `sandbox.…`."""
