"""Ctrl-C, SIGTERM and SIGHUP: before a command, while it runs, and behind its last word."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from maulstick.errors import Exit

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PROGRAMS = ("invoke", "inv", "maulstick")
INSISTS = 1.0
"""Seconds after a signal that changed nothing, after which another ends the process."""
AGAIN = 0.05
"""Seconds until an interrupt that was swallowed is sent again: by then its callback has returned."""
_LATE: list[float] = []
"""When a signal came after the last word of a command."""


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Let the signals that end a process interrupt the block; one that is ignored, as by nohup, stays so.

    One that came since the command before had ended interrupts at once.
    """
    before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}
    heed()
    try:
        yield
    finally:
        is_said()
        if not is_program():
            _handle(lambda number: before[number])


def before_commands() -> None:
    """Let a signal end the process with a word while plugins and tasks are loaded: nothing has begun yet.

    A KeyboardInterrupt would be swallowed by what is imported, or end Invoke without a word.
    """
    if is_program():
        _handle(lambda _: _end_at_once)
        _ignore_at_the_end()


def heed() -> None:
    """Let signals interrupt from here on, as something begins that they can stop."""
    _handle(lambda _: _interrupt)
    if _LATE:
        _LATE.clear()
        raise KeyboardInterrupt


def is_said() -> None:
    """Let a signal change nothing from here on: what has ended can be told, and not be interrupted."""
    if is_program():
        _handle(lambda _: _note)


def is_program() -> bool:
    """Return whether this process is Invoke's or ours, and not somebody else's that has loaded tasks."""
    program = Path(sys.argv[0])
    return program.name in PROGRAMS or program.parts[-2:] == ("invoke", "__main__.py")


def _handle(handler_of: Callable[[int], Any]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    ours = (signal.SIG_DFL, signal.default_int_handler, _interrupt, _end_at_once, _note)
    for number in SIGNALS:
        if signal.getsignal(number) in ours:
            signal.signal(number, handler_of(number))


@cache
def _ignore_at_the_end() -> None:
    """Ignore signals once all is done: Python gives up its handlers before the process ends."""
    atexit.register(_handle, lambda _: signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if is_program():  # what was being made is not whole, and Python would show traces of its end
        sys.unraisablehook = _swallowed
        sys.excepthook = _uncaught
    raise KeyboardInterrupt


def _swallowed(lost: sys.UnraisableHookArgs) -> None:
    """Send an interrupt again that was raised where none goes on, as in a callback of libpq."""
    if issubclass(lost.exc_type, KeyboardInterrupt) and (main := threading.main_thread().ident):
        again = threading.Timer(AGAIN, signal.pthread_kill, (main, signal.SIGINT))
        again.daemon = True
        again.start()


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show what nobody caught, but for an interrupt: Cython prints one that it then says is swallowed."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"interrupted\n")
    os._exit(Exit.INTERRUPTED)


def _note(number: int, frame: FrameType | None) -> None:
    _LATE.append(time.monotonic())
    if _LATE[-1] > _LATE[0] + INSISTS:  # the process does not end by itself
        os._exit(Exit.INTERRUPTED)
