"""A Fabric connection to one machine of an app, by way of `fly`."""

from __future__ import annotations

import json
import re
import shlex
import sys
import time
from typing import Any, Literal

from fabric import Config, Connection, Result  # type: ignore[import-untyped]
from invoke.exceptions import UnexpectedExit
from invoke.runners import normalize_hide

from maulstick.errors import Problem, usage
from maulstick.fly.cli import SECONDS, Fly, Ran

Way = Literal["console", "exec"]
EXITED = re.compile(r"Error: ssh shell: Process exited with status (\d+)[^\n]*\n?")
# A machine that has just started needs up to half a minute until SSH answers (fly.md §1).
NOT_YET = "handshake failed"
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
OPTIONS = frozenset({"echo", "expect_output", "hide", "in_stream", "timeout", "warn"})
GRACE = 15.0


class AppConnection(Connection):  # type: ignore[misc]
    """A connection whose `run` goes by `fly ssh console` or `fly machine exec`; neither brings a shell."""

    fly: Fly
    machine: str
    way: Way

    def __init__(self, fly: Fly, machine: str, *, way: Way = "console") -> None:
        quiet = Config(overrides={"load_ssh_configs": False}, lazy=True)
        super().__init__(f"{machine}.vm.{fly.app}.internal", user="root", port=22, config=quiet)
        self._set(fly=fly, machine=machine, way=way)

    def run(self, command: str, **options: Any) -> Result:
        """Run a command on the machine and return its Result, as Fabric's `run` does.

        `hide`, `warn`, `echo` and `timeout` (seconds) mean what they mean in Fabric; with `expect_output` a
        command that succeeds without a word is asked once more (fly.md §0, 4). Inside `cd` and `prefix`
        it runs in `sh`.
        """
        _expect_known(options)
        command = self._in_shell(command)
        hide = normalize_hide(options.get("hide", self.config.run.hide))
        if options.get("echo", self.config.run.echo):
            sys.stdout.write(f"{command}\n")
        ran = self._ask(command, options)
        result = Result(
            connection=self,
            command=command,
            stdout=ran.stdout,
            stderr=ran.stderr,
            exited=ran.code,
            hide=hide,
            encoding="utf-8",
        )
        _show(result)
        if result.failed and not options.get("warn", self.config.run.warn):
            raise UnexpectedExit(result)
        return result

    def open(self) -> None:
        """Refuse what needs a real SSH session: put, get, sftp, sudo, shell, forwarding."""
        what = f"`fly {self.way_in_words}` runs commands only: no files, no shell, no forwarding"
        raise usage("fly", what, "run a command that does it on the machine")

    @property
    def way_in_words(self) -> str:
        """Return the command that `run` goes by."""
        return "ssh console" if self.way == "console" else "machine exec"

    def _in_shell(self, command: str) -> str:
        whole = self._prefix_commands(command)
        return command if whole == command else f"sh -c {shlex.quote(whole)}"

    def _ask(self, command: str, options: dict[str, Any]) -> Ran:
        timeout = options.get("timeout") or SECONDS
        ask = _by_console if self.way == "console" else _by_exec
        ran = ask(self.fly, self.machine, command, timeout)
        if options.get("expect_output") and ran.code == 0 and not ran.stdout:
            ran = ask(self.fly, self.machine, command, timeout)
        return ran


def _by_console(fly: Fly, machine: str, command: str, timeout: float) -> Ran:
    arguments = ("ssh", "console", "--machine", machine, "-q", "-C", command)
    ran = fly.run(*arguments, timeout=timeout)
    for pause in PAUSES:
        if ran.code == 0 or NOT_YET not in ran.stderr:
            break
        time.sleep(pause)
        ran = fly.run(*arguments, timeout=timeout)
    if ran.code == 0:
        return ran
    # flyctl says it last: an earlier line like it is the command's own.
    ends = list(EXITED.finditer(ran.stderr))
    if not ends:
        raise fly.problem(arguments, ran.stderr)
    said = ran.stderr[: ends[-1].start()] + ran.stderr[ends[-1].end() :]
    return Ran(int(ends[-1][1]), ran.stdout, said)


def _by_exec(fly: Fly, machine: str, command: str, timeout: float) -> Ran:
    arguments = ("machine", "exec", machine, command, "--json", "--timeout", str(max(1, int(timeout))))
    ran = fly.run(*arguments, timeout=timeout + GRACE)
    if ran.code:
        raise fly.problem(arguments, ran.stderr)
    try:
        told = json.loads(ran.stdout)
    except ValueError:
        told = None  # The error holds the text, and with it what the command printed.
    if not isinstance(told, dict):
        raise Problem("fly machine exec", "did not answer with JSON")
    return Ran(int(told.get("exit_code", 0)), told.get("stdout", ""), told.get("stderr", ""))


def _expect_known(options: dict[str, Any]) -> None:
    for name in sorted(options.keys() - OPTIONS):
        hint = "no shell reads the command there: `sh -c '…'` brings one"
        raise usage("fly", f'run() has no option "{name}" on a Fly machine', hint)


def _show(result: Result) -> None:
    if "stdout" not in result.hide:
        sys.stdout.write(result.stdout)
    if "stderr" not in result.hide:
        sys.stderr.write(result.stderr)
