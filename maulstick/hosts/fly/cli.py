"""The one place that runs `fly`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired
from typing import IO, Any, TypeVar

from maulstick.errors import Problem, usage
from maulstick.hosts.fly.calls import complete
from maulstick.hosts.fly.refusals import FlyProblem, problem_of, where
from maulstick.hosts.ran import Ran
from maulstick.processes import end, environment, stream, text_of

T = TypeVar("T")
NAMES = ("fly", "flyctl")  # In CI only the second is there (docs/fly-facts.md, "Logins and tokens").
INSTALL = 'install it (https://fly.io/docs/flyctl/install/), or name it in inventory.toml: fly = "…"'
QUIET = {"FLY_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
OWN = "FLY.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|OP_.*|MAULSTICK_SANDBOX"
"""The names of what `fly`, what it builds with and what wraps it read of our environment."""
SECONDS = 60.0
# Ends a command with the end of its stdin, and itself with the command.
LEASH = 'exec 3<&0; "$@" 3<&- & fly=$!; { cat <&3; kill "$fly"; } >/dev/null 2>&1 & exec 3<&-; wait "$fly"'


@dataclass(frozen=True, slots=True)
class Fly:
    """The program `fly` and the app that it is asked about; `environment` goes over our own."""

    program: str
    app: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, app: str) -> Fly:
        """Return the same program, asked about another app."""
        return replace(self, app=app)

    def run(self, *arguments: str, timeout: float = SECONDS) -> Ran:
        """Run a command to its end, whatever its exit code; a Problem after `timeout` seconds."""
        process = self.start(*arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            # A pipe closed at once: both /dev/null and a terminal have made flyctl hang
            # (docs/fly-facts.md, "Commands on a machine").
            out, err = process.communicate(b"", timeout=timeout)
            return Ran(process.returncode, text_of(out), text_of(err))
        except TimeoutExpired:
            pass  # It holds the output so far, so nothing is raised from it.
        finally:
            end(process)
        what = f"gave no answer for {timeout:g} s"
        raise Problem(where(arguments), what, "try again; https://status.flyio.net tells of trouble at Fly")

    def expect(self, *arguments: str, timeout: float = SECONDS) -> str:
        """Run a command that must succeed; return its stdout."""
        ran = self.run(*arguments, timeout=timeout)
        if ran.code:
            raise self.problem(arguments, ran.stderr)
        return ran.stdout

    def json(self, *arguments: str, timeout: float = SECONDS) -> Any:
        """Run a command that must succeed and answer with JSON; return what it tells."""
        told = self.expect(*arguments, "--json", timeout=timeout)
        with suppress(ValueError, RecursionError):
            return json.loads(told)
        raise Problem(where(arguments), "did not answer with JSON", "is this `fly` flyctl? `fly version`")

    def told(self, *arguments: str, read: Callable[[Any], T]) -> T:
        """Return what is read of a command's JSON; what has another shape than we know is a problem."""
        answer = self.json(*arguments)
        try:
            return read(answer)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            what = "answered with JSON that is not understood"
            raise Problem(where(arguments), what, "is this `fly` flyctl? `fly version`") from error

    def stream(self, *arguments: str, cwd: Path, line: Callable[[str], None], timeout: float) -> int:
        """Run a command, giving each line of its output to `line`; return its exit code."""
        process = self.start(*arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=cwd)
        stream(process, line, timeout=timeout)
        return process.returncode

    def start(
        self,
        *arguments: str,
        stdin: int,
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        cwd: Path | None = None,
        leash: bool = False,
    ) -> Popen[bytes]:
        """Start a command in a session of its own: Ctrl-C is ours to answer, in our order.

        With `leash` it ends when its stdin does, however we die.
        """
        command = [self.program, *complete(arguments, self.app)]
        try:
            return Popen(
                ["sh", "-c", LEASH, "sh", *command] if leash else command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=cwd,
                env={**environment(OWN), **QUIET, **self.environment},
                start_new_session=True,
            )
        except OSError as error:
            raise usage("fly", f'"{self.program}" cannot be run: {error.strerror}', INSTALL) from error

    def problem(self, arguments: Sequence[str], stderr: str) -> FlyProblem:
        """Return what `fly` said as a problem, with the command that mends it where we know one."""
        token = {**os.environ, **self.environment}.keys() & {"FLY_API_TOKEN", "FLY_ACCESS_TOKEN"}
        return problem_of(arguments, stderr, app=self.app, token=min(token, default=""))


def find_program(configured: str) -> str:
    """Find the path of `fly`: the configured program, else `fly` or `flyctl` on PATH."""
    for name in (configured,) if configured else NAMES:
        if found := shutil.which(name):
            return found
    if configured:
        raise usage("inventory.toml/fly", f'"{configured}" is not a program that can be run', INSTALL)
    raise usage("fly", "neither `fly` nor `flyctl` is on PATH", INSTALL)
