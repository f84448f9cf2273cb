"""Bytes between two sockets."""

import socket
import threading
from contextlib import suppress

SIZE = 1 << 18


def join(near: socket.socket, far: socket.socket) -> None:
    """Copy both ways until both sides have ended, then close both sockets."""
    with near, far:
        back = threading.Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far)
        back.join()


def copy(source: socket.socket, sink: socket.socket) -> None:
    """Copy until the source ends, then end the sink's side of it (a half-close)."""
    view = memoryview(bytearray(SIZE))
    with suppress(OSError):
        while count := source.recv_into(view):
            sink.sendall(view[:count])
    end(sink, socket.SHUT_WR)


def end(side: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """Make both ends of a socket see that it is over."""
    with suppress(OSError):
        side.shutdown(how)


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens."""
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(128)
    return server
