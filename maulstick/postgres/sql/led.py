"""Columns by which rows name each other without an id: where one changes, its followers go along."""

from __future__ import annotations

from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.search_path import SAME
from maulstick.postgres.sql.temp_tables import CHANGE
from maulstick.postgres.tables.tables import Shape, Shapes

SETS = "c.sets"
"""The SQL of the columns to write of a changed row `c`."""
MEETS = "operator(pg_catalog.&&)"


def led_columns(shape: Shape, shapes: Shapes) -> list[str]:
    """Return a table's columns that travelling rows name it by, and those by which it names such rows."""
    named = _named(shapes)
    own = [column for link in shape.links if link.table in named for column in link.columns]
    return sorted({*own, *named.get(shape.label, ())}) if shape.travels else []


def is_led(shapes: Shapes) -> str:
    """Return the SQL of whether a column changes by which other rows name its row."""
    renamed = " or ".join(
        f"c.table_name {SAME} {literal(table)} and {SETS} {MEETS} {literals(sorted(columns))}"
        for table, columns in _named(shapes).items()
    )
    return f"exists (select from {CHANGE} as c where c.action {SAME} 'update' and ({renamed or 'false'}))"


def _named(shapes: Shapes) -> dict[str, set[str]]:
    """Return the columns of each travelling table by which others name its rows."""
    columns: dict[str, set[str]] = {}
    for shape in shapes.values():
        for link in shape.links:
            pointed = shapes.get(link.table)
            if shape.travels and pointed is not None and pointed.travels:
                columns.setdefault(link.table, set()).update(set(link.target) & set(pointed.columns))
    return {table: found for table, found in columns.items() if found}
