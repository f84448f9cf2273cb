"""Whether columns tell a table's rows apart, asked in bounded time however large the table is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import name
from maulstick.postgres.sql_problem import SqlProblem
from maulstick.postgres.tables.schema import TableSchema

FIRST = 2000
"""Rows that are asked first: most columns are refuted there."""
PATIENCE = 5
"""Seconds for a question to all rows of a table; where it takes longer, what is known by then stands."""
MOST_PATIENCE = 20
"""Seconds for all questions to all rows."""
WIDEST = 400
"""Characters of a value that may still be part of a key."""
CANCELLED = "57014"
"""The SQLSTATE of a statement that took too long."""
UNFIT = """
select coalesce(bool_or(n > 1 or has_long or has_null), false) from (
  select count(*) as n, bool_or({long}) as has_long, bool_or({none}) as has_null
  from (select {columns} from {table} limit {first}) as t group by {columns}) as keys
"""
"""Whether the first rows share values, or have none, or very long ones."""
TWINS = """
select exists (select from {table} where ({columns}) in (select {columns} from {table} limit {first})
  group by {columns} having count(*) > 1)
"""
"""Whether one of the first rows has a twin: cheaper to ask than whether any row has one."""
SHARED = "select exists (select from {table} group by {columns} having count(*) > 1 or ({none}))"
"""Whether any rows share values, or have none."""


@dataclass(slots=True)
class Uniqueness:
    """Which columns of which tables were found unique, and of which of them not all rows were asked."""

    database: Database
    patience: float = MOST_PATIENCE
    known: dict[tuple[str, ...], bool] = field(default_factory=dict)
    in_part: set[tuple[str, ...]] = field(default_factory=set)

    def holds(self, table: TableSchema, columns: tuple[str, ...]) -> bool:
        """Return whether no two rows share these values, which are short and not all null."""
        asked = (table.schema, table.name, *columns)
        if asked not in self.known:
            words = _words(table, columns)
            self.known[asked] = not (
                self.database.query(UNFIT.format(**words))[0][0]
                or self.is_true(TWINS.format(**words), table, columns)
                or self.is_true(SHARED.format(**words), table, columns)
            )
        return self.known[asked]

    def seen_of(self, table: TableSchema, columns: tuple[str, ...]) -> str:
        """Return in which rows columns were found unique."""
        is_part = (table.schema, table.name, *columns) in self.in_part
        return "the rows that were looked at" if is_part else "the rows of today"

    def is_true(self, question: str, table: TableSchema, columns: tuple[str, ...]) -> bool:
        """Return a table's answer about columns; false where it takes too long, which is noted."""
        started = time.monotonic()
        most = int(1000 * min(PATIENCE, max(self.patience, 0.001)))
        try:
            with self.database.transaction(opening=f"set local statement_timeout = {most};\n"):
                return bool(self.database.query(question)[0][0])
        except SqlProblem as problem:
            if problem.state != CANCELLED:
                raise
            self.in_part.add((table.schema, table.name, *columns))
            return False
        finally:
            self.patience -= time.monotonic() - started


def _words(table: TableSchema, columns: tuple[str, ...]) -> dict[str, str]:
    """Return what the questions are filled with."""
    texts = [f"{name(column)}::text" for column in columns]
    return {
        "table": name(table.schema, table.name),
        "columns": ", ".join(map(name, columns)),
        "long": " or ".join(f"length({text}) > {WIDEST}" for text in texts),
        "none": " and ".join(f"{name(column)} is null" for column in columns),
        "first": str(FIRST),
    }
