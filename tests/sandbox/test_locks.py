"""Locks between commands, threads and the dead."""

import subprocess
import sys
import threading
import time

import pytest

from maulstick.sandbox.locks import locked

HOLDS = """
import sys, time
from pathlib import Path
from maulstick.sandbox.locks import locked
with locked(Path(sys.argv[1])):
    print("holds", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path / "lock"], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"holds\n"
        yield other
        other.kill()


def test_a_killed_command_lets_go(holder, tmp_path):
    waited = []

    def kill():
        waited.append("for the other")
        holder.kill()

    with locked(tmp_path / "lock", kill):
        assert holder.wait(120) < 0
    assert waited == ["for the other"]


def test_nobody_waits_for_a_lock_that_is_free(tmp_path):
    for _ in range(2):
        with locked(tmp_path / "lock", lambda: pytest.fail("waits")):
            pass
    assert (tmp_path / "lock").exists()  # that it is there tells a sandbox's folder from another


def test_a_lock_is_let_go_when_its_block_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    with locked(tmp_path / "lock", lambda: pytest.fail("waits")):
        pass


def test_a_folder_that_was_removed_does_not_come_back(tmp_path):
    with pytest.raises(FileNotFoundError), locked(tmp_path / "removed" / "lock"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_threads_take_turns(tmp_path):
    inside, most = [], []

    def work():
        with locked(tmp_path / "lock"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [1] * 8
