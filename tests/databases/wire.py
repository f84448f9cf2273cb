"""A way to a server on which is counted how often its client waits for it."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

BLOCK = 1 << 16
LOGGING_IN = 4
"""Turns of a connection by password: TLS is offered, who asks, and twice to prove the password."""


class Wire:
    """Counts connections, bytes sent, and how often a client speaks after it has listened."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.connections = self.turns = self.sent = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client: socket.socket) -> None:
        listened = True
        with client, socket.create_connection(("127.0.0.1", self.to)) as server:
            while True:
                for side in select.select([client, server], [], [])[0]:
                    data = side.recv(BLOCK)
                    if not data:
                        return
                    if side is client and data[:1] != b"X":  # who says goodbye waits for nothing
                        self.turns += listened
                        self.sent += len(data)
                    listened = side is server
                    (server if side is client else client).sendall(data)

    def forget(self) -> None:
        """Begin to count anew."""
        self.connections = self.turns = self.sent = 0


@contextmanager
def counted(port: int) -> Iterator[Wire]:
    """Open a way to a server on this machine for the block."""
    wire = Wire(port)
    with closing(wire.listener):
        threading.Thread(target=wire.serve, daemon=True).start()
        yield wire
