"""The source database's rows: Embodiment, two other series, and what never travels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maulstick.sandbox.content import rows

if TYPE_CHECKING:
    import psycopg


def fill(connection: psycopg.Connection) -> None:
    """Insert the source's rows into an empty schema; the caller commits."""
    rows.insert(connection, rows.read("source"))
