"""The site's server: it starts at once and, when told to stop, first finishes what it is answering."""

import signal
import threading
import time
from typing import Any

from waitress import create_server  # type: ignore[import-untyped]
from waitress.wasyncore import loop  # type: ignore[import-untyped]

THREADS = 8
GRACE = 5.0
SETTLED = 0.1


def serve(app: Any, port: int) -> None:
    """Serve the application on 127.0.0.1 until SIGTERM or SIGINT."""
    channels: dict[int, Any] = {}
    server: Any = create_server(app, map=channels, host="127.0.0.1", port=port, threads=THREADS, ident=None)
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        server.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping.is_set():
        _turn(channels, seconds=1)
    _drain(server, channels)


def _drain(server: Any, channels: dict[int, Any]) -> None:
    # Connections that are waiting are accepted and answered before the socket is closed.
    _turn(channels)
    server.del_channel()
    server.socket.close()
    now = time.monotonic()
    until, quiet = now + GRACE, now + SETTLED
    while now < min(until, quiet):
        _turn(channels)
        now = time.monotonic()
        if not all(channel.readable() for channel in channels.values()):  # one that is answered hears nothing
            quiet = now + SETTLED
    server.task_dispatcher.shutdown(timeout=1)


def _turn(channels: dict[int, Any], *, seconds: float = 0.05) -> None:
    loop(timeout=seconds, use_poll=True, map=channels, count=1)
