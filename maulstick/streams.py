"""stdin, stdout and stderr, which may be closed, unread, on a full disk, or of a narrow encoding."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from maulstick.errors import Problem

NAMES = ("stdin", "stdout", "stderr")
_HERE = threading.local()
_LOCK = threading.Lock()
_OURS: dict[str, TextIO | None] = {}
"""The streams by their names, as they were before any plugin that runs now."""
_KEPT: dict[int, int] = {}
"""A duplicate of each of their descriptors."""


class _Divided:
    """stdout, except in threads that run a plugin: what these write goes to stderr."""

    plugins = 0
    """How many run now."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if getattr(_HERE, "plugin", False) and sys.stderr else self.out, name)


@contextmanager
def plugin_prints(is_plugin: bool = True) -> Iterator[None]:
    """Send what this thread prints in the block to stderr, or to stdout again where the core runs inside it.

    Other threads are not affected: they may run another plugin meanwhile, or print a result. What plugins
    have closed or replaced is ours again when the last of them has ended.
    """
    before, _HERE.plugin = getattr(_HERE, "plugin", False), is_plugin
    with _LOCK:
        if not _Divided.plugins:
            _keep()
            if sys.stdout is not None:
                sys.stdout = _Divided(sys.stdout)
        _Divided.plugins += 1
    try:
        yield
    finally:
        _HERE.plugin = before
        with _LOCK:
            _Divided.plugins -= 1
            if not _Divided.plugins:
                _put_back()


def _keep() -> None:
    for number, name in enumerate(NAMES):
        _OURS[name] = getattr(sys, name) or _OURS.get(name)
        _keep_descriptor(number)


def _keep_descriptor(number: int) -> None:
    kept = _KEPT.get(number)
    if kept is not None and _is_same(number, kept):
        return
    with suppress(OSError):
        _KEPT[number] = os.dup(number)
        if kept is not None:
            os.close(kept)


def _is_same(number: int, kept: int) -> bool:
    try:
        return os.path.sameopenfile(number, kept)
    except OSError:
        return False


def _put_back() -> None:
    for name in NAMES:
        setattr(sys, name, _mended(name))


def _mended(name: str) -> TextIO | None:
    """Return our stream with its descriptor as it was; one that was closed or detached is opened again."""
    number, stream = NAMES.index(name), _OURS.get(name)
    if number in _KEPT and not _is_same(number, _KEPT[number]):
        os.dup2(_KEPT[number], number)
    if stream is not None and not _is_open(stream):
        encoding = None
        with suppress(ValueError):
            encoding = stream.encoding
        opened = os.fdopen(number, "w" if number else "r", encoding=encoding, closefd=False)
        _OURS[name] = cast(TextIO, opened)
    return _OURS.get(name)


def _is_open(stream: TextIO) -> bool:
    try:
        return not stream.closed
    except ValueError:  # it was detached from its buffer
        return False


def ours(name: str) -> TextIO:
    """Return stdin, stdout or stderr, usable though a thread of a plugin may have closed it a moment ago."""
    stream: TextIO | None = getattr(sys, name)
    if stream is not None and _is_open(stream):
        return stream
    with _LOCK:
        _OURS[name] = _OURS.get(name) or stream
        mended = _mended(name) or _nowhere(name)
        if name == "stdout" and isinstance(sys.stdout, _Divided):
            sys.stdout.out = mended
        else:
            setattr(sys, name, mended)
    return cast(TextIO, getattr(sys, name))


def require_streams() -> None:
    """Open a replacement for each closed stream, or a connection would get its file descriptor."""
    for number, name in enumerate(NAMES):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, _OURS.get(name) or _nowhere(name))


def _nowhere(name: str) -> TextIO:
    return Path(os.devnull).open("r" if name == "stdin" else "w")


def write(stream: TextIO, text: str) -> None:
    """Write a text at once; a character that the stream cannot encode becomes a `?`."""
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(writable(text, stream))
        stream.flush()
    except OSError as error:
        if error.errno != errno.EBADF or not _flushed_again(stream):
            lost(stream, error)


def _flushed_again(stream: TextIO) -> bool:
    """Write what is left to the descriptor as it was before it was closed; return whether it was kept."""
    with suppress(OSError, ValueError):
        os.dup2(_KEPT.get(stream.fileno(), -1), stream.fileno())
        stream.flush()
        return True
    return False


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
        _keep_descriptor(stream.fileno())
    if not isinstance(error, BrokenPipeError) and stream is sys.stdout:
        raise Problem("stdout", f"cannot be written: {(error.strerror or '').lower()}") from error
