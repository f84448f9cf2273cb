"""The sandbox's S3 server."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

from maulstick.errors import Problem
from maulstick.sandbox import process, programs
from maulstick.sandbox.process import Process

PORTS = (
    "storage",
    "storage.grpc",
    "storage.master",
    "storage.master.grpc",
    "storage.volume",
    "storage.volume.grpc",
    "storage.filer",
    "storage.filer.grpc",
)
TRIES = 3


class Storage(Protocol):
    """What the sandbox needs of an S3 server; any other that does this can take its place."""

    @property
    def address(self) -> str:
        """The endpoint, as AWS_ENDPOINT_URL_S3 holds it."""

    @property
    def access_key(self) -> str:
        """The name of the key that may do everything."""

    @property
    def secret_key(self) -> str:
        """The secret of that key."""

    def up(self) -> Process:
        """Start the server and wait until it answers."""

    def down(self, running: Process | None) -> None:
        """Stop the server and whatever a killed one left behind."""


@dataclass(frozen=True, slots=True)
class SeaweedFS:
    """SeaweedFS in one process: master, volumes, filer and its S3 door.

    Everybody may read the bucket `public`, if it names one.
    """

    home: Path
    log: Path
    ports: Mapping[str, int]
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    public: str = ""

    @property
    def address(self) -> str:
        """The endpoint of the S3 door."""
        return f"http://127.0.0.1:{self.ports['storage']}"

    def up(self) -> Process:
        """Start the server and wait until its S3 door answers."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        (self.home / "files").mkdir(exist_ok=True)
        self.down(None)
        process.write_private(self.home / "s3.json", json.dumps(self._identities()))
        # Without this it would take credentials and settings from the user's environment and home folder.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.home)}
        command = [str(programs.weed()), "-logtostderr=true", "server", *self._options()]
        started = process.spawn(command, log=self.log, env=environment, cwd=self.home, umask=0o077)
        process.wait_until(
            lambda: self._answers() or not process.alive(started), seconds=process.START_SECONDS
        )
        if not process.alive(started) or not self._answers():
            self.down(started)
            says = f"did not start{process.last_lines(self.log)}"
            raise Problem("sandbox: storage", says, f"its log is {self.log}")
        return started

    def down(self, running: Process | None) -> None:
        """Stop the server (it takes no longer than a second, or is killed) and clear up after it."""
        if running is not None:
            process.stop(running, grace=1)
        for left in process.running_in(self.home, "weed"):
            process.kill(left)
        for name in ("master", "volume", "filer", "s3"):
            port = self.ports.get("storage.grpc" if name == "s3" else f"storage.{name}.grpc")
            # The program fixes its path, and leaves it behind when it is killed.
            Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108  # nosec B108

    def _answers(self) -> bool:
        # On a busy machine its port opens before it knows the files; and another's may be open in its place.
        at_door, _ = self._asked("storage", "/")
        _, topology = self._asked("storage.master", "/dir/status")
        return at_door.startswith("SeaweedFS") and '"DataNodes":[{' in topology

    def _asked(self, name: str, path: str) -> tuple[str, str]:
        """Return the name of the server that answers on a port, and its answer; both are empty for none."""
        line = HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.getheader("Server", ""), answer.read().decode(errors="replace")
        except (OSError, HTTPException):
            return "", ""
        finally:
            line.close()

    def _identities(self) -> Mapping[str, object]:
        credentials = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        ours = {"name": "sandbox", "credentials": credentials, "actions": actions}
        everybody = {"name": "anonymous", "actions": [f"Read:{self.public}"]}
        return {"identities": [ours, everybody] if self.public else [ours]}

    def _options(self) -> list[str]:
        at = {name.removeprefix("storage."): port for name, port in self.ports.items()}
        return [
            "-dir=files",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-master.port={at['master']}",
            f"-master.port.grpc={at['master.grpc']}",
            "-master.peers=none",
            "-master.telemetry=false",
            "-master.electionTimeout=500ms",
            "-master.heartbeatInterval=50ms",
            "-master.volumeSizeLimitMB=256",
            f"-volume.port={at['volume']}",
            f"-volume.port.grpc={at['volume.grpc']}",
            "-volume.max=64",
            "-volume.minFreeSpace=50MiB",
            "-volume.preStopSeconds=0",
            "-filer",
            f"-filer.port={at['filer']}",
            f"-filer.port.grpc={at['filer.grpc']}",
            "-filer.localSocket=filer.sock",
            "-s3",
            f"-s3.port={at['storage']}",
            f"-s3.port.grpc={at['grpc']}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.config=s3.json",
            "-s3.localSocket=s3.sock",
        ]


def start_storage(folder: Path, *, key: str, secret: str, public: str = "") -> tuple[SeaweedFS, Process]:
    """Start a storage in a folder on free ports; one that is taken meanwhile is given up for another."""
    for left in reversed(range(TRIES)):
        ports = {name: process.free_port() for name in PORTS}
        storage = SeaweedFS(folder / "storage", folder / "storage.log", ports, key, secret, public)
        try:
            return storage, storage.up()
        except Problem:
            if not left or all(map(process.is_free, ports.values())):
                raise
    raise AssertionError
