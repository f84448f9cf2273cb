"""A Fabric connection to one machine of an app: by `fly ssh console`, `fly machine exec` or real SSH."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any

from fabric import Config, Connection, Result  # type: ignore[import-untyped]
from paramiko import Channel  # type: ignore[import-untyped]

from maulstick.errors import usage
from maulstick.hosts.channel import LOST, run_in
from maulstick.hosts.fly.certificate import issued, log_in
from maulstick.hosts.fly.cli import SECONDS, Fly
from maulstick.hosts.fly.proxy import proxy
from maulstick.hosts.fly.ways import COMMANDS, Commands, Way
from maulstick.hosts.ran import Ran
from maulstick.hosts.results import result_of


class AppConnection(Connection):  # type: ignore[misc]
    """A connection to a machine; no way of reaching it brings a shell.

    `fly ssh console` and `fly machine exec` run commands and nothing else. By certificate there is a session,
    opened when it is first needed and again where it broke off, so `put`, `get` and `sftp` work too.
    `wake` is asked for a machine that is started where this one turns out to have stopped.
    """

    fly: Fly
    machine: str
    way: Way
    organization: str

    def __init__(
        self,
        fly: Fly,
        machine: str,
        *,
        way: Way = "console",
        organization: str = "",
        wake: Callable[[], str] | None = None,
    ) -> None:
        quiet = Config(overrides={"load_ssh_configs": False}, lazy=True)
        super().__init__(f"{machine}.vm.{fly.app}.internal", user="root", port=22, config=quiet)
        self._set(fly=fly, machine=machine, way=way, organization=organization)
        self._set(_door=Lock(), _opened=ExitStack(), _wake=wake)
        self._set(_commands=Commands(fly, machine, way, self._woken if wake else None))

    def run(self, command: str, **options: Any) -> Result:
        """Run a command on the machine and return its Result, as Fabric's `run` does.

        `hide`, `warn`, `echo` and `timeout` (seconds) mean what they mean in Fabric; with `expect_output` a
        command that succeeds without a word is asked once more (docs/fly-facts.md, "Commands on a machine").
        Inside `cd` and `prefix` it runs in `sh`.
        """
        command = self._in_shell(command)
        return result_of(self, command, options, lambda: self._ask(command, options))

    def open(self) -> None:
        """Open the session where none is open; refuse on the ways that have none."""
        if self.way != "certificate":
            what = f"`fly {COMMANDS[self.way]}` runs commands only: no files, no shell"
            raise usage("fly", what, 'ssh = "certificate" in inventory.toml brings put, get and sftp')
        with self._door:
            if not self.is_connected:
                self.close()
                self._commands.awake(self._log_in)

    def create_session(self) -> Channel:
        """Return a new session; where the connection turns out to be broken, one on a new connection."""
        self.open()
        try:
            return self.transport.open_session()
        except LOST:  # Nothing has run in it yet.
            self.close()
            self.open()
        return self.transport.open_session()

    def close(self) -> None:
        """End the session and the proxy that it goes through, where they are there."""
        # Where the connection is broken, Fabric fails at the files' session and leaves the rest as it was.
        with suppress(*LOST):
            super().close()
        self._sftp = None
        self.client.close()
        self._opened.close()

    def _log_in(self) -> None:
        with issued(self.fly, self.organization) as key, ExitStack() as opened:
            port = opened.enter_context(proxy(self.fly, self.host, self.port))
            log_in(self.client, port, key)
            self._set(_opened=opened.pop_all())
        self.transport = self.client.get_transport()

    def _woken(self) -> str:
        machine: str = self._wake()
        self._set(machine=machine)
        self.host = f"{machine}.vm.{self.fly.app}.internal"
        return machine

    def _in_shell(self, command: str) -> str:
        whole = self._prefix_commands(command)
        return command if whole == command else f"sh -c {shlex.quote(whole)}"

    def _ask(self, command: str, options: dict[str, Any]) -> Ran:
        timeout, expect_output = options.get("timeout") or SECONDS, bool(options.get("expect_output"))
        if self.way != "certificate":
            told: Ran = self._commands.ask(command, timeout, expect_output=expect_output)
            return told
        ran = run_in(self.create_session, command, timeout)
        if expect_output and ran.code == 0 and not ran.stdout:
            ran = run_in(self.create_session, command, timeout)
        return ran
