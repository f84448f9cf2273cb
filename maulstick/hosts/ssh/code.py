"""The site's code on a machine: commands that bring it there, and the one that says which commit runs."""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from paramiko import Channel  # type: ignore[import-untyped]

from maulstick.errors import Problem
from maulstick.hosts.channel import BROKEN, LOST, NO_STATUS, open_for
from maulstick.hosts.ssh.connection import MachineConnection
from maulstick.project.targets import Say

SECONDS = 1800.0
LAST_LINES, SHORT = 8, 7
CHUNK = 1 << 12
COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])")


class MachineCode:
    """The code on a machine; `connection` opens the machine when it is first needed."""

    troubles: Sequence[str] = ()

    def __init__(
        self,
        connection: Callable[[], MachineConnection],
        deploy: Sequence[str],
        directory: str,
        commit_from: str,
    ) -> None:
        self._connection = connection
        self._deploy, self._directory, self._commit_from = deploy, directory, commit_from
        self.announced = ""
        self.deploys: dict[str, bool] = {}
        self._running: str | None = None

    @property
    def running(self) -> str | None:
        """The commit that runs there, asked once until something is shipped."""
        if self._running is None and self._commit_from:
            self._running = self._asked()
        return self._running

    def refused(self, *, asked: bool) -> str:
        """Say why nothing is deployed: there is no command, or nobody tells whether one is needed."""
        if not self._deploy:
            return 'the inventory names no commands: deploy = ["git pull", …]'
        if not self._commit_from and not asked:
            return "without commit_from nobody tells which commit runs there; `invoke deploy` alone ships it"
        return ""

    def ship(
        self, checkout: Path, commit: str, *, line: Say, hide: Callable[[str], str], wait: float | None
    ) -> Sequence[str]:
        """Run the commands in their order; the first that fails ends it."""
        name = self._connection().login.name
        for command in self._deploy:
            line(f"{name}$ {command}")
            last: deque[str] = deque(maxlen=LAST_LINES)
            code = self._stream(command, line, hide, last, wait or SECONDS)
            if code:
                shown = "".join(f"\n  | {text}" for text in last)
                what = f"`{command}` failed with exit code {code}{shown}"
                raise Problem(f"deploy on {name}", what, "mend it, then run the same again")
        self._running = None
        if not self._commit_from:
            return ["without commit_from nobody tells which commit runs there now"]
        if not commit.startswith(self.running or "?"):
            what = f"{name} runs {(self.running or '')[:SHORT]} after the deploy, not {commit[:SHORT]}"
            raise Problem(f"deploy on {name}", what, "is it pushed? `git push`, then run the same again")
        return []

    def _asked(self) -> str:
        machine = self._connection()
        ran = machine.ask(_within(self._directory, self._commit_from))
        commits = COMMIT.findall(ran.stdout)
        if ran.code or not commits:
            reason = (ran.stderr.strip() or "it printed no commit").splitlines()[-1]
            what = f"`{self._commit_from}` does not tell which commit runs (exit code {ran.code}): {reason}"
            raise Problem(
                machine.login.name, what, "commit_from in the inventory is that command", harmless=True
            )
        return str(commits[-1])

    def _stream(
        self, command: str, line: Say, hide: Callable[[str], str], last: deque[str], seconds: float
    ) -> int:
        machine = self._connection()
        try:
            channel = machine.create_session()
            with open_for(channel, seconds):
                for text in _lines(channel, _within(self._directory, command)):
                    seen = hide(text)
                    line(seen)
                    last.append(seen)
                code = int(channel.recv_exit_status())
        except LOST as error:
            raise Problem(machine.login.name, f"the session broke off: {error}", BROKEN) from error
        if code == NO_STATUS:
            what = f"`{command}` ended without an exit status, or took longer than {seconds:g} s"
            raise Problem(machine.login.name, what, BROKEN)
        return code


def _within(directory: str, command: str) -> str:
    if not directory:
        return command
    where = f"~/{shlex.quote(directory[2:])}" if directory.startswith("~/") else shlex.quote(directory)
    return f"sh -c {shlex.quote(f'cd {where} || exit; {command}')}"


def _lines(channel: Channel, command: str) -> Iterator[str]:
    """Run a command and yield each line of what it says on stdout and stderr, as it says it."""
    channel.set_combine_stderr(True)
    channel.exec_command(command)  # nosec B601
    channel.shutdown_write()
    rest = b""
    while chunk := channel.recv(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (text.decode(errors="replace").rstrip("\r") for text in whole)
    if rest:
        yield rest.decode(errors="replace").rstrip("\r")
