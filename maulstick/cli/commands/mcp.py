"""The command by which an assistant asks and plans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from maulstick.cli.arguments import Command, Definition
from maulstick.errors import Exit, usage
from maulstick.release.settings import CommandOptions, option


@dataclass(frozen=True)
class McpOptions(CommandOptions):
    """Which project is asked about."""

    folder: str | None = option(None, "the folder of the project, else this one")


def mcp(command: Command[McpOptions]) -> int:
    """Serve the tools of an assistant on stdin and stdout until it leaves."""
    from maulstick.cli.assistant.server import server_of

    folder = Path(command.options.folder or command.project).resolve()
    if not folder.is_dir():
        raise usage(f"--folder {command.options.folder}", "does not exist")
    server_of(folder).run("stdio")
    return Exit.DONE


COMMANDS = (Definition("mcp", "Let an assistant ask and plan; it cannot release.", McpOptions, mcp),)
