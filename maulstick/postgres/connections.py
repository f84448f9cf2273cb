"""The connections of one command: each is lent for a block, then kept for the next use of its address."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Self

import psycopg
from psycopg import pq

from maulstick.postgres.connection import Database, connect
from maulstick.postgres.database_address import open_connection
from maulstick.redact import Secret

KEPT = 60.0
"""Seconds after which an idle connection is not used again: a proxy or firewall may have dropped it."""

Connection = psycopg.Connection[tuple[Any, ...]]


class Connections:
    """At most one idle connection to each address.

    Whoever asks while it is lent gets one of his own, as he must who looks for what became of a broken one.
    Nothing of ours outlives a transaction, so the next finds a session as new.
    """

    def __init__(self) -> None:
        self._idle: dict[str, tuple[Connection, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are not lent."""
        while self._idle:
            _, (connection, _) = self._idle.popitem()
            _close(connection)

    @contextmanager
    def lend(
        self, url: Secret, where: str, *, read_only: bool = False, role: str | None = None
    ) -> Iterator[Database]:
        """Lend a connection for the block; the arguments mean what they mean to `connect`."""
        connection = self._taken(url.reveal()) or open_connection(url, where)
        again = partial(connect, url, where, read_only=read_only, role=role)
        try:
            yield Database(connection, where, read_only=read_only, role=role, again=again)
        finally:
            self._give_back(url.reveal(), connection)

    def _taken(self, url: str) -> Connection | None:
        """Return the idle connection to an address, None if there is none that is certainly alive."""
        connection, since = self._idle.pop(url, (None, 0.0))
        if connection is not None and (time.monotonic() - since > KEPT or _has_word(connection)):
            _close(connection)
            return None
        return connection

    def _give_back(self, url: str, connection: Connection) -> None:
        if connection.info.transaction_status != pq.TransactionStatus.IDLE or url in self._idle:
            _close(connection)
        else:
            self._idle[url] = (connection, time.monotonic())


def _has_word(connection: Connection) -> bool:
    """Return whether the server has sent something unasked, which can only be that it closes."""
    return bool(select.select([connection.fileno()], [], [], 0)[0])


def _close(connection: Connection) -> None:
    with suppress(psycopg.Error):
        connection.close()
