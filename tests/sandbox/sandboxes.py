"""What tests do to a sandbox, and what they see of it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import boto3
import psycopg
from botocore.config import Config

import maulstick
from maulstick.sandbox import lifecycle, servers
from maulstick.sandbox import state as states
from maulstick.sandbox.lifecycle import Sandbox
from maulstick.sandbox.state import State
from maulstick.sandbox.storage import SeaweedFS

UP = """
import sys, pathlib
from maulstick.sandbox import lifecycle
print(lifecycle.up(pathlib.Path(sys.argv[1]), say=lambda _: None).site)
"""
REMOVE = """
import sys, pathlib
from maulstick.sandbox import lifecycle
lifecycle.remove(pathlib.Path(sys.argv[1]))
"""


@dataclass(frozen=True, slots=True)
class Nobody:
    """An unprivileged user with a home folder that only this user can open."""

    home: Path

    def own(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody")

    def run(self, *command: str | Path) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home)}
        group = pwd.getpwnam("nobody").pw_gid
        return subprocess.check_output(
            command, cwd="/", env=environment, text=True, user="nobody", group=group, extra_groups=[]
        )

    def python(self, code: str, *words: str | Path) -> str:
        """Run code in a virtual environment of this user's own, with our packages."""
        place = self.home / "python"
        if not place.exists():
            self.run(system_python(), "-m", "venv", "--without-pip", place)
            (packages,) = place.glob("lib/python*/site-packages")
            ours = (sysconfig.get_path("purelib"), *(str(Path(path).parent) for path in maulstick.__path__))
            (packages / "ours.pth").write_text("\n".join(ours))
        return self.run(place / "bin" / "python", "-B", "-c", code, *words)


def system_python() -> str:
    """Return a Python like ours that does not lie in somebody's home folder."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return shutil.which(name, path="/usr/bin:/usr/local/bin") or sys.executable


@dataclass(frozen=True, slots=True)
class Started:
    """A sandbox with the seconds its first start took."""

    sandbox: Sandbox
    seconds: float


def quiet(_: str) -> None:
    """Say nothing."""


def up(folder: Path) -> Sandbox:
    return lifecycle.up(folder, say=quiet)


def up_elsewhere(folder: Path) -> subprocess.Popen[str]:
    """Start a sandbox in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", UP, str(folder)], stdout=subprocess.PIPE, text=True)


def visit(sandbox: Sandbox, path: str = "/series") -> int:
    with urlopen(sandbox.site + quote(path), timeout=120) as answer:
        return int(answer.status)


def production(sandbox: Sandbox) -> psycopg.Connection:
    server = servers.postgres_of(sandbox.folder, state_of(sandbox.folder))
    return psycopg.connect(server.url("olivia_art_portfolio"), autocommit=True)


def state_of(folder: Path) -> State:
    state = states.load(folder)
    assert state
    return state


def client(storage: SeaweedFS, **others: str) -> Any:
    """Return an S3 client with the storage's keys, or others."""
    keys = {"aws_access_key_id": storage.access_key, "aws_secret_access_key": storage.secret_key} | others
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=storage.address, region_name="auto", config=config, **keys)


def bucket(sandbox: Sandbox) -> Any:
    return client(servers.storage_of(sandbox.folder, state_of(sandbox.folder)))


def keys(sandbox: Sandbox) -> Sequence[str]:
    listing = bucket(sandbox).list_objects_v2(Bucket="olivia-art-portfolio")
    return [found["Key"] for found in listing.get("Contents", ())]


def git(sandbox: Sandbox, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=sandbox.checkout, capture_output=True, text=True, check=True)
    return done.stdout


def files(folder: Path) -> dict[Path, bytes]:
    """Return every file under a folder with its bytes."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def listening_on(pids: Sequence[int]) -> set[tuple[str, int]]:
    """Return address and port of every TCP socket that these processes listen on."""
    inodes = {_inode(link) for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for kind in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / kind)]
    heard = [line[1].split(":") for line in lines if line[3] == "0A" and line[9] in inodes]
    return {(address, int(port, 16)) for address, port in heard}


def processes_of(*folders: Path) -> list[str]:
    """Return the command lines of all processes that name one of these folders or work in it."""
    found = {place: _seen(place) for place in Path("/proc").glob("[0-9]*") if place.name != str(os.getpid())}
    return [seen for seen in found.values() if any(str(folder) in seen for folder in folders)]


def _seen(place: Path) -> str:
    try:
        return f"{(place / 'cmdline').read_text()} in {(place / 'cwd').readlink()}"
    except OSError:
        return ""


def _inode(link: Path) -> str:
    try:
        return str(link.readlink()).removeprefix("socket:[").removesuffix("]")
    except OSError:
        return ""


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:] if path.exists() else []
