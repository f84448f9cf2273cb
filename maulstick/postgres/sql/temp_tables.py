"""Names of the temporary tables that a release works in, and how their rows are found in the target."""

from __future__ import annotations

from maulstick.postgres.quoting import fitting, name
from maulstick.postgres.tables.equality import equal, equal_or_null
from maulstick.postgres.tables.specs import TableSpec

CHANGE = 'pg_temp."maulstick_change"'
DIFFERS = 'pg_temp."maulstick_differs"'
PROBLEM = 'pg_temp."maulstick_problem"'
DEFAULTS = 'pg_temp."maulstick_default"'
KNOWN = 'pg_temp."maulstick_base"'
RENAMES = 'pg_temp."maulstick_rename"'
DOOMED = 'pg_temp."maulstick_doomed"'
FOUND = 'pg_temp."maulstick_found"'
"""Where in production the rows are that were looked up by key (`identity/lookup.py`)."""
BROUGHT = 'pg_temp."maulstick_brought"'
"""Base as the bundle brings it (`bases.py`)."""
RESTORES = 'pg_temp."maulstick_restore"'
TAKES = 'pg_temp."maulstick_take"'
HIDDEN = 'pg_temp."maulstick_hidden"'
"""The rows that go in hidden, and are new there or were hidden before (`hiding.py`)."""
HELD = 'pg_temp."maulstick_held"'
ASIDE = 'pg_temp."maulstick_aside"'
RESULT = 'pg_temp."maulstick_result"'
UNDOING = 'pg_temp."maulstick_undoing"'
"""The changes of the release to undo, without the rows that stay as they are."""
UNDID = 'pg_temp."maulstick_undid"'
"""What the rollback itself recorded in the ledger, and the base before it."""


LATER = 'pg_temp."maulstick_later"'
"""The first later change of each row of the release to undo."""


def stage(spec: TableSpec) -> str:
    """Return the table of the rows as they were sent: references are keys."""
    return name("pg_temp", fitting(f"maulstick_stage_{spec.label}"))


def keys(spec: TableSpec) -> str:
    """Return the table of each staged row's key and its row in production."""
    return name("pg_temp", fitting(f"maulstick_key_{spec.label}"))


def ready(spec: TableSpec) -> str:
    """Return the table of the rows to write: references are production's ids."""
    return name("pg_temp", fitting(f"maulstick_write_{spec.label}"))


def real(spec: TableSpec) -> str:
    """Return the table itself."""
    return name(spec.schema, spec.name)


def written(spec: TableSpec) -> str:
    """Compose the SQL of whether `t` of the target is the row to write `w`, whose key is in `k`."""
    if spec.surrogate:
        return by_id(spec)
    pairs = ((column, f"t.{name(column)}", f"w.{name(column)}") for column in spec.key)
    return " and ".join(
        equal_or_null(there, here) if column in spec.nullable else equal(there, here, spec.types[column])
        for column, there, here in pairs
    )


def by_id(spec: TableSpec) -> str:
    """Compose the SQL of whether `t` of the target has the id in `k`."""
    return equal(f"t.{name(spec.surrogate or '')}", "k.id", spec.id_type)


def is_found(alias: str = "t") -> str:
    """Compose the SQL of whether a row of the target is the one at the place in `f`."""
    return f"{alias}.tableoid = f.o and {alias}.ctid = f.c"
