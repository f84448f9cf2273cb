"""Opening what must be a file: what took its place since it was looked at is refused."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


class NotAFile(OSError):  # noqa: N818 - it is in the user's world, not an error of ours
    """A pipe, a device or a socket in the place of a file."""


def open_file(path: Path) -> BufferedReader:
    """Open a file to read its bytes; what is not one, such as a pipe or a device, is an OSError.

    It is asked of what was opened: a file that was looked at before may be a pipe by now, for whose writer an
    open would wait.
    """
    held = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        mode = os.fstat(held).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise NotAFile(errno.EINVAL, "is not a file", str(path))
        return os.fdopen(held, "rb")
    except BaseException:
        os.close(held)
        raise


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, opened as `open_file` does."""
    with open_file(path) as file:
        return file.read()
