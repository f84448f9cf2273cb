"""How often a release waits for the database: counted on the wire, since each wait costs a visitor's ping."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from places import Place, apply, plan

BLOCK = 1 << 16


class Wire:
    """A way to a server that counts how often its client speaks after it has listened."""

    def __init__(self, port: int) -> None:
        self.port, self.trips = port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self.port)) as server:
                self.carry(client, server)

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        listened = True
        while True:
            for side in select.select([client, server], [], [])[0]:
                data = side.recv(BLOCK)
                if not data:
                    return
                self.trips += side is client and listened
                listened = side is server
                (server if side is client else client).sendall(data)


@contextmanager
def counted(place: Place) -> Iterator[tuple[Wire, Place]]:
    wire = Wire(urlsplit(place.url).port or 0)
    with closing(wire.listener):
        threading.Thread(target=wire.serve, daemon=True).start()
        port = wire.listener.getsockname()[1]
        yield wire, replace(place, url=place.url.replace(f":{wire.port}/", f":{port}/"))


@pytest.mark.parametrize("act", [plan, apply])
def test_a_release_waits_eight_times_and_once_for_each_table(embodiment, site_production, act):
    tables = sum(bool(table.rows) for table in embodiment.manifest.tables.values())
    with counted(site_production) as (wire, production):
        act(embodiment, production)
    logging_in = 4
    assert 1 + tables <= wire.trips - logging_in <= 8 + tables
