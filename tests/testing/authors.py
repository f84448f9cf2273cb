"""Suites of authors of plugins, run as they run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYTEST = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def pytest_in(folder: Path, *options: str, first: str = "") -> subprocess.CompletedProcess[str]:
    """Type `pytest` in a folder; `first` is what Python does before."""
    command = [
        sys.executable,
        "-c",
        f"import sys; {first}\n{PYTEST}",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
    ]
    # A folder of its own: the outer suite's would be cleared of what it still uses.
    command += [*options, f"--basetemp={folder / 'pytest-temporary'}", f"--rootdir={folder}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
