"""Writing files whole, and files that cannot be written or read: where, why, and what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from maulstick.errors import Problem, refused

HINTS = {
    errno.ENOSPC: "make room on its disk, then run the same command again",
    errno.EDQUOT: "make room in your share of its disk, then run the same command again",
    errno.EFBIG: "this shell or its disk limits how large a file may be (ulimit -f); lift that",
    errno.EROFS: "its disk is mounted read-only: use another place, or mount it writable",
    errno.EACCES: "see who may write there",
    errno.EPERM: "see who may write there",
}
ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Reasons why a disk accepts no more data, whoever writes."""
BLOCK = 1 << 20
PRIVATE = 0o600
TEMPORARY = "the folder for temporary files"
PREFIX, INSIDE = "maulstick-temporary-", "work"
ELSEWHERE = "TMPDIR=FOLDER names another one"


def unwritable(where: str, error: OSError, hint: str = "") -> Problem:
    """Describe the problem of a file that cannot be written (exit 4); what it held before is still there."""
    what = f"cannot be written: {(error.strerror or 'unknown reason').lower()}"
    hints = [text for text in (HINTS.get(error.errno or 0, ""), hint) if text]
    return Problem(where, what, "; ".join(hints))


def no_room(error: BaseException, where: str = "") -> Problem | None:
    """Return an error as a problem if a disk accepts no more data, None for any other error."""
    if not isinstance(error, OSError) or error.errno not in ROOM:
        return None
    return unwritable(where or str(error.filename or "a file"), error)


@contextmanager
def writing(where: Path | str, hint: str = "") -> Iterator[None]:
    """Turn a refusal of the operating system in the block into a problem that names the place."""
    try:
        yield
    except OSError as error:
        raise unwritable(str(where), error, hint) from error


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a temporary folder for the block; what killed commands left of theirs is removed first."""
    try:
        _remove_abandoned(Path(tempfile.gettempdir()))
        folder = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    except OSError as error:  # Python found no folder that it can write to
        raise unwritable(TEMPORARY, error, ELSEWHERE) from error
    with folder as name, _locked(Path(name), waits=True):
        inside = Path(name, INSIDE)  # made under the lock, so what has it and no lock is abandoned
        with writing(name, ELSEWHERE):
            inside.mkdir(0o700)
        yield inside


@contextmanager
def _locked(folder: Path, *, waits: bool = False) -> Iterator[bool]:
    """Yield whether a folder is locked now: the system unlocks it when its process ends, however it ends.

    A new one waits for its lock, which another process that looks for abandoned ones has for a moment.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(held)


@lru_cache(1)
def _remove_abandoned(folder: Path) -> None:
    """Remove our temporary folders there whose processes have ended."""
    for path in folder.iterdir():
        if path.name.startswith(PREFIX):
            with suppress(OSError), _locked(path) as is_ours:  # or another user's
                if is_ours and (path / INSIDE).is_dir():
                    shutil.rmtree(path, ignore_errors=True)


def write_whole(path: Path, blocks: Iterator[bytes]) -> int:
    """Write a file completely or not at all, and return its size in bytes.

    Only its owner may read it, whatever the umask: it holds content. One that is replaced keeps its mode.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    size = 0
    try:
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            with suppress(FileNotFoundError):
                before = path.lstat().st_mode
                if stat.S_ISREG(before):
                    os.fchmod(file.fileno(), before & (0o777 & ~stat.S_IWOTH))
            for block in blocks:
                size += file.write(block)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return size


def make_folders(folder: Path, mode: int = 0o755) -> None:
    """Make a folder and those above it that are missing; nobody else may write there, whatever the umask."""
    for one in reversed([folder, *folder.parents]):
        if not one.is_dir():
            one.mkdir(mode, exist_ok=True)


def unreadable(value: str, error: OSError) -> Problem:
    """Describe the problem of a media file that cannot be read."""
    return refused(named(value), f"cannot be read: {(error.strerror or 'unknown reason').lower()}")


def changed(value: str) -> Problem:
    """Describe the problem of a media file that has changed since it was exported."""
    return Problem(named(value), "has changed since export", "export again, then upload")


def named(value: str) -> str:
    """Return a media path as problems show it."""
    return f"media {value!r}" if not value.isprintable() or not value else f"media {value}"
