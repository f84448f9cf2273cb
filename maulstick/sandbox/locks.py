"""Locks between commands: the system releases a lock when its holder ends or is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TICK = 0.01


@contextmanager
def locked(place: Path, waits: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other commands and threads out; call `waits` first if one holds the lock."""
    from filelock import FileLock, Timeout

    place.touch()  # fails where the folder was removed; the lock would make it anew
    lock = FileLock(place, poll_interval=TICK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        waits()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
