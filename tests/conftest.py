"""Servers that tests of several packages share, and an end of the suite that leaves none of them behind."""

from __future__ import annotations

import signal
from typing import Any

import psutil
import pytest

pytest_plugins = ("tests.databases.fixtures", "tests.s3.fixtures")


def pytest_configure(config: pytest.Config) -> None:
    """End at SIGTERM as at Ctrl-C: fixtures stop what they started."""

    def interrupt(*_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        workers = [] if hasattr(config, "workerinput") else _workers()
        for worker in workers:  # what they tell of their end then ends us
            worker.terminate()
        if not workers:
            raise KeyboardInterrupt("SIGTERM")

    signal.signal(signal.SIGTERM, interrupt)


def _workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "execnet" in " ".join(child.cmdline())]
