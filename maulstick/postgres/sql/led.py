"""Columns by which rows name each other without an id: where one changes, its followers go along."""

from __future__ import annotations

from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.search_path import SAME
from maulstick.postgres.sql.temp_tables import CHANGE
from maulstick.postgres.tables.tables import TableSpec, TableSpecs

SETS = "c.sets"
"""The SQL of the columns to write of a changed row `c`."""
MEETS = "operator(pg_catalog.&&)"


def led_columns(spec: TableSpec, specs: TableSpecs) -> list[str]:
    """Return a table's columns that travelling rows name it by, and those by which it names such rows."""
    named = _named(specs)
    own = [column for link in spec.links if link.table in named for column in link.columns]
    return sorted({*own, *named.get(spec.label, ())}) if spec.travels else []


def is_led(specs: TableSpecs) -> str:
    """Return the SQL of whether a column changes by which other rows name its row."""
    renamed = " or ".join(
        f"c.table_name {SAME} {literal(table)} and {SETS} {MEETS} {literals(sorted(columns))}"
        for table, columns in _named(specs).items()
    )
    return f"exists (select from {CHANGE} as c where c.action {SAME} 'update' and ({renamed or 'false'}))"


def _named(specs: TableSpecs) -> dict[str, set[str]]:
    """Return the columns of each travelling table by which others name its rows."""
    columns: dict[str, set[str]] = {}
    for spec in specs.values():
        for link in spec.links:
            pointed = specs.get(link.table)
            if spec.travels and pointed is not None and pointed.travels:
                columns.setdefault(link.table, set()).update(set(link.target) & set(pointed.columns))
    return {table: found for table, found in columns.items() if found}
