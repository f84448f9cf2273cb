"""The command that shows how everything stands, in a browser of this machine."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import TargetsOptions
from maulstick.cli.targets import require_one
from maulstick.errors import Exit, usage
from maulstick.release.settings import option

LAST_PORT = 65535


@dataclass(frozen=True)
class DeskOptions(TargetsOptions):
    """Where the desk is opened."""

    port: int = option(0, "the port of this machine to listen at, else a free one")


def desk(command: Command[DeskOptions]) -> int:
    """Serve the desk of one target until Ctrl-C."""
    from maulstick.cli.desk.server import serve

    port = command.options.port
    if not 0 <= port <= LAST_PORT:
        raise usage(f"--port {port}", "is not a port", "--port 8765, or leave it out")
    target = require_one(command, "desk")
    command.plugins.require_all()
    serve(command, target, port)
    return Exit.DONE


COMMANDS = (Definition("desk", "Look at everything in a browser; decide conflicts.", DeskOptions, desk),)
