"""Temporary folders: each command's own, and none of a killed one for longer than until the next."""

import os
import subprocess
import sys

import pytest

HOLDS = """
import os, signal, sys
from maulstick.files import temporary_folder

with temporary_folder() as folder:
    (folder / "rows").write_text("of a subject")
    print(folder.parent.name, flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds a folder until it hears something, and then is killed."""
    started = []

    def start():
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        started.append(subprocess.Popen([sys.executable, "-c", HOLDS], env=environment, **pipes))
        return started[-1], started[-1].stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_what_a_killed_command_left_goes_with_the_next_and_what_is_held_stays(holder, tmp_path):
    (tmp_path / "maulstick-temporary-of-somebody").mkdir()
    lives, held = holder()
    dies, abandoned = holder()
    dies.communicate("\n")
    assert {path.name for path in tmp_path.iterdir()} == {
        "maulstick-temporary-of-somebody",
        held,
        abandoned,
    }
    _, next_one = holder()
    assert {path.name for path in tmp_path.iterdir()} == {"maulstick-temporary-of-somebody", held, next_one}
    assert lives.poll() is None
