"""A port of this computer that leads to an address as a machine sees it, for as long as it is needed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from paramiko import Channel, ChannelException  # type: ignore[import-untyped]

from maulstick.errors import Problem
from maulstick.hosts.channel import LOST
from maulstick.hosts.loopback import HERE
from maulstick.hosts.ssh.connection import CONNECT_SECONDS, MachineConnection

CHUNK = 1 << 16
TICK = 0.2
PROHIBITED = 1


class Tunnel:
    """Each connection to `port` goes through one of the machine's SSH channels; a context manager."""

    def __init__(self, connection: MachineConnection, host: str, port: int) -> None:
        self.connection, self.host, self.remote = connection, host, port
        self._server = socket.create_server((HERE, 0))
        self._server.settimeout(TICK)
        self.port = int(self._server.getsockname()[1])
        self._open: set[Any] = set()
        self._door = Lock()
        self._closed = False

    def __enter__(self) -> Tunnel:
        """Prove that the machine reaches the address, and listen."""
        try:
            self.prove()
        except BaseException:
            self._server.close()
            raise
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End every connection that goes through it."""
        with self._door:
            self._closed = True
            ends = [self._server, *self._open]
        for end in ends:
            _end(end)

    def prove(self) -> None:
        """Connect once; a Problem says why the machine does not reach the address."""
        self.connection.open()
        where, name = f"{self.host}:{self.remote}", self.connection.login.name
        try:
            self._channel().close()
        except ChannelException as error:
            if error.code == PROHIBITED:
                hint = "AllowTcpForwarding, PermitOpen and `no-port-forwarding` in authorized_keys decide it"
                raise Problem(name, f"allows no tunnel to {where}", hint) from error
            hint = 'database_at = "HOST:PORT" names the database as the machine itself reaches it'
            raise Problem(name, f"does not reach the database at {where}", hint) from error
        except LOST as error:
            raise Problem(name, f"the session broke off: {error}", "run the same again") from error

    @property
    def answers(self) -> bool:
        """Return whether the way is still open."""
        try:
            self._channel().close()
        except (*LOST, AttributeError):
            return False
        return True

    def _channel(self) -> Channel:
        where = (self.host, self.remote)
        return self.connection.transport.open_channel(
            "direct-tcpip", where, (HERE, self.port), timeout=CONNECT_SECONDS
        )

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(None)
        try:
            channel = self._channel()
        except (*LOST, AttributeError):
            _end(client)
            return
        with self._door:
            self._open |= {client, channel}
            closed = self._closed
        if closed:
            _end(client)
        back = Thread(target=_carry, args=[channel.recv, client.sendall, client], daemon=True)
        back.start()
        _carry(client.recv, channel.sendall, channel)
        back.join()
        for end in (client, channel):
            _end(end)
        with self._door:
            self._open -= {client, channel}


def _carry(receive: Callable[[int], bytes], send: Callable[[bytes], object], to: Any) -> None:
    """Carry bytes until the one side has said all, and tell the other so."""
    with suppress(*LOST):
        while chunk := receive(CHUNK):
            send(chunk)
    with suppress(*LOST):
        to.shutdown(socket.SHUT_WR)


def _end(end: Any) -> None:
    # A thread that waits for bytes is not woken by `close` alone.
    with suppress(*LOST):
        end.shutdown(socket.SHUT_RDWR)
    with suppress(*LOST):
        end.close()
