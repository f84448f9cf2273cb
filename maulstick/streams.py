"""stdin, stdout and stderr as they come: closed, read by nobody, on a full disk, or of few letters."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from maulstick.errors import Problem


def require_streams() -> None:
    """Open what stands in the place of a stream that was closed: else a connection would get its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w" if number else "r"))  # noqa: SIM115 - to the end


def write(stream: TextIO, text: str) -> None:
    """Write a text now; a letter that the stream cannot take is a `?`."""
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(writable(text, stream))
        stream.flush()
    except OSError as error:
        lost(stream, error)


def writable(text: str, stream: TextIO) -> str:
    """Return a text with `?` for each letter that a stream cannot take."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def lost(stream: TextIO, error: OSError) -> None:
    """Write no more to a stream; one that nobody reads, as after `| head`, is closed without a word."""
    with suppress(OSError, ValueError):
        # What was begun goes to its end all the same; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if not isinstance(error, BrokenPipeError) and stream is sys.stdout:
        raise Problem("stdout", f"cannot be written: {(error.strerror or '').lower()}") from error
