"""The PostgreSQL server on this machine that a copy of production is made on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

from maulstick.hosts.host import Place
from maulstick.hosts.sandbox_host import SANDBOX_FOLDER
from maulstick.project.targets import Say
from maulstick.redact import Secret

OWN = ".maulstick", "rehearsed", "server"


@dataclass(frozen=True, slots=True)
class LocalServer:
    """An address on the server, the programs that came with us, and what is to be said of the server."""

    address: Secret = field(repr=False)
    programs: Path | None
    notes: tuple[str, ...] = ()


def local_server(place: Place) -> LocalServer:
    """Return the sandbox's server for a sandbox, else that of the local database."""
    from maulstick.sandbox import servers, state

    folder = place.folder / SANDBOX_FOLDER
    known = state.load(folder) if place.target.host == "sandbox" else None
    address = place.source.database
    if known is not None:
        address = Secret(servers.postgres_of(folder, known).url("postgres"))
    return LocalServer(address, own_programs())


def has_own_server() -> bool:
    """Return whether a server's programs came with us."""
    from maulstick.sandbox import programs

    return programs.own_program("postgres") is not None


@contextmanager
def own_server(place: Place, say: Say) -> Iterator[LocalServer]:
    """Start a server of our own for the block; it is gone with all that it held afterwards.

    One block at a time has it; what a killed one left there is ended and removed first.
    """
    from maulstick.sandbox import folder as folders
    from maulstick.sandbox import programs, servers, state

    folder = folders.made(place.folder.joinpath(*OWN))
    with folders.locked(folder, say):
        home = programs.home(folder, programs.unprivileged())
        server = servers.postgres_of(folder, servers.with_port(state.fresh(folder, home), "postgres"))
        server.down(None)
        rmtree(home, ignore_errors=True)
        try:
            running = server.up()
            try:
                yield LocalServer(Secret(server.url("postgres")), own_programs())
            finally:
                server.down(running)
        finally:
            rmtree(home, ignore_errors=True)


def own_programs() -> Path | None:
    """Find the folder of PostgreSQL's programs that came with us, None if none did."""
    from maulstick.sandbox import programs

    own = programs.own_program("pg_dump")
    return Path(own).parent if own else None
