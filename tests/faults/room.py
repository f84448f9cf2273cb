"""A disk of a few megabytes for production's database, which can be filled."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = 48 << 20
FILLER = "filler"


@contextmanager
def small_disk(owner: int | None) -> Iterator[Path | None]:
    """Mount a small disk for the block; None where that is not allowed."""
    with tempfile.TemporaryDirectory(prefix="faults-disk-") as name:
        Path(name).chmod(0o755)
        place, options = Path(name) / "disk", f"size={SIZE},mode=755"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        if not is_mounted:
            yield None
            return
        try:
            (place / "tables").mkdir(mode=0o700)
            if owner is not None:
                os.chown(place / "tables", owner, owner)
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> None:
    """Take all room that is left."""
    with suppress(OSError), (disk / FILLER).open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    with suppress(OSError), (disk / FILLER).open("ab", buffering=0) as file:
        while True:
            file.write(bytes(512))


def clear(disk: Path) -> None:
    """Give the room back."""
    (disk / FILLER).unlink(missing_ok=True)
