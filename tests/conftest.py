"""Servers that tests of several packages share, and an end of the suite that leaves none of them behind."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from maulstick.sandbox.process import wait_until
from tests.forked_fly import as_forked

END = SimpleNamespace(session=None, of_fixtures=False)
"""What is to end at SIGTERM, and whether a test's fixtures are ending now."""
pytest_plugins = ("tests.databases.fixtures", "tests.end_to_end.fixtures", "tests.s3.fixtures")


def pytest_configure(config: pytest.Config) -> None:
    """End at SIGTERM as at Ctrl-C: fixtures stop what they started.

    A suite in the background ignores Ctrl-C; what it starts shall not, for tests type it. Sandboxes that it
    starts itself have the `fly` that is forked, too.
    """
    as_forked()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)

    def interrupt(*_: Any) -> None:
        if END.session:
            END.session.shouldstop = "SIGTERM"  # what is tested may take the exception for Ctrl-C and go on
        if END.of_fixtures:
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        workers = _children(psutil.Process()) if config.pluginmanager.hasplugin("dsession") else []
        for worker in workers:
            worker.terminate()
        wait_until(lambda: not any(map(_servers, workers)), seconds=120)  # xdist would give them ten
        raise KeyboardInterrupt("SIGTERM")

    signal.signal(signal.SIGTERM, interrupt)


def pytest_collection_finish() -> None:
    """Let no garbage collection walk over thousands of tests again."""
    gc.collect()
    gc.freeze()


def pytest_sessionstart(session: pytest.Session) -> None:
    END.session = session


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Let fixtures stop what they started: interrupted in the midst of it they would leave the rest."""
    END.of_fixtures = True
    try:
        yield
    finally:
        END.of_fixtures = False


def _servers(worker: psutil.Process) -> list[psutil.Process]:
    """Return what a worker has started and not yet stopped; what forks its commands ends with it."""
    with suppress(psutil.Error):
        return [child for child in _children(worker) if "tests.forking" not in child.cmdline()]
    return []


def _children(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]
