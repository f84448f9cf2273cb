"""The way from an empty folder to a first release, typed in a new virtual environment, each command timed.

`python benchmarks/from_nothing.py` builds a wheel of this checkout, types the recording of docs/starting.md,
and prints it anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from maulstick.sandbox import lifecycle  # noqa: E402
from tests.docs.documents import blocks, page, typed  # noqa: E402
from tests.docs.recordings import bare, save  # noqa: E402


def main() -> None:
    """Type the commands of the page's recording, in the order of the page, and print it anew."""
    with tempfile.TemporaryDirectory() as place:
        wheels, folder = Path(place, "wheels"), Path(place, "gallery")
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(wheels), str(ROOT)]
        subprocess.run(build, check=True)
        folder.mkdir()
        try:
            for line in recorded(folder, {**os.environ, "PIP_FIND_LINKS": str(wheels), "NO_COLOR": "1"}):
                print(line)
        finally:
            lifecycle.remove(folder / ".sandbox")


def recorded(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Save the page's files and yield its recording as it is now; each command is typed in one shell."""
    told = {name: value for name, value in environment.items() if not name.startswith("VIRTUAL_ENV")}
    for block in blocks(page("starting.md"), "sql", "console"):
        if block.saved_as:
            save(block, folder)
        for one in typed(block) if block.language == "console" else ():
            command, began = bare(one.command), time.monotonic()
            inside = "[ ! -e .venv ] || . .venv/bin/activate; "
            done = subprocess.run(
                ["bash", "-c", f"{inside}{command}"],
                cwd=folder,
                env=told,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            yield f"$ {command}   # {time.monotonic() - began:.1f} s"
            yield from done.stdout.replace(f"{folder}/", "").splitlines()


if __name__ == "__main__":
    main()
