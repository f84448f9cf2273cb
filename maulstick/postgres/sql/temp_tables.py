"""Names of the temporary tables that a release works in, and how their rows are found in the target."""

from __future__ import annotations

from maulstick.postgres.quoting import fitting, name
from maulstick.postgres.tables.equality import equal, equal_or_null
from maulstick.postgres.tables.tables import Shape

CHANGE = 'pg_temp."maulstick_change"'
DIFFERS = 'pg_temp."maulstick_differs"'
PROBLEM = 'pg_temp."maulstick_problem"'
DEFAULTS = 'pg_temp."maulstick_default"'
KNOWN = 'pg_temp."maulstick_base"'
RENAMES = 'pg_temp."maulstick_rename"'
DOOMED = 'pg_temp."maulstick_doomed"'
FOUND = 'pg_temp."maulstick_found"'
"""Where in production the rows are that were looked up by their keys (`find.py`)."""
RESTORES = 'pg_temp."maulstick_restore"'
TAKES = 'pg_temp."maulstick_take"'
HELD = 'pg_temp."maulstick_held"'
ASIDE = 'pg_temp."maulstick_aside"'
RESULT = 'pg_temp."maulstick_result"'
UNDOING = 'pg_temp."maulstick_undoing"'
"""The changes of the release that a rollback undoes, without the rows that stay as they are."""
UNDID = 'pg_temp."maulstick_undid"'
"""What the rollback itself wrote into the ledger, and what base was before it."""


LATER = 'pg_temp."maulstick_later"'
"""Of the rows of the release that is undone, the first change after it."""


def stage(shape: Shape) -> str:
    """Return the table of the rows as they came: references are keys."""
    return name("pg_temp", fitting(f"maulstick_stage_{shape.label}"))


def keys(shape: Shape) -> str:
    """Return the table that knows each staged row's key and its row in production."""
    return name("pg_temp", fitting(f"maulstick_key_{shape.label}"))


def ready(shape: Shape) -> str:
    """Return the table of the rows to write: references are production's ids."""
    return name("pg_temp", fitting(f"maulstick_write_{shape.label}"))


def real(shape: Shape) -> str:
    """Return the table itself."""
    return name(shape.schema, shape.name)


def written(shape: Shape) -> str:
    """Return the SQL that says `t` of the target is the row to write `w`, which is known by `k`."""
    if shape.surrogate:
        return by_id(shape)
    pairs = ((column, f"t.{name(column)}", f"w.{name(column)}") for column in shape.key)
    return " and ".join(
        equal_or_null(there, here) if column in shape.nullable else equal(there, here, shape.types[column])
        for column, there, here in pairs
    )


def by_id(shape: Shape) -> str:
    """Return the SQL that says `t` of the target has the id that is known by `k`."""
    return equal(f"t.{name(shape.surrogate or '')}", "k.id", shape.id_type)
