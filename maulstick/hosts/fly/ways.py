"""Commands on a machine by `fly` alone: `fly ssh console` and `fly machine exec` open no connection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import SECONDS, Fly
from maulstick.hosts.fly.refusals import FlyProblem
from maulstick.hosts.ran import Ran
from maulstick.retry import until

Way = Literal["console", "exec", "certificate"]
EXITED = re.compile(r"Error: ssh shell: Process exited with status (\d+)[^\n]*\n?")
# SSH answers up to half a minute after a machine has started (docs/fly-facts.md, "Commands on a machine").
NOT_YET = "handshake failed"
YOUNG_SECONDS = 60.0
COMMANDS: Mapping[Way, str] = {"console": "ssh console", "exec": "machine exec"}
GRACE = 15.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered; it may hold a secret, so it is never shown as a whole."""

    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    exited: int

    @property
    def failed(self) -> bool:
        """Return whether the command ended with another code than 0."""
        return self.exited != 0


@dataclass(slots=True)
class Commands:
    """Commands on one machine; `wake` is asked for one that is started where this one has stopped."""

    fly: Fly
    machine: str
    way: Way
    wake: Callable[[], str] | None = None

    def run(self, command: str, *, expect_output: bool = False, **_: bool) -> Answer:
        """Run a command and return its answer, whatever its exit code."""
        ran = self.ask(command, SECONDS, expect_output=expect_output)
        return Answer(ran.stdout, ran.stderr, ran.code)

    def ask(self, command: str, timeout: float, *, expect_output: bool = False) -> Ran:
        """Run a command; with `expect_output` one that succeeds without a word is asked once more."""
        by = by_console if self.way == "console" else by_exec
        ran = self.awake(lambda: by(self.fly, self.machine, command, timeout))
        if expect_output and ran.code == 0 and not ran.stdout:
            ran = self.awake(lambda: by(self.fly, self.machine, command, timeout))
        return ran

    def awake(self, act: Callable[[], T]) -> T:
        """Act, and once more on a machine that was woken where this one was refused as a whole."""
        try:
            return act()
        except FlyProblem as problem:  # Nothing of it was done.
            if self.wake is None or problem.kind not in ("asleep", "no name"):
                raise
        self.machine = self.wake()
        return act()


def by_console(fly: Fly, machine: str, command: str, timeout: float) -> Ran:
    """Run a command by `fly ssh console`; one that has just started gets time to answer."""
    arguments = ("ssh", "console", "--machine", machine, "-q", "-C", command)
    ran = until(
        lambda ran: ran.code == 0 or NOT_YET not in ran.stderr,
        lambda: fly.run(*arguments, timeout=timeout),
        seconds=YOUNG_SECONDS,
        pause=1.0,
        longest=16.0,
    )
    if ran.code == 0:
        return ran
    # flyctl says it last: an earlier line like it is the command's own.
    ends = list(EXITED.finditer(ran.stderr))
    if not ends:
        raise fly.problem(arguments, ran.stderr)
    said = ran.stderr[: ends[-1].start()] + ran.stderr[ends[-1].end() :]
    return Ran(int(ends[-1][1]), ran.stdout, said)


def by_exec(fly: Fly, machine: str, command: str, timeout: float) -> Ran:
    """Run a command by `fly machine exec`."""
    arguments = ("machine", "exec", machine, command, "--json", "--timeout", str(max(1, int(timeout))))
    ran = fly.run(*arguments, timeout=timeout + GRACE)
    if ran.code:
        raise fly.problem(arguments, ran.stderr)
    try:
        told = json.loads(ran.stdout)
    except (ValueError, RecursionError):
        told = None  # The error holds the text, and with it what the command printed.
    if not isinstance(told, dict):
        raise Problem("fly machine exec", "did not answer with JSON")
    return Ran(int(told.get("exit_code", 0)), told.get("stdout", ""), told.get("stderr", ""))
