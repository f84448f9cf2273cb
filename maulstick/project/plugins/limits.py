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
"""Bytes that a hook that only declares may take in addition to what is in use."""


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
    with _time(SECONDS.get(hook, WORKING), ends=hook in SECONDS), _memory(hook in SECONDS):
        yield


@contextmanager
def _time(seconds: float, *, ends: bool) -> Iterator[None]:
    if sys.gettrace() is not None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        if sys.gettrace() is None:
            raise TooLong(f"took longer than {seconds:g} seconds")
        signal.setitimer(signal.ITIMER_PROF, 0)

    before = signal.signal(signal.SIGALRM, ring)
    left = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
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
    taken = _taken(int(time.monotonic())) if limit else None
    if taken is None:
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
def _taken(second: int) -> int | None:
    """Return the bytes of data of this process, None where the system does not say.

    Read once a second: the plugins of a large site are asked about each of its subjects.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:")), None)
