"""Ctrl-C on a terminal, and a mistake in the program: what is live is said, and a record is left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from tests.end_to_end.projects import SERIES, Project

ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
LOOKING = re.compile(rb"verify \.+ (.* px|.*\n.*waiting for)")
ODD = """
from maulstick.release.steps import verify

verify.amount = None
"""
"""A program of which a part is missing, as after a mistake of ours."""
LIVE = "sandbox: release 1 is there, its rows are live, not verified"


def _interrupted(project: Project, *words: str) -> tuple[int, str]:
    """Type a command on a terminal, and Ctrl-C once the browser looks; return what was seen."""
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, sys.executable, "-m", "invoke", *words],
        cwd=project.folder,
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin
    assert process.stdout
    seen = b""
    while not LOOKING.search(seen):
        read = os.read(process.stdout.fileno(), 1 << 16)
        assert read, seen.decode()
        seen += read
    process.stdin.write(b"\x03")
    process.stdin.flush()
    rest, _ = process.communicate(timeout=600)
    return process.returncode, (seen + rest).decode()


def test_control_c_says_what_is_live_and_leaves_a_record(fresh: Project) -> None:
    code, seen = _interrupted(fresh, "release", *SERIES, "--browser")
    assert code == 130, seen
    assert re.search(r"verify \.+ failed +interrupted\r?\n", seen)
    assert seen.rstrip().endswith(LIVE)
    for noise in ("Traceback", "KeyboardInterrupt", "Future"):
        assert noise not in seen
    record = json.loads(fresh.invoke("report", "--format", "json").out)
    (release,) = record["releases"]
    assert (record["exit"], release["number"], release["state"]) == (130, 1, LIVE)
    assert release["problem"] == "interrupted: the same command again does only what is left"


def test_a_mistake_in_the_program_says_what_is_live_and_leaves_a_record(
    released: Project, other: Project
) -> None:
    (other.folder / "plugins" / "odd.py").write_text(ODD)
    ran = other.invoke("verify", *SERIES)
    assert ran.code == 1
    assert "TypeError: 'NoneType' object is not callable" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    record = json.loads(other.invoke("report", "--format", "json").out)
    assert (record["exit"], record["releases"][0]["state"]) == (1, ran.last_said)
