"""`fly proxy` for as long as it is needed: a local port to a private host, which ends with us."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO

from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.refusals import FlyProblem, where
from maulstick.processes import end
from maulstick.retry import until

READY = re.compile(rb"^Proxying localhost:(\d+) to remote .+$", re.MULTILINE)
READY_SECONDS = 90.0
# A name without a started machine is tried for four minutes (docs/fly-facts.md, "The proxy"): after this
# long we ask whether one can be started.
LATE_SECONDS = 5.0
ANSWER_SECONDS = 30.0
TICK = 0.02
# flyctl takes up to six seconds to leave, and nothing of ours depends on it (docs/fly-facts.md, "The proxy").
GRACE = 0.5
PAUSE = 0.25
# The line above only says that `fly` listens: it dials for each connection, and closes it where nothing is
# (docs/fly-facts.md, "The proxy"). A server that waits for its client to speak is asked something that it
# must answer.
POSTGRES_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
FIRST_WORDS: Mapping[int, bytes] = {5432: POSTGRES_SSL_REQUEST, 5433: POSTGRES_SSL_REQUEST, 22: b""}
SILENCE_SECONDS = 0.5

Late = Callable[[], object]


@contextmanager
def proxy(
    fly: Fly,
    host: str,
    port: int,
    *,
    app: str | None = None,
    patience: float = ANSWER_SECONDS,
    late: Late = lambda: None,
) -> Iterator[int]:
    """Yield a port of 127.0.0.1 that leads to `host:port` of the private network, proven by connecting.

    `app` names the app whose rights are used, else the one of `fly`; `patience` is in seconds; `late` is
    called once where the name is not found at once.
    """
    # Its stdin is a pipe of ours, so it sees the end of it however we die.
    arguments = ("proxy", f"0:{port}", host, "--watch-stdin", "-q")
    asked = fly.of(app or fly.app)
    with _listening(asked, arguments, late) as local:
        _expect_answer(local, f"{host}:{port}", FIRST_WORDS.get(port), patience, app_of(host) or asked.app)
        yield local


@contextmanager
def managed_proxy(fly: Fly, cluster: str, local: int) -> Iterator[int]:
    """Yield a port of 127.0.0.1 that leads to a managed database; `local` 0 takes any that is free."""
    with _listening(fly, ("mpg", "proxy", cluster, "-p", str(local)), lambda: None) as port:
        _expect_answer(port, f"managed database {cluster}", POSTGRES_SSL_REQUEST, ANSWER_SECONDS, fly.app)
        yield port


def answers(local: int, first_words: bytes | None, patience: float) -> bool:
    """Return whether what a port of 127.0.0.1 leads to answers, or lets us in if `first_words` is None."""
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


def app_of(host: str) -> str:
    """Return the app that a private name belongs to, "" where the name does not tell."""
    return host.rpartition(".")[0].rpartition(".")[2]


@contextmanager
def _listening(fly: Fly, arguments: Sequence[str], late: Late) -> Iterator[int]:
    with TemporaryFile() as said:
        leash = "--watch-stdin" not in arguments
        process = fly.start(*arguments, stdin=PIPE, stdout=said, stderr=said, leash=leash)
        try:
            yield _port(fly, arguments, process, said, late)
        finally:
            end(process, grace=GRACE)


def _port(fly: Fly, arguments: Sequence[str], process: Popen[bytes], said: IO[bytes], late: Late) -> int:
    began, asked = time.monotonic(), False
    while time.monotonic() < began + READY_SECONDS:
        ended = process.poll() is not None
        text = _read(said)
        if ready := READY.search(text):
            return int(ready[1])
        if ended:
            raise fly.problem(arguments, text.decode(errors="replace"))
        if not asked and time.monotonic() > began + LATE_SECONDS:
            asked = True
            late()
        time.sleep(TICK)
    what = f"was not ready within {READY_SECONDS:g} s"
    raise FlyProblem(where(arguments), what, "`fly agent restart` may help", kind="no name")


def _read(file: IO[bytes]) -> bytes:
    # Not by seek and read: the file's position is shared with the process that writes.
    return os.pread(file.fileno(), 1 << 16, 0)


def _expect_answer(local: int, target: str, first_words: bytes | None, patience: float, app: str) -> None:
    if not until(bool, lambda: answers(local, first_words, patience), seconds=patience, pause=PAUSE):
        hint = f"is it started? `fly status -a {app}`"
        raise FlyProblem("fly proxy", f"nothing answers at {target}", hint, kind="silent")
