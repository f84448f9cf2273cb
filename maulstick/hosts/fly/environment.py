"""The environment of a machine: only the names asked for, in one remote call, as secrets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any, Protocol

from maulstick.errors import Problem
from maulstick.redact import Secret

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
END = "end"
NO_SHELL = 'the image needs `sh`; without one, give the values by `host = "direct"`'


class Runs(Protocol):
    """What commands are run by: a Fabric connection, or `fly` alone."""

    def run(self, command: str, *, hide: bool, warn: bool, expect_output: bool) -> Any:
        """Run a command and return its `stdout`, its `stderr`, and how it `exited`."""


def read_environment(connection: Runs, names: Sequence[str]) -> dict[str, Secret]:
    """Read these variables on the machine in one call; one that is not set is absent."""
    mark = f"<{secrets.token_hex(8)}>"
    result = connection.run(_command(names, mark), hide=True, warn=True, expect_output=True)
    if result.failed:
        raise Problem("environment", f"cannot be read: {_why(result.stderr, result.exited)}", NO_SHELL)
    # What comes before the first mark is `fly` speaking (docs/fly-facts.md, "Commands on a machine").
    parts = [part.removesuffix("\n") for part in result.stdout.split(mark)[1:]]
    if parts[-1:] != [END]:
        raise Problem(
            "environment", "the machine's answer was cut off", "try again; flyctl 0.4.80 and later lose none"
        )
    pairs = [part.partition("=") for part in parts[:-1]]
    return {name: Secret(value) for name, _, value in pairs}


def _command(names: Sequence[str], mark: str) -> str:
    # No single quote and no backslash inside: every splitter of command lines reads it alike.
    prints = [f'test -z "${{{name}+x}}" || {{ printf %s "{mark}{name}=${name}"; echo; }}' for name in names]
    for name in names:
        if not NAME.fullmatch(name):
            raise Problem("environment", f'"{name}" is not the name of a variable')
    return f"sh -c '{'; '.join(prints)}; echo \"{mark}{END}\"'"


def _why(stderr: str, exited: int) -> str:
    return stderr.strip().splitlines()[-1] if stderr.strip() else f"exit {exited}"
