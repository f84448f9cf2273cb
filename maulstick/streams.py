"""stdin, stdout and stderr, which may be closed, unread, on a full disk, or of a narrow encoding."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from maulstick.errors import Problem

_HERE = threading.local()
_LOCK = threading.Lock()


class _Divided:
    """stdout, except in threads that run a plugin: what these write goes to stderr."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.plugins = out, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if getattr(_HERE, "plugin", False) and sys.stderr else self.out, name)


@contextmanager
def plugin_prints(is_plugin: bool = True) -> Iterator[None]:
    """Send what this thread prints in the block to stderr, or to stdout again where the core runs inside it.

    Other threads are not affected: they may run another plugin meanwhile, or print a result.
    """
    before, _HERE.plugin = getattr(_HERE, "plugin", False), is_plugin
    with _LOCK:
        if sys.stdout is not None and not isinstance(sys.stdout, _Divided):
            sys.stdout = _Divided(sys.stdout)
        divided = sys.stdout
        if isinstance(divided, _Divided):
            divided.plugins += 1
    try:
        yield
    finally:
        _HERE.plugin = before
        with _LOCK:
            if isinstance(divided, _Divided):
                divided.plugins -= 1
                if divided.plugins == 0 and sys.stdout is divided:
                    sys.stdout = divided.out


def require_streams() -> None:
    """Open a replacement for each closed stream, or a connection would get its file descriptor."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w" if number else "r"))  # noqa: SIM115 - stays open


def write(stream: TextIO, text: str) -> None:
    """Write a text at once; a character that the stream cannot encode becomes a `?`."""
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(writable(text, stream))
        stream.flush()
    except OSError as error:
        lost(stream, error)


def columns_of(stream: TextIO) -> int:
    """Count how many columns a terminal has, 0 where that is unknown or the stream is not a terminal."""
    if not stream.isatty():
        return 0
    given = os.environ.get("COLUMNS", "")
    try:
        return int(given) if given.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def writable(text: str, stream: TextIO) -> str:
    """Replace each character that a stream cannot encode with `?`."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def lost(stream: TextIO, error: OSError) -> None:
    """Stop writing to a stream; if nobody reads it, as after `| head`, that is not an error."""
    with suppress(OSError, ValueError):
        # The command goes on to its end; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if not isinstance(error, BrokenPipeError) and stream is sys.stdout:
        raise Problem("stdout", f"cannot be written: {(error.strerror or '').lower()}") from error
