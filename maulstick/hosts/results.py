"""A command run on a machine as Fabric's `run` runs one, whichever way it went."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from fabric import Connection, Result  # type: ignore[import-untyped]
from invoke.exceptions import UnexpectedExit
from invoke.runners import normalize_hide

from maulstick.errors import usage
from maulstick.hosts.ran import Ran

OPTIONS = frozenset({"echo", "expect_output", "hide", "in_stream", "timeout", "warn"})
HINT = "no shell reads the command on Fly: `sh -c '…'` brings one"


def result_of(
    connection: Connection, command: str, options: Mapping[str, Any], ask: Callable[[], Ran]
) -> Result:
    """Run a command by `ask` and return its Result; the options mean what they mean in Fabric."""
    for name in sorted(options.keys() - OPTIONS):
        raise usage("machine", f'run() has no option "{name}" here', HINT)
    hide = normalize_hide(options.get("hide", connection.config.run.hide))
    if options.get("echo", connection.config.run.echo):
        sys.stdout.write(f"{command}\n")
    ran = ask()
    result = Result(
        connection=connection,
        command=command,
        stdout=ran.stdout,
        stderr=ran.stderr,
        exited=ran.code,
        hide=hide,
        encoding="utf-8",
    )
    if "stdout" not in result.hide:
        sys.stdout.write(result.stdout)
    if "stderr" not in result.hide:
        sys.stderr.write(result.stderr)
    if result.failed and not options.get("warn", connection.config.run.warn):
        raise UnexpectedExit(result)
    return result
