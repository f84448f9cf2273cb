""".ci/audit: a vulnerability fails it, and so does a service that could not be asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import ROOT

BAD = {"name": "cracked", "version": "1.0", "vulns": [{"id": "CVE-1"}]}
GOOD = {"name": "sound", "version": "2.0", "vulns": []}
UNASKED = {"name": "lonely", "skip_reason": "could not be asked"}
OURS = {"name": "maulstick", "skip_reason": "is editable"}


def audit(folder: Path, dependencies: list[Any] | None) -> tuple[int, str]:
    """Run the script beside a pip-audit that finds this, None for one that fails."""
    answer = json.dumps({"dependencies": dependencies}) if dependencies is not None else ""
    program = folder / "pip-audit"
    program.write_text(
        f"#!/bin/sh\nwhile [ $1 != --output ]; do shift; done\nprintf '{answer}' >$2\nexit 1\n"
    )
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    ran = subprocess.run(
        [ROOT / ".ci/audit"], env={**os.environ, "PATH": path}, capture_output=True, encoding="utf-8"
    )
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        ([GOOD, OURS], 0, "1 packages asked about, 0 vulnerabilities known, 0 could not be asked"),
        ([GOOD, BAD], 1, "cracked 1.0: CVE-1"),
        ([BAD, UNASKED], 1, "1 could not be asked"),
        ([GOOD, UNASKED], 2, "lonely: could not be asked"),
        ([], 2, "0 packages asked about"),
        (None, 2, "0 packages asked about"),
    ],
)
def test_only_what_was_asked_and_is_sound_passes(tmp_path: Path, found: Any, code: int, says: str) -> None:
    ended, said = audit(tmp_path, found)
    assert (ended, says in said) == (code, True), said
