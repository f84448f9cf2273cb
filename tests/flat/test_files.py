"""Temporary folders: each command's own, and none of a killed one for longer than until the next."""

import fcntl
import os
import subprocess
import sys
import tempfile
from threading import Timer

import pytest

from maulstick.files import temporary_folder

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


class LookedAt(tempfile.TemporaryDirectory):
    """A folder that another process, which looks for abandoned ones, has locked for a moment."""

    def __enter__(self):
        name = super().__enter__()
        held = os.open(name, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        self.looks = Timer(0.1, os.close, [held])
        self.looks.start()
        return name

    def __exit__(self, *error):
        self.looks.join()
        return super().__exit__(*error)


def test_a_new_folder_that_another_command_looks_at_is_held_all_the_same(monkeypatch):
    made = []
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda **how: made.append(LookedAt(**how)) or made[0])
    with temporary_folder() as folder:
        made[0].looks.join()
        other = os.open(folder.parent, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(other)
