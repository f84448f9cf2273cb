"""`host = "ssh"`: a machine of your own; its database goes through a tunnel that ends with us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from maulstick.errors import Problem, usage
from maulstick.hosts.environment import Once, database_address
from maulstick.hosts.loopback import POSTGRES, at_home, host_and_port
from maulstick.hosts.ssh.login import address_of
from maulstick.project.host_keys import Command, key
from maulstick.project.targets import Say, Target
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.hosts.ssh.code import MachineCode
    from maulstick.hosts.ssh.connection import MachineConnection
    from maulstick.hosts.ssh.tunnel import Tunnel

SAYS = (
    "a machine of your own, reached as `ssh` reaches it. A command on it prints its environment, and its "
    "database is reached through a tunnel: [without-fly.md](without-fly.md#a-machine-of-your-own)"
)
PLACE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::([0-9]{1,5}))?")


def _machine(text: str) -> str:
    address_of(text)
    return text


def _place(text: str) -> str:
    if not PLACE.fullmatch(text) and " " not in text:
        raise ValueError("should be HOST, HOST:PORT or a command that prints one of them")
    return text


@dataclass(frozen=True, slots=True)
class SshKeys:
    """What a target on a machine of your own says."""

    machine: str = key(
        "the machine, `USER@HOST` or `USER@HOST:PORT`, or a `Host` of `~/.ssh/config`",
        missing='the machine, as `ssh` takes it: machine = "deploy@gallery.example"',
        read=_machine,
    )
    environment_from: Command = key(
        "where the site's environment is [on the machine](without-fly.md#the-environment): a command that "
        "prints it, such as `docker exec web printenv`, a dotenv file by its path, or `systemd:UNIT`",
        missing='what shows the site\'s environment there: environment_from = "docker exec web printenv"',
    )
    database_at: Command | None = key(
        "the database as the machine itself reaches it, `HOST` or `HOST:PORT`, if `DATABASE_URL` names one "
        "that only containers know; a text with a blank is a command that prints it; as in "
        "`DATABASE_URL` if left out",
        None,
        read=_place,
    )
    deploy: tuple[Command, ...] = key(
        "commands that bring the site's code there, which the step `deploy` runs in their order; nothing is "
        "deployed if left out",
        (),
    )
    commit_from: Command | None = key(
        "a command that prints the commit that runs there, such as `git rev-parse HEAD`: `deploy` has "
        "nothing to do if it is the checkout's; if left out, only `invoke deploy` by itself deploys",
        None,
    )
    directory: str | None = key("the folder on the machine in which those commands run", None)
    ssh_config: Path | None = key(
        "a file to read instead of `~/.ssh/config`, as `ssh -F` does; its paths are as `ssh` reads them", None
    )


def unset(target: Target, name: str) -> tuple[str, str]:
    """Return what is said of a variable that the machine does not show."""
    keys: SshKeys = target.keys
    return (
        f"is not set in what `{keys.environment_from}` shows",
        f"set {name} there, or change environment_from",
    )


class SshHost:
    """A target on a machine of your own."""

    def __init__(self, target: Target, stack: ExitStack, say: Say) -> None:
        self.target, self.stack, self.say = target, stack, say
        self.keys: SshKeys = target.keys
        self._once = Once(say)
        self._door = Lock()
        self._tunnels: dict[tuple[str, int], tuple[ExitStack, Tunnel]] = {}

    @cached_property
    def machine(self) -> MachineConnection:
        """The connection to the machine; it logs in when it is first needed."""
        from maulstick.hosts.ssh.connection import connection_to

        connection = connection_to(address_of(self.keys.machine), self.keys.ssh_config)
        self.stack.callback(connection.close)
        return connection

    @cached_property
    def code(self) -> MachineCode:
        """The way of the site's code to the machine."""
        from maulstick.hosts.ssh.code import MachineCode

        keys = self.keys
        return MachineCode(lambda: self.machine, keys.deploy, keys.directory or "", keys.commit_from or "")

    def look(self) -> str:
        """Log in."""
        self.machine.open()
        return "ssh"

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Read the site's environment on the machine, once."""
        from maulstick.hosts.ssh.environment import read_environment

        return read_environment(self.machine, self.keys.environment_from)

    @property
    def database(self) -> Secret:
        """The site's own database, through a tunnel."""
        address = database_address(self.environment, self.target)
        with self._door:
            return self._through(self._once.told(address, f"database of {self.target.name}"))

    @property
    def plan_database(self) -> Secret:
        """The inventory's own address for reading, by the same way as the site's; else the site's."""
        if self.target.plan_database is None:
            return self.database
        with self._door:
            where = f"database of {self.target.name} (plan_database)"
            return self._through(self._once.plain(self.target.plan_database, where))

    def _through(self, url: Secret) -> Secret:
        """Return an address that goes through the tunnel, which is opened again where it is gone."""
        from maulstick.hosts.ssh.tunnel import Tunnel

        place = self._place_of(url)
        stack, tunnel = self._tunnels.pop(place, (None, None))
        if stack is None or tunnel is None or not tunnel.answers:
            if stack is not None:
                self.say(f"the way to {place[0]} is gone: opening it again")
                stack.close()
            stack = self.stack.enter_context(ExitStack())
            tunnel = stack.enter_context(Tunnel(self.machine, *place))
        self._tunnels[place] = stack, tunnel
        return at_home(url, tunnel.port)

    def _place_of(self, url: Secret) -> tuple[str, int]:
        host, port = host_and_port(url)
        if self.keys.database_at is not None:
            return self._database_at(port)
        if not host or "%2f" in host.lower():
            hint = 'name its address on the machine: database_at = "127.0.0.1:5432"'
            raise usage(
                f"{self.target.address}/DATABASE_URL", "names a socket, which no tunnel reaches", hint
            )
        return host, port

    @cached_property
    def _printed_place(self) -> str:
        """Where the database is, as a command on the machine prints it."""
        command = self.keys.database_at or ""
        ran = self.machine.ask(command)
        printed = ran.stdout.strip()
        if ran.code or not PLACE.fullmatch(printed):
            reason = (ran.stderr.strip() or "it did not print HOST or HOST:PORT").splitlines()[-1]
            what = f"`{command}` does not tell where the database is (exit code {ran.code}): {reason}"
            raise Problem(self.target.address, what, "database_at in the inventory is that command")
        return printed

    def _database_at(self, port: int) -> tuple[str, int]:
        at = self.keys.database_at or ""
        place = PLACE.fullmatch(self._printed_place if " " in at else at)
        host, own = (place[1], place[2]) if place else ("", None)
        return host.strip("[]"), int(own) if own else port or POSTGRES
