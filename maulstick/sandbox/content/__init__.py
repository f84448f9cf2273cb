"""What the sandbox's two databases and its media folder hold at first: our own rows, texts and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

__all__ = ["MEDIA", "fill_production", "fill_source", "production_objects", "schema_sql"]

MEDIA = Path(__file__).parent / "media"
"""The folder with every picture and the voice note, below `uploads/`: our own, as a camera leaves them."""


def schema_sql() -> str:
    """Return the DDL of one database, the same for both sides: extension, tables, migrations' versions."""
    return (Path(__file__).parent / "schema.sql").read_text("utf-8")


def fill_source(connection: psycopg.Connection) -> None:
    """Insert the source's rows into an empty schema; the caller commits."""
    from maulstick.sandbox.content import source

    source.fill(connection)


def fill_production(connection: psycopg.Connection) -> None:
    """Insert production's rows into an empty schema; the caller commits."""
    from maulstick.sandbox.content import production

    production.fill(connection)


def production_objects() -> Sequence[str]:
    """List the keys that the production bucket holds before the first release."""
    from maulstick.sandbox.content import production

    return production.objects()
