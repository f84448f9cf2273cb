"""Commands as they are typed in a project's folder, each in a process of its own.

What a short command costs is mostly its imports. So one process imports everything once, and each command is
a fork of it: with the folder, environment and streams that it would have, and with an exit of its own.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tests.checkout import ROOT

INVOKE = (sys.executable, "-m", "invoke")
LAZY = (
    "boto3",
    "fabric",
    "jinja2",
    "markdown_it",
    "PIL.Image",
    "playwright.sync_api",
    "psycopg",
    "rich.progress",
)
"""What commands import once they need it."""
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
                raise subprocess.TimeoutExpired("invoke", timeout) from None
            out, err = (each.result() for each in self._reading)
        return code, out, err


def start(words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Started:
    """Start `invoke WORDS` as a fork of what has imported everything; this needs Linux."""
    asked, answers = socket.socketpair()
    pipes = os.pipe(), os.pipe()
    with Path(os.devnull).open() as nothing:
        given = (nothing.fileno(), pipes[0][1], pipes[1][1], answers.fileno())
        socket.send_fds(_server(), [b"!"], given)
    for descriptor in (pipes[0][1], pipes[1][1]):
        os.close(descriptor)
    answers.close()
    readers = ThreadPoolExecutor(2)
    reading = [readers.submit(_read, reader) for reader, _ in pipes]
    request = {"words": list(words), "folder": str(folder), "environment": dict(environment)}
    asked.sendall(json.dumps(request).encode())
    asked.shutdown(socket.SHUT_WR)
    return Started(int(asked.recv(16)), asked, reading, readers)


def run(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float = 120
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
def _server() -> socket.socket:
    """Start what forks the commands; it ends when nobody holds the other end of its socket."""
    ours, its = socket.socketpair()
    command = [sys.executable, "-m", "tests.commands", str(its.fileno())]
    server = subprocess.Popen(command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    its.close()

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _serve(control: socket.socket) -> None:
    """Fork for each command; return in the process that is to run it."""
    while True:
        said, given, _, _ = socket.recv_fds(control, 1, 4)
        while _reaped():
            pass
        if not said:
            sys.exit()
        if os.fork() == 0:
            control.close()
            return _begin(*given)
        for descriptor in given:
            os.close(descriptor)


def _reaped() -> bool:
    """Take leave of a process that has ended; return whether there was one."""
    with suppress(ChildProcessError):
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    return False


def _begin(stdin: int, stdout: int, stderr: int, answers: int) -> None:
    """Become the command in a process below, and tell how that ends."""
    client = socket.socket(fileno=answers)
    request = json.loads(b"".join(iter(lambda: client.recv(1 << 16), b"")))
    process = os.fork()
    if process:
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        _tell(client, process)
    client.close()
    for number, descriptor in enumerate((stdin, stdout, stderr)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    tempfile.tempdir = None
    sys.path[0] = request["folder"]
    main = import_module("invoke").__path__[0] + "/__main__.py"
    sys.argv = [main, *request["words"]]


def _tell(client: socket.socket, process: int) -> NoReturn:
    with suppress(OSError):
        client.sendall(f"{process:16}".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(OSError):
        client.sendall(f"{code:16}".encode())
    os._exit(0)


def _import_everything() -> None:
    for name in LAZY:
        import_module(name)
    package = import_module("maulstick")
    for module in pkgutil.walk_packages(package.__path__, "maulstick."):
        if not module.name.startswith("maulstick.sandbox.site") and not module.name.endswith("__main__"):
            import_module(module.name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_everything()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from invoke.main import program

    program.run()
