"""The server that a copy of production is made on: the local one, or one of our own where it may not be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from maulstick.hosts.host import Place
from maulstick.hosts.local_server import LocalServer, has_own_server, local_server, own_server
from maulstick.project.targets import Say
from maulstick.rehearsal.scratch import NotAllowed, require_maker

INSTEAD = "the copy is on a server of its own"
OTHERWISE = "with the extra [sandbox] a server of our own is started for it"


@contextmanager
def server_for(place: Place, say: Say, *, keep: bool) -> Iterator[LocalServer]:
    """Yield a server on which a database may be made; one of our own holds no copy that is kept."""
    server = local_server(place)
    try:
        require_maker(server.address)
    except NotAllowed as problem:
        if keep or not has_own_server():
            beside = "without --keep a server of our own is started" if keep else OTHERWISE
            problem.hint = f"{problem.hint}; {beside}"
            raise
        note = f"{problem.role} may not make a database on the local server: {INSTEAD}"
    else:
        yield server
        return
    with own_server(place, say) as own:
        yield replace(own, notes=(note,))
