"""A real PostgreSQL server for tests, and the databases in it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maulstick.sandbox import programs
from maulstick.sandbox.postgres import SUPERUSER, Postgres
from maulstick.sandbox.process import free_port
from tests.databases.places import Place

MEMORY = Path("/dev/shm")
ROOM = 1 << 30
PASSWORD = "its-password"


@contextmanager
def running(folder: Path, binaries: Path | None = None) -> Iterator[Postgres]:
    """Start a server for the block; what it writes is safe from nothing, and therefore quick."""
    user = programs.unprivileged()
    home = home_of(folder, user)
    own = reachable(binaries, home, user) if binaries else None
    server = Postgres(home, folder / "log", free_port(), PASSWORD, user, own)
    started = None
    try:
        started = server.up()
        with server.connect() as connection:
            for setting in ("full_page_writes = off", "synchronous_commit = off"):
                connection.execute(f"alter system set {setting}".encode())
            connection.execute("select pg_reload_conf()")
            if connection.info.server_version >= 160000:  # a login's price, thousands of times
                connection.execute("set scram_iterations = 1")
                connection.execute(f"alter role {SUPERUSER} password '{PASSWORD}'".encode())
        yield server
    finally:
        server.down(started)
        shutil.rmtree(home)


def reachable(binaries: Path, home: Path, user: int | None) -> Path:
    """Return a server's programs where its user can run them: there, or in a copy."""
    if user is None or all(folder.stat().st_mode & stat.S_IXOTH for folder in binaries.parents):
        return binaries
    shutil.copytree(binaries.parent, home / "programs", symlinks=True)
    return home / "programs" / binaries.name


def home_of(folder: Path, user: int | None) -> Path:
    """Return where the server lives: in memory where there is room, for a release makes many files."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return Path(tempfile.mkdtemp(prefix="maulstick-", dir=MEMORY))
    return programs.home(folder, user)


def a_place(server: Postgres, folder: Path, name: str, template: str = "template0") -> Place:
    """Make a database like a template."""
    with server.connect() as connection:
        connection.execute(f"create database {name} template {template}".encode())
    return Place(server.url(name), folder, server.connect(name))
