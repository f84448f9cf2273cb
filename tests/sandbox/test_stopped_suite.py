"""A suite that is stopped leaves no process behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from maulstick.sandbox.process import wait_until
from tests.checkout import ROOT

SUITE = {
    "alone": ("tests/release/test_release.py",),
    "by two": ("-n", "2", "tests/release/test_release.py", "tests/end_to_end/test_listings.py"),
}
STARTED = {"alone": {"postgres"}, "by two": {"postgres", "weed"}}


def servers_of(folder: Path, processes: Iterable[psutil.Process]) -> set[str]:
    """Return the programs of processes that hold a file under a folder open, or were started with one."""
    names = set()
    for process in processes:
        with suppress(psutil.Error):
            files = [*process.cmdline(), *(file.path for file in process.open_files())]
            if any(file.startswith(str(folder)) for file in files):
                names.add(process.name())
    return names


@pytest.mark.parametrize("how", SUITE)
def test_a_suite_that_is_told_to_end_leaves_no_process(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "suite"
    command = [sys.executable, "-m", "pytest", "-q", f"--basetemp={folder}", *SUITE[how]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as suite:
        below = psutil.Process(suite.pid)
        while not servers_of(folder, below.children(recursive=True)) >= STARTED[how]:
            assert suite.poll() is None
            time.sleep(0.1)
        suite.send_signal(signal.SIGTERM)
        said = suite.communicate()[0].decode()
    assert suite.returncode == 2, said
    assert wait_until(lambda: not servers_of(folder, psutil.process_iter()), seconds=120)
