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
from collections.abc import Callable
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
    """Fork for each program, until the parent has ended; in the fork, return which one to run."""
    while True:
        ready, _, _ = select.select([listener, parent], [], [])
        while _reaped():
            pass
        if parent in ready:
            sys.exit()
        client, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            parent.close()
            return _begin(client)
        client.close()


def _reaped() -> bool:
    """Take leave of a process that has ended; return whether there was one."""
    with suppress(ChildProcessError):
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    return False


def _begin(client: socket.socket) -> str:
    """Become the program in a process below, and tell how that ends."""
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    with client.makefile() as request:
        program, words, folder, environment = ast.literal_eval(request.readline())
    process = os.fork()
    if process:
        for descriptor in streams:
            os.close(descriptor)
        _tell(client, process)
    client.close()
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
    return str(program)


def _tell(client: socket.socket, process: int) -> NoReturn:
    """Say which process runs for a client and how it ends; one whose client is gone is killed."""
    with suppress(OSError):
        client.sendall(f"{process:16}".encode())
    if client in select.select([os.pidfd_open(process), client], [], [])[0]:
        os.kill(process, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(OSError):
        client.sendall(f"{code:16}".encode())
    os._exit(0)


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
