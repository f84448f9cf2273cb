"""A line to a server that can be cut while the server runs on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from tests.databases.places import Place


class Line:
    """Carries bytes to a port and back, each connection until it is cut."""

    def __init__(self, port: int) -> None:
        self.there = port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut what is connected now; new connections come through."""
        cut, self.open = self.open, []  # whoever is cut connects anew at once
        for one in cut:
            one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no new connections."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self.server.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self.there))
            self.open.append(here)
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    try:
        while block := one.recv(1 << 16):
            other.sendall(block)
    except OSError:
        pass
    with suppress(OSError):  # closed alone it would stay open while its own thread waits for bytes
        other.shutdown(socket.SHUT_RDWR)
    other.close()


@contextmanager
def far(place: Place) -> Iterator[tuple[Place, Line]]:
    """Yield a place as it is reached by a line, and the line."""
    port = int(place.url.rpartition(":")[2].partition("/")[0])
    line = Line(port)
    try:
        yield replace(place, url=place.url.replace(f":{port}/", f":{line.port}/")), line
    finally:
        with suppress(OSError):  # closed already
            line.close()
