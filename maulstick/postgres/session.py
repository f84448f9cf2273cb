"""The settings of one transaction: what varies between two runs of the same release.sql."""

from __future__ import annotations

from collections.abc import Mapping

from maulstick.postgres.quoting import literal

BEGIN = "begin isolation level read committed, read write;"
"""Said in full, since a database or a role may have other defaults; it changes nothing of an open one."""


def opening(settings: Mapping[str, str]) -> str:
    """Return the SQL that opens a transaction with these settings, empty ones left out."""
    given = {name: value for name, value in settings.items() if value}
    lines = [f"set local maulstick.{name} = {literal(value)};" for name, value in given.items()]
    return "\n".join([BEGIN, *lines, ""])
