"""Programs that run for us in a session of their own: their output line by line, and their end."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from threading import Event, Timer

ROOT = str(Path(__file__).parents[1])
"""Where our modules are, for a Python that runs some of them."""
GRACE = 5.0
EVERYWHERE = re.compile(
    "PATH|HOME|USER|LOGNAME|SHELL|PWD|TERM|COLORTERM|NO_COLOR|TZ|LANG|LANGUAGE|LC_.*|TMPDIR|TEMP|TMP|XDG_.*|CI"
    "|(?:http|https|all|no|ftp)_proxy|(?:HTTP|HTTPS|ALL|NO|FTP)_PROXY|SSL_CERT_(?:FILE|DIR)|SSH_AUTH_SOCK"
    "|LD_LIBRARY_PATH|DYLD_.*|NIX_.*|ASDF_.*|MISE_.*|PYTHON.*|COVERAGE_PROCESS_START|DISPLAY|WAYLAND_DISPLAY"
)
"""What any program may need of our environment: where things are, and how the network is reached."""


def environment(own: str = "", **more: str) -> dict[str, str]:
    """Return our environment for a program, without what it has no use for: the secrets of others above all.

    `own` is a pattern of the names that are this program's own; `more` is added.
    """
    kept = re.compile(f"(?:{EVERYWHERE.pattern}{own and '|'}{own})")
    return {name: value for name, value in os.environ.items() if kept.fullmatch(name)} | more


def stream(process: Popen[bytes], line: Callable[[str], None], *, timeout: float) -> int | None:
    """Give each line of a program's output to `line`; return its exit code, None if it took too long.

    It is ended, with all that it started, after `timeout` seconds and when we are interrupted.
    """
    is_late = Event()

    def stop_late() -> None:
        is_late.set()
        _stop(process, GRACE)

    late = Timer(timeout, stop_late)
    late.start()
    try:
        for text in process.stdout or ():
            line(text_of(text).rstrip())
        code = process.wait()
        return None if is_late.is_set() else code
    finally:
        late.cancel()
        end(process)


def end(process: Popen[bytes], *, grace: float = GRACE) -> None:
    """End a program that still runs, with all that it started: ask, after `grace` seconds kill."""
    _stop(process, grace)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with suppress(OSError):
                pipe.close()


def text_of(output: bytes) -> str:
    """Return output as a text through which any byte survives."""
    return output.decode("utf-8", errors="surrogateescape")


def _stop(process: Popen[bytes], grace: float) -> None:
    # A deploy that is asked first gives back the leases on its machines.
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with suppress(TimeoutExpired):
                process.wait(grace)
