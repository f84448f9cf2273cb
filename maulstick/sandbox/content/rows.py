"""Rows as the TOML files under `rows/` hold them, and their way into a database."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    import psycopg

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

TABLES = (
    "users",
    "users_tokens",
    "media",
    "series",
    "artworks",
    "media_images",
    "media_analyses",
    "annotations",
    "pages",
    "page_sections",
    "exhibitions",
    "press_features",
    "client_projects",
    "enquiries",
    "subscribers",
    "newsletters",
)  # parents before children
WITHOUT_UPDATED_AT = {"users_tokens"}

INSERT = "INSERT INTO {table} ({columns}) VALUES ({values})"
ADVANCE = "SELECT setval(pg_get_serial_sequence({name}, 'id'), max(id)) FROM {table} HAVING count(*) > 0"


def read(side: str) -> Rows:
    """Read the rows of one side, `source` or `production`, by table."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for path in sorted((Path(__file__).parent / "rows" / side).glob("*.toml")):
        for table, found in tomllib.loads(path.read_text("utf-8")).items():
            rows[table].extend(completed(table, row) for row in found)
    return rows


def completed(table: str, row: Row) -> Row:
    """Return the row with the `updated_at` of a row that was never edited."""
    if table in WITHOUT_UPDATED_AT:
        return row
    return {"updated_at": row["inserted_at"], **row}


def insert(connection: psycopg.Connection, rows: Rows) -> None:
    """Insert rows under their own ids and move each sequence past the highest; the caller commits."""
    with connection.pipeline():
        for table in TABLES:
            for row in rows[table]:
                connection.execute(statement(table, row), [parameter(value) for value in row.values()])
            connection.execute(advance(table))


def statement(table: str, row: Row) -> sql.Composed:
    """Return the INSERT of one row; rows of a table need not fill the same columns."""
    return sql.SQL(INSERT).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, row)),
        values=sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )


def advance(table: str) -> sql.Composed:
    """Compose the query after which a table's next id is free."""
    return sql.SQL(ADVANCE).format(name=sql.Literal(table), table=sql.Identifier(table))


def parameter(value: Any) -> Any:
    """Return a value as psycopg sends it: TOML's tables are jsonb."""
    return Jsonb(value) if isinstance(value, dict) else value
