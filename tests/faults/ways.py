"""The ways to the target: directly, by the stand-in `fly`, and by a machine of one's own over SSH."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote

import psutil

from maulstick.sandbox import apps, cloud
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from maulstick.sandbox.process import answers, wait_until
from tests.faults.lines import Line
from tests.hosts.ssh_machines import SSHD, USER, Client, SshMachine, a_client, running

TOKEN = "FlyV1 fm2_of-the-campaign"
FLY_HOST = f"{DATABASE_APP}.flycast"
DIRECT = ('host = "direct"\n', 'environment = ".env.live"\n')
"""What the inventory says of a target that is reached directly."""
FLY = 'host = "fly"\napp = "{app}"\nfly = "{program}"\n'
SSH = 'host = "ssh"\nmachine = "{machine}"\nssh_config = "{config}"\nenvironment_from = "{environment}"\n'


@dataclass
class FlyCloud:
    """The stand-in's cloud: an app whose environment and database are the world's."""

    folder: Path
    environment: Mapping[str, str]
    line: int
    program: Path = field(init=False)
    begun: str = field(init=False)

    def __post_init__(self) -> None:
        apps.create(
            self.folder,
            environment=self.environment,
            hosts={f"{FLY_HOST}:5432": f"127.0.0.1:{self.line}"},
            token=TOKEN,
            site_port=0,
        )
        [machine] = apps.load(self.folder).apps[SITE_APP].machines
        apps.change_machine(self.folder, SITE_APP, machine.id, state="started", version=1)
        self.begun = apps.world_path(self.folder).read_text()
        text = cloud.FLY.format(folder=self.folder, token=TOKEN, python=quote(sys.executable))
        self.program = self.folder / "fly.sh"
        self.program.write_text(text)
        self.program.chmod(0o755)

    def reset(self) -> None:
        """Set the cloud back: no fault, the machine that there was."""
        apps.world_path(self.folder).write_text(self.begun)

    def fault(self, name: str, times: int) -> None:
        """Make the stand-in misbehave."""
        apps.fault(self.folder, name, times)

    def calls(self, command: str) -> int:
        """Count how often a command was typed."""
        path = self.folder / "fly/calls.jsonl"
        return path.read_text().count(f'["{command}"') if path.exists() else 0

    def replace_machine(self) -> None:
        """Give the app another machine, as a deploy of somebody else does: the known one is not found."""

        def other(app: apps.App) -> apps.App:
            return replace(app, machines=tuple(replace(one, id=one.id[::-1]) for one in app.machines))

        apps.change_app(self.folder, SITE_APP, other)


@dataclass
class Ways:
    """What is there of each way, and the inventory's part of the target for it."""

    fly: FlyCloud
    machine: SshMachine | None
    client: Client
    line: Line | None
    environment: Path

    def in_inventory(self, text: str, way: str) -> str:
        """Return an inventory with this way to the target; one that this machine lacks is the direct one."""
        host, environment = DIRECT
        assert (host in text, environment in text) == (True, True)
        if way == "fly":
            text = text.replace(host, FLY.format(app=SITE_APP, program=self.fly.program))
            return text.replace(environment, "")
        if way == "ssh" and self.line is not None:
            where = f"{USER}@127.0.0.1:{self.line.port}"
            told = SSH.format(machine=where, config=self.client.config, environment=self.environment)
            return text.replace(host, told).replace(environment, "")
        return text

    def heal(self) -> None:
        """Bring back what was broken."""
        self.fly.reset()
        self.revive()

    def revive(self) -> None:
        """Start the machine again if it has ended."""
        if self.machine is not None and self.machine.process.poll() is not None:
            config, log = self.machine.folder / "config", self.machine.folder / "log"
            self.machine.process = subprocess.Popen([str(SSHD), "-D", "-E", log, "-f", config])
            assert wait_until(lambda: answers(self.machine_port), seconds=120)

    @property
    def machine_port(self) -> int:
        """Return the port of sshd itself."""
        return self.machine.port if self.machine is not None else 0

    def sessions(self) -> list[psutil.Process]:
        """Return the processes of sshd that serve somebody."""
        if self.machine is None:
            return []
        return psutil.Process(self.machine.process.pid).children(recursive=True)


@contextmanager
def ways(folder: Path, environment: Path, live: int) -> Iterator[Ways]:
    """Prepare the ways for the block; `live` is the port of the line to the database."""
    values = dict(line.split("=", 1) for line in environment.read_text().splitlines())
    database = values["DATABASE_URL"].replace(f"127.0.0.1:{live}", f"{FLY_HOST}:5432")
    fly = FlyCloud(folder / "fly-cloud", {**values, "DATABASE_URL": database}, live)
    client = a_client(folder / "ssh-client")
    if SSHD is None:
        yield Ways(fly, None, client, None, environment)
        return
    with running(folder / "ssh-machine", client) as machine:
        line = Line(machine.port)
        client.know(machine, f"[127.0.0.1]:{line.port}")
        made = Ways(fly, machine, client, line, environment)
        try:
            yield made
        finally:
            made.heal()


def proxies(project: Path) -> list[int]:
    """Return the processes of `fly proxy` that a command in a project has started: they alone listen."""
    return [pid for pid in processes_in(project) if _listens(pid)]


def processes_in(folder: Path) -> list[int]:
    """Return the processes that work in a folder, quicker than by asking each for all it is."""
    found = []
    for place in os.scandir("/proc"):
        if place.name.isdecimal():
            try:
                inside = Path(f"/proc/{place.name}/cwd").readlink().is_relative_to(folder)
            except OSError:
                continue
            found += [int(place.name)] if inside else []
    return found


def _listens(pid: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(one.status == psutil.CONN_LISTEN for one in connections)
