"""Production's rows and objects: everything that a release must leave as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from maulstick.sandbox.content import rows

if TYPE_CHECKING:
    import psycopg

PUT_BY_HAND = "uploads/media/1763722109_e4982724359e6940.jpg"  # Embodiment's, before there was a release


def fill(connection: psycopg.Connection) -> None:
    """Insert production's rows into an empty schema; the caller commits."""
    rows.insert(connection, rows.read("production"))


def objects() -> Sequence[str]:
    """List the bucket's keys before the first release: its own pictures and one put there by hand."""
    own = [row["url"].removeprefix("/") for row in rows.read("production")["media"]]
    return (*own, PUT_BY_HAND)
