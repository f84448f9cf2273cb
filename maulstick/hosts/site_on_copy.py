"""The local site, started on a copy of the target's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from maulstick.errors import Problem
from maulstick.files import make_folders
from maulstick.hosts.environment import DATABASE
from maulstick.hosts.host import Host, Place
from maulstick.redact import Secret

WHERE = "source/serve"


@contextmanager
def served(place: Place, host: Host, database: Secret) -> Iterator[str]:
    """Start the source's own site on a database for the block; yield its address, "" where it has none.

    It is told nothing of the target but in a sandbox: its keys could write into the target's bucket.
    """
    from maulstick.sandbox import process
    from maulstick.sandbox.own import command

    if place.source.serve is None:
        yield ""
        return
    known = host.environment if place.target.host == "sandbox" else {}
    given = {name: value.reveal() for name, value in known.items()} | {DATABASE: database.reveal()}
    port, log = process.free_port(), place.folder / ".maulstick" / "rehearsed" / f"{place.target.name}.log"
    make_folders(log.parent)
    running = command.begin(place.source.serve, port, given, log=log, folder=place.folder)
    try:
        if command.failure(place.source.serve, running, port, log) is not None:
            is_silent = process.alive(running)
            says = f"does not listen at 127.0.0.1:{port}" if is_silent else command.ended(log)
            hint = f"it is told its port by PORT, its database by DATABASE_URL; all it printed is in {log}"
            raise Problem(WHERE, says, hint)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop(running)
