"""A pytest plugin that records which tests execute which lines of the core, and how long each test takes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.checkout import ROOT
from tests.mutants.core import SOURCES

FOLDER = "MAULSTICK_MUTANTS_RECORD"
"""The variable that names the folder of what is recorded, a file for each process."""


class Recording:
    """One process's tests: the lines of each by its context, and its seconds."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / str(os.getpid())
        include = [str(ROOT / source) for source in SOURCES]
        self.coverage = Coverage(data_file=f"{self.path}.lines", include=include, config_file=False)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.coverage.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        self.coverage.switch_context(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            if item.nodeid not in self.failed:
                self.seconds[item.nodeid] = time.monotonic() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:  # what fails without a mutant proves nothing about one
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        Path(f"{self.path}.seconds").write_text(json.dumps(self.seconds), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Record in the process that runs tests, which is not the one that hands them out."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", default=None):
        config.pluginmanager.register(Recording(Path(os.environ[FOLDER])))
