"""A Fabric connection to a machine of your own, by the keys and the known hosts of OpenSSH."""

from __future__ import annotations

import logging
import shlex
import socket
import sys
from contextlib import suppress
from getpass import getpass
from pathlib import Path
from threading import RLock
from typing import Any

from fabric import Config, Connection, Result  # type: ignore[import-untyped]
from paramiko import (  # type: ignore[import-untyped]
    AuthenticationException,
    BadHostKeyException,
    Channel,
    ChannelException,
    PasswordRequiredException,
    ProxyCommand,
    SSHException,
)

from maulstick.errors import Problem
from maulstick.hosts.channel import LOST, run_in
from maulstick.hosts.ran import Ran
from maulstick.hosts.results import result_of
from maulstick.hosts.ssh.host_keys import changed, trust
from maulstick.hosts.ssh.login import Address, Login, login_for

SECONDS = 60.0
CONNECT_SECONDS = 20.0
# So that a machine that is gone is noticed, though nothing is being said.
KEEPALIVE_SECONDS = 15
SILENCE_MILLISECONDS = 60_000
TRIES = 6
LOG = "maulstick.ssh"


class MachineConnection(Connection):  # type: ignore[misc]
    """A connection to a machine; opened when it is first needed, and again where it broke off."""

    login: Login

    def __init__(self, login: Login, gateway: MachineConnection | str | None = None) -> None:
        quiet = Config(overrides={"load_ssh_configs": False}, lazy=True)
        super().__init__(
            login.host,
            user=login.user,
            port=login.port,
            config=quiet,
            gateway=gateway or False,
            connect_timeout=int(CONNECT_SECONDS),
            connect_kwargs={
                "key_filename": list(login.keys),
                "look_for_keys": False,
                "banner_timeout": CONNECT_SECONDS,
                "auth_timeout": CONNECT_SECONDS,
                "channel_timeout": CONNECT_SECONDS,
            },
        )
        self._set(login=login, _door=RLock())
        self.client.set_log_channel(LOG)
        # It would write a traceback to the terminal; what went wrong is in our own words below.
        logging.getLogger(LOG).disabled = True

    def run(self, command: str, **options: Any) -> Result:
        """Run a command on the machine by its login shell, and return its Result as Fabric's `run` does."""
        whole = self._prefix_commands(command)
        return result_of(self, whole, options, lambda: self.ask(whole, options.get("timeout") or SECONDS))

    def ask(self, command: str, timeout: float = SECONDS) -> Ran:
        """Run a command and return how it ended, whatever its exit code."""
        ran: Ran = run_in(self.create_session, command, timeout)
        return ran

    def open(self) -> None:
        """Log in where nobody is logged in."""
        with self._door:
            if self.is_connected:
                return
            self.close()
            trust(self.client, self.login)
            try:
                self._log_in()
                self.transport.set_keepalive(KEEPALIVE_SECONDS)
                notice_silence(self.transport.sock)
            except BaseException:
                self.close()
                raise

    def create_session(self) -> Channel:
        """Return a new session; where the connection turns out to be broken, one on a new connection."""
        self.open()
        try:
            return self.transport.open_session(timeout=CONNECT_SECONDS)
        except LOST:  # Nothing has run in it yet.
            self.close()
            self.open()
        return self.transport.open_session(timeout=CONNECT_SECONDS)

    def open_gateway(self) -> Any:
        """Return the way to the machine: through another one, or by a program of the user's."""
        if isinstance(self.gateway, str):
            return ProxyCommand(shlex.join(["sh", "-c", f"exec {self.gateway}"]))
        self.gateway.open()
        try:
            where = (self.host, int(self.port))
            return self.gateway.transport.open_channel(
                "direct-tcpip", where, ("", 0), timeout=CONNECT_SECONDS
            )
        except ChannelException as error:
            what = f"does not reach {self.host}:{self.port}: {error.text.lower()}"
            raise Problem(
                self.gateway.login.name, what, "it is the machine in between (ProxyJump)"
            ) from error

    def close(self) -> None:
        """End the session, and that of the machine in between."""
        with suppress(*LOST):
            super().close()
        self._sftp = None
        self.client.close()
        if isinstance(self.gateway, MachineConnection):
            self.gateway.close()

    def _log_in(self) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                super().open()
                return
            except PasswordRequiredException as error:
                self._ask_passphrase(error, last=attempt == TRIES)
            except BadHostKeyException as error:
                raise changed(self.login, error.key) from error
            except AuthenticationException as error:
                raise self._refused() from error
            except LOST as error:
                wrong = self.connect_kwargs.pop("passphrase", None) is not None
                if not (wrong and attempt < TRIES and type(error) is SSHException):
                    raise self._unreachable(error) from error

    def _ask_passphrase(self, error: Exception, *, last: bool) -> None:
        """Ask for the passphrase of a key, on a terminal alone."""
        locked = ", ".join(Path(key).name for key in self.login.keys)
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()) or last:
            what = f"the key is locked by a passphrase ({locked}), and nobody can be asked for it"
            raise Problem(self.login.name, what, "`ssh-add` gives it to the agent") from error
        self.connect_kwargs["passphrase"] = getpass(f"passphrase of {locked} for {self.login.name}: ")

    def _refused(self) -> Problem:
        tried = ", ".join(self.login.keys) or "those of the agent"
        what = f'does not let "{self.login.user}" in; keys tried: {tried}'
        return Problem(self.login.name, what, f"`ssh {self.login.name}` must work without a password")

    def _unreachable(self, error: Exception) -> Problem:
        text = str(error) or type(error).__name__
        if isinstance(error, SSHException) and "No authentication methods" in text:
            return self._refused()
        reason = getattr(error, "strerror", None) or text
        what = f"cannot be reached at {self.host}:{self.port}: {reason}"
        return Problem(self.login.name, what, f"does `ssh {self.login.name}` work?")


def notice_silence(sock: object) -> None:
    """Have the system end a connection on which nothing is acknowledged any more, where it can."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if isinstance(sock, socket.socket) and option is not None:
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, SILENCE_MILLISECONDS)


def connection_to(
    address: Address, config: Path | None = None, seen: tuple[Address, ...] = ()
) -> MachineConnection:
    """Return a connection to a machine, through those that lie in between; nothing is opened yet."""
    login = login_for(address, config)
    gateway: MachineConnection | str | None = login.command or None
    for hop in login.jump:
        if hop in seen or hop.host == address.host:  # a pattern of ~/.ssh/config that fits the hop too
            break
        if isinstance(gateway, MachineConnection):
            gateway = MachineConnection(login_for(hop, config), gateway)
        else:
            gateway = connection_to(hop, config, (*seen, address))
    return MachineConnection(login, gateway)
