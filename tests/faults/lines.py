"""A line to a server that does something at a chosen byte: it is cut, stalls, or tells somebody."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

BLOCK = 1 << 16
RESET = struct.pack("ii", 1, 0)
PAUSE = 1.5
"""Seconds for which a line stalls."""


class Line:
    """Carries bytes to a port and back; at the byte `at`, counted over all connections, it calls `act`."""

    def __init__(self, port: int) -> None:
        self.to, self.carried, self.is_closed = port, 0, False
        self.at: int | None = None
        self.act: Callable[[], None] = lambda: None
        self.stalled_until = 0.0
        self.lock, self.open = threading.Lock(), set[socket.socket]()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, at: int | None, act: Callable[[], None] = lambda: None) -> None:
        """Begin to count anew; at that byte something is to happen."""
        with self.lock:
            self.carried, self.at, self.act = 0, at, act
            self.is_closed, self.stalled_until = False, 0.0

    def cut(self) -> None:
        """Break what is connected now with a reset; new connections come through."""
        for one in [*self.open]:
            _break(one)

    def close(self) -> None:
        """Break what is connected, and whatever connects, until the line is armed again."""
        self.is_closed = True
        self.cut()

    def stall(self) -> None:
        """Carry nothing for a moment."""
        self.stalled_until = time.monotonic() + PAUSE

    def stall_and_cut(self) -> None:
        """Carry nothing for a moment, and then break."""
        self.stall()
        threading.Timer(PAUSE, self.cut).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self.server.accept()
            except OSError:  # it was closed: the campaign has ended
                return
            try:
                if self.is_closed:
                    raise OSError
                there = socket.create_connection(("127.0.0.1", self.to))
                for one in (here, there):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                _break(here)
                continue
            self.open |= {here, there}  # from here on somebody may cut them
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while block := one.recv(BLOCK):
                left = self._counted(len(block))
                if left is not None:
                    other.sendall(block[:left])
                    block = block[left:]
                    self.act()
                while time.monotonic() < self.stalled_until:
                    time.sleep(0.01)
                other.sendall(block)
        self.open -= {one, other}
        with suppress(OSError):  # closed alone it would stay open while its own thread waits for bytes
            other.shutdown(socket.SHUT_RDWR)
        other.close()

    def _counted(self, more: int) -> int | None:
        """Count bytes; return how many of them come before the chosen one, where that is among them."""
        with self.lock:
            before, self.carried = self.carried, self.carried + more
            if self.at is None or not before <= self.at < self.carried:
                return None
            left, self.at = self.at - before, None
            return left


def _break(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
