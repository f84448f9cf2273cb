"""The folder of a sandbox: private, ours, and changed by one command at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from maulstick.errors import usage
from maulstick.sandbox import locks

LOCK = "lock"


def made(folder: Path) -> Path:
    """Create the folder, private to its owner, if it is missing; return its real path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    real = folder.resolve()
    if not is_ours(real):
        if any(real.iterdir()):
            raise usage(
                str(folder), "is not a sandbox's folder", "name one that is empty or does not exist yet"
            )
        real.chmod(0o700)
    return real


def is_ours(folder: Path) -> bool:
    """Return whether a sandbox was ever started in this folder."""
    return (folder / LOCK).exists()


@contextmanager
def locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other commands out until this one ends or dies."""
    with locks.locked(folder / LOCK, lambda: say("waits for another command that starts or stops it")):
        yield
