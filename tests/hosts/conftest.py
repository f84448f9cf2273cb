"""A real PostgreSQL behind real machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ssh_machines import Client, SshMachine, a_client
from ssh_machines import running as machine_running

from maulstick.sandbox.postgres import Postgres

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from servers import running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One PostgreSQL."""
    with running(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A user with a key who knows no machine."""
    return a_client(tmp_path / "ssh")


@pytest.fixture
def machine(tmp_path: Path, client: Client) -> Iterator[SshMachine]:
    """A machine that the user knows and that lets the user in."""
    with machine_running(tmp_path / "machine", client) as machine:
        client.know(machine)
        yield machine
