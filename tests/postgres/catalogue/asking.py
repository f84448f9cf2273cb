"""Questions to a catalogue, asked as a release asks them: where only PostgreSQL's own names are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from maulstick.postgres.search_path import as_ourselves
from tests.databases.places import Place


def asked(place: Place, text: str) -> list[tuple[Any, ...]]:
    """Return the rows of a question."""
    with place.connection.transaction():
        place.run(as_ourselves())
        return place.rows(text)


def told(place: Place, change: str, text: str) -> str:
    """Return how a statement fails in a new session once something is changed, "" if it does not.

    The change is taken back.
    """
    with place.other_connection() as session:
        for each in (change, as_ourselves()):
            session.execute(each.encode())
        try:
            session.execute(text.encode())
        except psycopg.Error as error:
            return error.diag.message_primary or ""
        finally:
            session.rollback()
    return ""


@contextmanager
def roles(place: Place, *names: str) -> Iterator[None]:
    """Make roles for the block."""
    place.run("".join(f"create role {name};" for name in names))
    try:
        yield
    finally:
        place.run(f"reset role; alter database {place.database} owner to current_user")
        place.run("".join(f"drop owned by {name} cascade; drop role {name};" for name in names))
