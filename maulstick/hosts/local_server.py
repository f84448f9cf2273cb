"""The PostgreSQL server on this machine that a copy of production is made on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from maulstick.hosts.host import Place
from maulstick.hosts.sandbox_host import SANDBOX_FOLDER
from maulstick.redact import Secret


@dataclass(frozen=True, slots=True)
class LocalServer:
    """An address on the server, of a role that may make databases, and the programs that came with us."""

    address: Secret = field(repr=False)
    programs: Path | None


def local_server(place: Place) -> LocalServer:
    """Return the sandbox's server for a sandbox, else that of the local database."""
    from maulstick.sandbox import servers, state

    folder = place.folder / SANDBOX_FOLDER
    known = state.load(folder) if place.target.host == "sandbox" else None
    address = place.source.database
    if known is not None:
        address = Secret(servers.postgres_of(folder, known).url("postgres"))
    return LocalServer(address, own_programs())


def own_programs() -> Path | None:
    """Find the folder of PostgreSQL's programs that came with us, None if none did."""
    from maulstick.sandbox import programs

    own = programs.own_program("pg_dump")
    return Path(own).parent if own else None
