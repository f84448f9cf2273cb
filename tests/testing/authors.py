"""Suites of authors of plugins, run as they run them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PYTEST = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def pytest_in(folder: Path, *options: str, first: str = "") -> str:
    """Type `pytest` in a folder and return what it prints; `first` is what Python does before."""
    code = f"import sys; {first}\n{PYTEST}"
    command = [sys.executable, "-c", code, "-q", "-rA", "-p", "no:cacheprovider", *options]
    # A folder of its own: the outer suite's would be cleared of what it still uses.
    command += [f"--basetemp={folder / 'pytest-temporary'}", f"--rootdir={folder}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    return done.stdout


def saved(folder: Path, texts: Mapping[str, str]) -> Path:
    """Save files with their texts in a folder, and return it."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
