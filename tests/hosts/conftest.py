"""A real PostgreSQL behind real machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.sandbox.postgres import Postgres
from tests.databases.servers import running
from tests.hosts.ssh_machines import Client, SshMachine, a_client
from tests.hosts.ssh_machines import running as machine_running


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
