"""One command over an SSH session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Timer

from paramiko import Channel, SSHException  # type: ignore[import-untyped]

from maulstick.errors import Problem
from maulstick.hosts.ran import Ran

CHUNK = 1 << 16
NO_STATUS = -1
LOST = (SSHException, OSError, EOFError)
LATE = "try again, with a longer timeout if it takes that long; the command may still run"
BROKEN = "the machine may have stopped, or the command was killed: its log may tell"


def run_in(session: Callable[[], Channel], command: str, timeout: float) -> Ran:
    """Run a command in a new session, nothing on its stdin; return how it ended, a Problem after `timeout` s.

    Not by Fabric's own runner: it decodes each thousand bytes by themselves, which breaks a character that
    lies across two of them.
    """
    limit = time.monotonic() + timeout
    try:
        ran = _run(session(), command, timeout)
    except LOST as error:
        raise _ended(f"the session broke off: {error}".rstrip(": "), limit, timeout) from error
    if ran.code == NO_STATUS:
        raise _ended("the command ended without an exit status", limit, timeout)
    return ran


def _run(channel: Channel, command: str, timeout: float) -> Ran:
    with open_for(channel, timeout), ThreadPoolExecutor(1) as pool:
        channel.exec_command(command)  # nosec B601
        channel.shutdown_write()
        # Both at once: a command that fills the one while we wait for the other would never end.
        errors = pool.submit(_read, channel.recv_stderr)
        output = _read(channel.recv)
        return Ran(channel.recv_exit_status(), output, errors.result())


@contextmanager
def open_for(channel: Channel, seconds: float) -> Iterator[None]:
    """Close a channel at the end, or from another thread once `seconds` have passed."""
    late = Timer(seconds, _cut, [channel])
    with closing(channel):
        late.start()
        try:
            yield
        finally:
            late.cancel()


def _cut(channel: Channel) -> None:
    # Where the connection itself is gone by now, whoever reads from the channel says so.
    with suppress(*LOST):
        channel.close()


def _read(receive: Callable[[int], bytes]) -> str:
    # Any byte survives the way through a string and back.
    return b"".join(iter(lambda: receive(CHUNK), b"")).decode("utf-8", errors="surrogateescape")


def _ended(why: str, limit: float, timeout: float) -> Problem:
    if time.monotonic() >= limit:
        return Problem("ssh", f"gave no answer for {timeout:g} s", LATE)
    return Problem("ssh", why, BROKEN)
