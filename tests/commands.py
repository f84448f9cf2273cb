"""Commands as they are typed in a project's folder, each in a process of its own (`tests/forking.py`)."""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests import forked
from tests.checkout import ROOT

INVOKE = (sys.executable, "-m", "invoke")
FORKED = shlex.join([sys.executable, "-I", "-S", forked.__file__])
SHELL = "".join(f'{name}() {{ {FORKED} {name} "$@"; }}\n' for name in ("invoke", "maulstick"))
"""What a shell reads first, so that what is typed in it is forked; `begin_forking` comes before."""
AT_START = ("PYTHON", "LC_", "LANG", "LD_")
"""What Python and the system's libraries read only while a process starts."""


@dataclass
class Started:
    """A command that runs: its process, and where its answers come from."""

    process: int
    _asked: socket.socket
    _reading: Sequence[Future[str]]
    _readers: ThreadPoolExecutor

    def wait(self, timeout: float) -> tuple[int, str, str]:
        """Return its exit code (negative: the signal that ended it), stdout and stderr; kill it when late."""
        self._asked.settimeout(timeout)
        with self._asked, self._readers:
            try:
                code = int(self._asked.recv(16))
            except TimeoutError:
                os.kill(self.process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(INVOKE, timeout) from None
            out, err = (each.result() for each in self._reading)
        return code, out, err


def start(words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Started:
    """Start `invoke WORDS` as a fork of what has imported everything; this needs Linux."""
    forker, pipes = begin_forking(), (os.pipe(), os.pipe())
    asked = socket.socket(socket.AF_UNIX)
    asked.connect(str(forker))
    with Path(os.devnull).open() as nothing:
        socket.send_fds(asked, [b"!"], [nothing.fileno(), pipes[0][1], pipes[1][1]])
    for _, descriptor in pipes:
        os.close(descriptor)
    readers = ThreadPoolExecutor(2)
    reading = [readers.submit(_read, reader) for reader, _ in pipes]
    given = {**environment, forked.LINK: str(forker)}
    asked.sendall(ascii(("invoke", list(words), str(folder), given)).encode() + b"\n")
    return Started(int(asked.recv(16)), asked, reading, readers)


def run(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run `invoke WORDS` in a folder to its end, with an environment and an empty stdin."""
    command = [*INVOKE, *words]
    if sys.platform != "linux" or _at_start(environment) != _at_start(os.environ):
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
    started = start(words, folder=folder, environment=environment)
    return subprocess.CompletedProcess(command, *started.wait(timeout))


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


def _read(descriptor: int) -> str:
    with open(descriptor, errors="replace") as stream:
        return stream.read()


@cache
def begin_forking() -> Path:
    """Start what forks programs, and return its socket; it ends with us."""
    folder = Path(tempfile.mkdtemp(prefix="maulstick-"))
    ours, its = socket.socketpair()
    with its, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "forks"))
        listener.listen(64)
        given = [listener.fileno(), its.fileno()]
        command = [sys.executable, "-m", "tests.forking", *map(str, given)]
        server = subprocess.Popen(command, cwd=ROOT, pass_fds=given, stdin=subprocess.DEVNULL)

    def end() -> None:
        ours.close()
        server.wait()
        shutil.rmtree(folder)

    atexit.register(end)
    return folder / "forks"
