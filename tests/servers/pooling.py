"""Debian's PgBouncer in transaction mode, with one session for all of its clients."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from maulstick.sandbox import process, programs
from maulstick.sandbox.postgres import SUPERUSER, Postgres
from tests.databases.places import Place

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
query_wait_timeout = 600
server_connect_timeout = 600
client_login_timeout = 600
"""


@contextmanager
def pooled(server: Postgres, place: Place) -> Iterator[Place]:
    """Yield a place as it is reached through PgBouncer; the place's own connection still goes past it."""
    assert PROGRAM
    folder, port = Path(tempfile.mkdtemp(prefix="maulstick-pool-")), process.free_port()
    user = programs.unprivileged()
    (folder / "users").write_text(f'"{SUPERUSER}" "{server.password}"\n')
    (folder / "ini").write_text(SETTINGS.format(server=server.port, port=port, folder=folder))
    for path in (folder, *folder.iterdir()) if user is not None else ():
        programs.give(path, user)
    log = folder.with_suffix(".log")
    started = process.spawn([PROGRAM, str(folder / "ini")], log=log, cwd=folder, user=user)
    try:
        assert process.wait_until(lambda: process.answers(port), seconds=120), log.read_text()
        yield replace(place, url=place.url.replace(f":{server.port}/", f":{port}/"))
    finally:
        process.stop(started)
        shutil.rmtree(folder)
        log.unlink()
