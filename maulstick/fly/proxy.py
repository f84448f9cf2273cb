"""`fly proxy` for as long as it is needed: a local port to a private host, which ends with us."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO

from maulstick.errors import Problem
from maulstick.fly.cli import Fly, end

READY = re.compile(rb"^Proxying localhost:(\d+) to remote .+$", re.MULTILINE)
READY_SECONDS = 90.0
ANSWER_SECONDS = 30.0
TICK = 0.02
# flyctl takes up to six seconds to leave, and nothing of ours depends on it (fly.md §3).
GRACE = 0.5
PAUSE = 0.25
# The line above only says that `fly` listens: it dials for each connection, and closes it where nothing is
# (fly.md §3). A server that waits for its client to speak is asked something that it must answer.
POSTGRES_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
FIRST_WORDS: Mapping[int, bytes] = {5432: POSTGRES_SSL_REQUEST, 5433: POSTGRES_SSL_REQUEST, 22: b""}
SILENCE_SECONDS = 0.5


@contextmanager
def proxy(
    fly: Fly, host: str, port: int, *, app: str | None = None, patience: float = ANSWER_SECONDS
) -> Iterator[int]:
    """Yield a port of 127.0.0.1 that leads to `host:port` of the private network, proven by connecting.

    `app` names the app whose rights are used, else the one of `fly`; `patience` is in seconds.
    """
    # Its stdin is a pipe of ours, so it sees the end of it however we die.
    arguments = ("proxy", f"0:{port}", host, "--watch-stdin", "-q")
    asked = fly.of(app or fly.app)
    with TemporaryFile() as said:
        process = asked.start(*arguments, stdin=PIPE, stdout=said, stderr=said)
        try:
            local = _listening(asked, arguments, process, said)
            _expect_answer(asked, local, host, port, patience)
            yield local
        finally:
            end(process, grace=GRACE)


def _listening(fly: Fly, arguments: tuple[str, ...], process: Popen[bytes], said: IO[bytes]) -> int:
    limit = time.monotonic() + READY_SECONDS
    while True:
        ended = process.poll() is not None
        text = _read(said)
        if ready := READY.search(text):
            return int(ready[1])
        if ended:
            raise fly.problem(arguments, text.decode(errors="replace"))
        if time.monotonic() > limit:
            raise Problem(
                "fly proxy", f"was not ready within {READY_SECONDS:g} s", "`fly agent restart` may help"
            )
        time.sleep(TICK)


def _read(file: IO[bytes]) -> bytes:
    # Not by seek and read: the file's position is shared with the process that writes.
    return os.pread(file.fileno(), 1 << 16, 0)


def _expect_answer(fly: Fly, local: int, host: str, port: int, patience: float) -> None:
    limit = time.monotonic() + patience
    while not _answers(local, FIRST_WORDS.get(port), patience):
        if time.monotonic() > limit:
            hint = f"is it started? `fly status -a {_app_of(host) or fly.app}`"
            raise Problem("fly proxy", f"nothing answers at {host}:{port}", hint)
        time.sleep(PAUSE)


def _answers(local: int, first_words: bytes | None, patience: float) -> bool:
    silence_is_fine = first_words is None
    try:
        with socket.create_connection(("127.0.0.1", local), timeout=SILENCE_SECONDS) as client:
            client.settimeout(SILENCE_SECONDS if silence_is_fine else patience)
            client.sendall(first_words or b"")
            return client.recv(1) != b""
    except TimeoutError:
        return silence_is_fine
    except OSError:
        return False


def _app_of(host: str) -> str:
    return host.rpartition(".")[0].rpartition(".")[2]
