"""A visitor's connection at the edge, which moves to another process between two requests."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from maulstick.sandbox.apps import CloudError
from maulstick.sandbox.pipe import SIZE, end

# A response may pause this long and still be the same response.
PAUSE = 0.4
# A process that was killed may accept connections for another moment.
DYING_SECONDS = 0.1
READS = (b"GET /", b"HEAD ")
SORRY = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s"
)


@dataclass(slots=True, eq=False)
class Visit:
    """One connection; `connect` gives the process that serves now, by its port."""

    near: socket.socket
    connect: Callable[[], tuple[int, socket.socket]]
    far: socket.socket | None = None
    port: int = 0
    owed: bool = False
    leaving: bool = False
    again: bytes = b""
    moved: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Pass on what the visitor sends until it ends; connect to a process only at the first bytes."""
        view = memoryview(bytearray(SIZE))
        with self.near, suppress(OSError):
            while count := self.near.recv_into(view):
                try:
                    self._pass_on(view[:count])
                except CloudError as error:
                    self._apologise(error)
                    break
        if self.far:
            end(self.far)

    def is_busy(self) -> bool:
        """Return whether an answer is owed, or still being sent."""
        return self.owed or time.monotonic() - self.moved < PAUSE

    def leave(self) -> None:
        """Use another process from the next request on."""
        self.leaving = True

    def _pass_on(self, chunk: memoryview) -> None:
        far = self._current(chunk)
        # Where a process dies under it, what waits for the answer decides what happens.
        with suppress(OSError):
            far.sendall(chunk)

    def _current(self, chunk: memoryview) -> socket.socket:
        """Find where bytes go now: a visitor that starts to send has received the whole answer before."""
        with self.lock:
            # A request that only reads may be asked again of another process, should this one die.
            self.again = bytes(chunk) if not self.owed and bytes(chunk[:5]) in READS else b""
            moves = self.far is None or (self.leaving and not self.owed)
            self.owed, self.moved = True, time.monotonic()
            return self._move() if moves or self.far is None else self.far

    def _move(self) -> socket.socket:
        old = self.far
        self.port, self.far = self.connect()
        self.leaving = False
        threading.Thread(target=self._answer, args=(self.far,), daemon=True).start()
        if old:
            end(old)
        return self.far

    def _answer(self, far: socket.socket) -> None:
        view = memoryview(bytearray(SIZE))
        with far, suppress(OSError):
            while count := far.recv_into(view):
                self.owed, self.moved = False, time.monotonic()
                self.near.sendall(view[:count])
        with self.lock:
            if self.far is not far:
                return
            self.far = None
            # An old process that ends while nothing is owed is not the visitor's concern.
            over = not self._ask_again() if self.owed else not self.leaving
        if over:
            end(self.near)

    def _ask_again(self) -> bool:
        again, self.again = self.again, b""
        if again:
            time.sleep(DYING_SECONDS)
            with suppress(CloudError, OSError):
                self._move().sendall(again)
                return True
        return False

    def _apologise(self, error: CloudError) -> None:
        text = f"{error.what}\n".encode()
        self.near.sendall(SORRY % (len(text), text))
