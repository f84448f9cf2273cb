"""Processes that outlive the command that started them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.text import lines, one_line

if TYPE_CHECKING:
    import psutil

TICK = 0.01
START_SECONDS = 120.0
"""Time to start in, on a busy machine; a program that ends meanwhile is not waited for."""
# Below the range that the kernel gives to outgoing connections, which would take a port while we are down.
PORTS = range(20_000, 32_000)
BLOCKS = 200
"""Shares of the ports, one for each process number modulo this."""
GIVEN: set[int] = set()
"""Ports that this process has given already: a server that is down for a moment comes back to its own."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its number and the time it started, so that a recycled number is not mistaken for it."""

    pid: int
    started: str


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    umask: int = -1,
) -> Process:
    """Start a command in a session of its own, its output appended to `log`.

    With `user` (and root's rights) it runs as that user id and its group, without root's other groups;
    with `umask` under that mask instead of ours.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=group_of(user),
            extra_groups=None if user is None else [],
            umask=umask,
        )
    finally:
        os.close(output)
    process = named(child.pid)
    child.returncode = 0  # Popen warns about a child that outlives it, which is the purpose here.
    return process


def group_of(user: int | None) -> int | None:
    """Find the first group of a user id, or None for ourselves."""
    import pwd

    return None if user is None else pwd.getpwuid(user).pw_gid


def named(pid: int) -> Process:
    """Find the process that has this number now."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        return Process(pid, _moment(psutil.Process(pid)))
    return Process(pid, "ended")


def alive(process: Process) -> bool:
    """Return whether exactly this process still runs; one that only waits to be reaped does not."""
    import psutil

    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    try:
        found = psutil.Process(process.pid)
        # The first thread of a killed process ends while others still hold its files and ports.
        ended = found.status() == psutil.STATUS_ZOMBIE and found.num_threads() < 2
        return not ended and process.started == _moment(found)
    except psutil.Error:
        return False


def stop(process: Process, *, grace: float = 5.0, ask: signal.Signals = signal.SIGTERM) -> None:
    """End a process and its group: `ask`, `grace` seconds, SIGKILL; nothing if it no longer runs."""
    for number in (ask, signal.SIGKILL):
        if not alive(process):
            return
        with suppress(ProcessLookupError, PermissionError):  # macOS says so of one that has just ended
            os.killpg(process.pid, number)
        wait_until(lambda: not alive(process), seconds=grace)


def kill(process: Process) -> None:
    """End one process at once, not its group, and wait for it."""
    if alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: not alive(process), seconds=5)


def running_in(folder: Path, *programs: str) -> list[Process]:
    """Return the processes of these programs that work at or under `folder`, even if it was deleted since."""
    import psutil

    return [
        Process(found.pid, _moment(found))
        for found in psutil.process_iter(["name", "cwd"])
        if found.info["name"] in programs and Path(found.info["cwd"] or "").is_relative_to(folder)
    ]


def started_as(module: str, folder: Path) -> list[Process]:
    """Return the processes of a Python module that were started with a path at or under `folder`."""
    import psutil

    return [
        Process(found.pid, _moment(found))
        for found in psutil.process_iter(["cmdline"])
        if module in (words := found.info["cmdline"] or ())
        and any(Path(word).is_relative_to(folder) for word in words)
    ]


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Call `holds` until it is true or the time is over; return its last answer."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(TICK)
    return True


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens.

    Until a server listens, its port is free: so processes that start servers at once look at different ports
    first, and none gives one twice.
    """
    own = PORTS[os.getpid() % BLOCKS :: BLOCKS]
    candidates = [*random.sample(own, len(own)), *random.sample(PORTS, 500)]
    fresh = [port for port in candidates if port not in GIVEN]
    found = next(port for port in map(_bound, [*fresh, 0]) if port)
    GIVEN.add(found)
    return found


def answers(port: int) -> bool:
    """Return whether something accepts connections on a port of 127.0.0.1."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def is_free(port: int) -> bool:
    """Return whether a server of ours could listen on this port of 127.0.0.1."""
    return _bound(port) != 0


def last_lines(log: Path, most: int = 3) -> str:
    """Return the last lines of a server's log, as they stand below a message."""
    try:
        found = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return lines(one_line(line) for line in found[-most:])


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically by one that only its owner can read."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _moment(process: psutil.Process) -> str:
    """Return when a process started, in a form that does not change when somebody sets the clock.

    Its time since the epoch would move with the clock; what it is hashed by, for as much, does not.
    """
    return str(hash(process))


def _bound(port: int) -> int:
    with socket.socket() as server:
        # Servers set it too: for them a port is free although its last connections are still closing.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return int(server.getsockname()[1])
