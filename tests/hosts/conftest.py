"""A real PostgreSQL behind real machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from maulstick.hosts.host import open_host
from maulstick.hosts.kinds import own_kinds
from maulstick.hosts.ssh_host import SshHost
from maulstick.project.inventory import load
from maulstick.sandbox.postgres import Postgres
from tests.databases.servers import running
from tests.hosts.ssh_machines import INVENTORY, Client, Open, SshMachine, a_client
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


@pytest.fixture
def said() -> list[str]:
    """What was said on the way."""
    return []


@pytest.fixture
def reach(tmp_path: Path, client: Client, machine: SshMachine, said: list[str]) -> Iterator[Open]:
    """Return the way to a target as the inventory has it."""
    with ExitStack() as stack:

        def reached(more: str = "", *, environment: str = "site-env", address: str = "") -> SshHost:
            text = INVENTORY.format(
                machine=address or machine.address, config=client.config, environment=environment, more=more
            )
            (tmp_path / "inventory.toml").write_text(text)
            target = load(tmp_path / "inventory.toml", own_kinds()).target(None)
            host: Any = open_host(target, stack, said.append)
            return host

        yield reached


@pytest.fixture
def gallery(server: Postgres, machine: SshMachine) -> str:
    """The address of the site's database, which a program of the machine prints."""
    url = server.url("postgres")
    machine.program("site-env", f"echo 'DATABASE_URL={url}'; echo 'S3_BUCKET=gallery'; echo PORT=4000")
    return url
