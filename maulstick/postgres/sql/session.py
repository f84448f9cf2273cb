"""The settings of one transaction: how values are written, and what varies between two runs."""

from __future__ import annotations

from collections.abc import Mapping

from maulstick.postgres.quoting import literal
from maulstick.postgres.search_path import as_ourselves

BEGIN = "begin isolation level read committed, read write;"
"""Said in full, since a database or a role may have other defaults; it changes nothing of an open one."""


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
"""A row that a policy hides would pass for one that is not there: PostgreSQL refuses the question instead."""

LIMITS = {
    "statement_timeout": "15min",
    "lock_timeout": "500ms",
    "jit": "off",
    "work_mem": "64MB",
    "default_statistics_target": "10",
}
"""The last is for our temporary tables alone: how many rows they have is what their plans need to know."""


def setting(name: str) -> str:
    """Return the SQL of one of the run's settings, null where it is not given."""
    return f"nullif(current_setting({literal('maulstick.' + name)}, true), '')"


THERE = f"coalesce({setting('target')}, 'production')"
"""The SQL of what the target is called."""
PLANNING = f"coalesce({setting('mode')}, '') = 'plan'"
REHEARSING = f"coalesce({setting('mode')}, '') = 'rehearse'"


def opening(settings: Mapping[str, str]) -> str:
    """Return the SQL that opens a transaction with these settings, empty ones left out."""
    given = {name: value for name, value in settings.items() if value}
    lines = [f"set local maulstick.{name} = {literal(value)};" for name, value in given.items()]
    return "\n".join([BEGIN, *lines, ""])


def formats() -> str:
    """Return the SQL that fixes how values are written, that no row is hidden and no name is another's."""
    settings = [f"set local {key} = {literal(value)};" for key, value in (FORMATS | ALL_ROWS).items()]
    return "\n".join([*settings, as_ourselves()])


def limits() -> str:
    """Return the SQL that bounds how long statements run and wait, to the end of the transaction."""
    return "\n".join(f"set local {key} = {literal(value)};" for key, value in LIMITS.items())
