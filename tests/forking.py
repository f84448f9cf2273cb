"""A process that has imported everything once, and forks whenever a program is to run.

What a short program costs is mostly its imports. Each fork has the folder, environment and streams that it
would have, and an end of its own.
"""

from __future__ import annotations

import ast
import atexit
import gc
import os
import pkgutil
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from tests.forked_fly import as_forked

LAZY = (
    "boto3",
    "fabric",
    "jinja2",
    "markdown_it",
    "PIL.Image",
    "playwright.sync_api",
    "psycopg",
    "rich.progress",
)
"""What commands import once they need it."""


def _serve(listener: socket.socket, parent: socket.socket) -> str:
    """Fork for each program, until the parent has ended; in the fork, return which one to run.

    Whoever asked is told which process runs, and how it ends; one whose asker is gone is killed.
    """
    asked: dict[int, tuple[socket.socket, int]] = {}
    while True:
        clients = [client for client, _ in asked.values()]
        waited_for: list[int | socket.socket] = [listener, parent, *asked, *clients]
        ready, _, _ = select.select(waited_for, [], [])
        for ended in asked.keys() & set(ready):
            _tell_end(ended, *asked.pop(ended))
        for client, process in asked.values():
            if client in ready:
                os.kill(process, signal.SIGKILL)
        if parent in ready:
            for _, process in asked.values():
                os.kill(process, signal.SIGKILL)
            sys.exit()
        if listener in ready and (program := _forked(listener.accept()[0], asked)):
            listener.close()
            parent.close()
            return program


def _forked(client: socket.socket, asked: dict[int, tuple[socket.socket, int]]) -> str:
    """Fork as a client asks; in the fork, be at its place, and return which program to run there."""
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    with client.makefile() as request:
        line = request.readline()
    process = os.fork() if line else None
    if process == 0:
        for ended, (other, _) in asked.items():
            os.close(ended)
            other.close()
        client.close()
        return _begun(streams, *ast.literal_eval(line))
    for descriptor in streams:
        os.close(descriptor)
    if process:
        with suppress(OSError):
            client.sendall(f"{process:16}".encode())
        asked[os.pidfd_open(process)] = client, process
    return ""


def _begun(
    streams: Sequence[int], program: str, words: Sequence[str], folder: str, environment: Mapping[str, str]
) -> str:
    """Be where a program is to run, with its streams and environment."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None
    sys.path[0] = folder
    sys.argv = [import_module("invoke").__path__[0] + "/__main__.py", *words]
    return program


def _tell_end(ended: int, client: socket.socket, process: int) -> None:
    """Say how a process has ended."""
    os.close(ended)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with client, suppress(OSError):
        client.sendall(f"{code:16}".encode())


def _import_everything() -> None:
    for name in LAZY:
        import_module(name)
    package = import_module("maulstick")
    for module in pkgutil.walk_packages(package.__path__, "maulstick."):
        if not module.name.startswith("maulstick.sandbox.site") and not module.name.endswith("__main__"):
            import_module(module.name)
    gc.collect()
    gc.freeze()


def _invoke() -> None:
    from invoke.main import program

    program.run()


def _maulstick() -> None:
    from maulstick.cli.program import main

    main()


def _fly() -> None:
    from maulstick.sandbox.fly import main

    os.setsid()
    sys.exit(main())


def _run_to_its_end(run: Callable[[], None]) -> NoReturn:
    """Run what ends by SystemExit, and end as Python does, but for freeing what ends with the process.

    That alone would write to every page that is shared: four fifths of a short command's time.
    """
    code: object = None
    try:
        run()
    except SystemExit as ended:
        code = ended.code
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # as of one that was closed, or taken away
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _import_everything()
    as_forked()
    asked = _serve(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
    _run_to_its_end({"fly": _fly, "invoke": _invoke, "maulstick": _maulstick}[asked])
