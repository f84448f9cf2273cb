"""Pulls from one database of a test into the other."""

from __future__ import annotations

from typing import Any

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.slice.homeward import pulled
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.redact import Secret
from tests.databases.deciding import applied
from tests.databases.places import LIBRARY, Declared, Place, Released, a_target


def pull_of(production: Place, *tables: Table, key: str = "poetry", kind: str = "", **more: Any) -> Bundle:
    """Read a subject where it was released to."""
    tables = tables or LIBRARY
    own = Kind(kind or tables[0].name, tables[0].name, tables[0].key[0])
    subject, of = (
        Subject(own.name, key),
        {"source": "pulled", "target": "production", "theirs": False, **more},
    )
    with (
        connect(Secret(production.url), "production") as database,
        pulled(subject, database, Declared(own, tables), **of) as slice_,
    ):
        folder = bundles.folder_of(production.folder / "pulled", subject)
        slice_.write(folder)
    return bundles.load(folder, source="pulled")


def pulled_into(source: Place, production: Place, bundle: Bundle, **typed: Any) -> Released:
    """Write what was pulled into the source; sides are called as the database calls them."""
    return applied(bundle, production, source, target=a_target("local"), older=True, **typed)
