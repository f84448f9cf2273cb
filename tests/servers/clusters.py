"""The versions of PostgreSQL that a release is tried on, and where their programs are."""

from __future__ import annotations

import os
from pathlib import Path

from maulstick.sandbox import programs

FOLDERS = "MAULSTICK_POSTGRES"
GET_THEM = f'{FOLDERS}="$(.ci/servers)" pytest tests/servers'
NEWEST = 18


def binaries_of(major: int) -> Path | None:
    """Return the folder of a version's programs, None for the sandbox's own; LookupError for none."""
    if major == NEWEST:
        return None
    for folder in filter(None, os.environ.get(FOLDERS, "").split(":")):
        if programs.major(Path(folder)) == major:
            return Path(folder)
    raise LookupError(major)
