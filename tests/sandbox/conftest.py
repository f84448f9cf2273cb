"""Sandboxes for tests: real servers in temporary folders."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maulstick.sandbox import lifecycle, programs
from maulstick.sandbox.lifecycle import Sandbox
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import free_port
from maulstick.sandbox.storage import SeaweedFS, start_storage
from tests.sandbox.sandboxes import Nobody, Started, up


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("first") / "sandbox"
    began = time.monotonic()
    sandbox = up(folder)
    seconds = time.monotonic() - began
    yield Started(sandbox, seconds)
    lifecycle.remove(folder)


@pytest.fixture
def sandbox(first_start: Started) -> Sandbox:
    """A sandbox that runs, whatever the test before did to it."""
    return up(first_start.sandbox.folder)


@pytest.fixture
def new_folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a sandbox that was never started."""
    folder = tmp_path / "sandbox"
    folder.mkdir(mode=0o700)
    (folder / "lock").touch()
    yield folder
    lifecycle.remove(folder)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("postgres")
    user = programs.unprivileged()
    home = programs.home(folder, user)
    server = Postgres(home, folder / "log", free_port(), "its-password", user)
    server.up()
    yield server
    server.down(None)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    folder = tmp_path_factory.mktemp("storage")
    server, running = start_storage(folder, key="its-key", secret="its-secret")
    yield server
    server.down(running)


@pytest.fixture
def taken() -> Iterator[Callable[[int], None]]:
    """Let a stranger listen on a port."""
    strangers: list[socket.socket] = []

    def take(port: int) -> None:
        stranger = socket.create_server(("127.0.0.1", port))
        strangers.append(stranger)

    yield take
    for stranger in strangers:
        stranger.close()


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    """Another user than root, who can reach this Python and this package."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))
    shutil.chown(home, "nobody")
    other = Nobody(home)
    try:
        other.python("import maulstick.sandbox.lifecycle")
    except (subprocess.CalledProcessError, PermissionError):
        pytest.skip("this Python cannot be reached by another user")
    else:
        yield other
    finally:
        shutil.rmtree(home)
