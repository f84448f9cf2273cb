"""The settings of one transaction: how values are written, and what varies between two runs."""

from __future__ import annotations

from collections.abc import Mapping

from maulstick.postgres.quoting import literal
from maulstick.postgres.search_path import as_ourselves

BEGIN = "begin isolation level read committed, read write;"
"""Spelled out, since a database or a role may have other defaults; an open transaction stays as it is."""


FORMATS = {
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "array_nulls": "on",
    "lc_monetary": "C",
    "xmloption": "content",
}
"""Settings under which a value's text is the same on every server (docs/postgresql-facts.md, "Comparing")."""

ALL_ROWS = {"row_security": "off"}
"""A row hidden by a policy would pass for a missing one: PostgreSQL refuses the query instead."""

LIMITS = {
    "statement_timeout": "15min",
    "lock_timeout": "500ms",
    "jit": "off",
    "work_mem": "64MB",
    "default_statistics_target": "10",
}
"""The last is for our temporary tables: plans need only the number of their rows."""
TRIES = 20
"""How often a lock is tried for."""


def setting(name: str) -> str:
    """Compose the SQL of one of the run's settings, null if it is not set."""
    return f"nullif(current_setting({literal('maulstick.' + name)}, true), '')"


THERE = f"coalesce({setting('target')}, 'production')"
"""The SQL of what the target is called."""
LEFT_OUT = f"jsonb_to_recordset({setting('without')}::jsonb) as x(table_name text, key text)"
"""The FROM item of the rows that a release leaves out: they are only matched, and need not be there."""
PLANNING = f"coalesce({setting('mode')}, '') = 'plan'"
REHEARSING = f"coalesce({setting('mode')}, '') = 'rehearse'"


def opening(settings: Mapping[str, str]) -> str:
    """Compose the SQL that opens a transaction with these settings, empty ones left out."""
    given = {name: value for name, value in settings.items() if value}
    lines = [f"set local maulstick.{name} = {literal(value)};" for name, value in given.items()]
    return "\n".join([BEGIN, *lines, ""])


def formats() -> str:
    """Compose the SQL that fixes formats, hides no rows, and resolves names to PostgreSQL's own."""
    settings = [f"set local {key} = {literal(value)};" for key, value in (FORMATS | ALL_ROWS).items()]
    return "\n".join([*settings, as_ourselves()])


def limits() -> str:
    """Compose the SQL that limits how long statements run and wait, until the end of the transaction."""
    return "\n".join(f"set local {key} = {literal(value)};" for key, value in LIMITS.items())
