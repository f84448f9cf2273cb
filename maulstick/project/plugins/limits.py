"""How much time and memory a plugin may use before it is stopped."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from types import FrameType

SECONDS: Mapping[str, int] = {
    "import": 30,
    "maulstick_kinds": 30,
    "maulstick_hosts": 30,
    "maulstick_steps": 30,
    "maulstick_tables": 120,
    "maulstick_files": 120,
    "maulstick_pages": 300,
    "maulstick_queries": 120,
}
"""How long a hook that only declares may take; one that does work, such as an export, has an hour."""
WORKING = 3600
AGAIN = 1.0
"""Seconds after which code that swallowed the exception gets it again."""
GRACE = 10
"""Seconds of CPU time after which the process ends if it hangs in C, where no exception reaches it."""
MEMORY = 4 << 30
"""Bytes that a hook may take in addition to what is in use."""
WATCHED = ("maulstick_export", "maulstick_verify", "maulstick_finished")
"""Hooks that work, whose memory is looked at once a second: a limit would hold for what they start too."""


class TooLong(BaseException):
    """Raised in the middle of a plugin's code; its `except Exception` does not catch it."""


@contextmanager
def limited(hook: str) -> Iterator[None]:
    """Limit the block to what a hook, or an `import`, may use; beyond that raise TooLong or MemoryError.

    Only the main thread is limited, since both limits are those of the process; no time limit in a debugger.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    most = _bytes("VmRSS:") + MEMORY if hook in WATCHED else None
    with _time(SECONDS.get(hook, WORKING), ends=hook in SECONDS, most=most), _memory(hook in SECONDS):
        yield


@contextmanager
def _time(seconds: float, *, ends: bool, most: int | None) -> Iterator[None]:
    if sys.gettrace() is not None:
        yield
        return

    began = time.monotonic()

    def ring(number: int, frame: FrameType | None) -> None:
        if sys.gettrace() is not None:
            signal.setitimer(signal.ITIMER_PROF, 0)
        elif most is not None and _bytes("VmRSS:") > most:
            raise MemoryError
        elif time.monotonic() - began >= seconds:
            raise TooLong(f"took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    first = seconds if most is None else min(seconds, AGAIN)
    left = signal.setitimer(signal.ITIMER_REAL, first, AGAIN)
    if ends and _say_where():
        signal.setitimer(signal.ITIMER_PROF, seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)
        if ends:
            signal.setitimer(signal.ITIMER_PROF, 0)


@cache
def _say_where() -> bool:
    """Have SIGPROF print the line of each thread before it ends the process; False if stderr has no file."""
    with suppress(OSError, ValueError, RuntimeError, AttributeError):  # a stderr without a file
        faulthandler.register(signal.SIGPROF, chain=True)
        return True
    return False


@contextmanager
def _memory(limit: bool) -> Iterator[None]:
    taken = _taken(int(time.monotonic())) if limit else 0
    if not taken:
        yield
        return
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    if before == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_DATA, (taken + MEMORY, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))


@lru_cache(1)
def _taken(second: int) -> int:
    """Return the bytes of data of this process.

    Read once a second: the plugins of a large site are asked about each of its subjects.
    """
    return _bytes("VmData:")


def _bytes(name: str) -> int:
    """Return a number that the system keeps of this process, 0 where it does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(name)), 0)
