"""The same rows brought over by hand: three ways without a diff, a guard, a ledger or an undo."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

COLUMNS = (
    *("title", "slug", "year", "medium", "dimensions", "status", "price_cents", "currency", "location"),
    *("description_md", "position", "featured", "published", "image_url", "series_id"),
)
A_STATEMENT = 1000
NAMES = ", ".join(COLUMNS)
SET = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column != "slug")
ON_CONFLICT = f"on conflict (slug) do update set {SET}, updated_at = now()"
SERIES = """insert into series (id, title, slug, summary, published, inserted_at, updated_at)
  values (1, 'Everything', 'everything', 'All of it.', true, now(), now())
  on conflict (id) do update set title = excluded.title, summary = excluded.summary, updated_at = now()"""
Rows = list[tuple[Any, ...]]


def read(source: str) -> Rows:
    """Return the source's artworks."""
    with psycopg.connect(source) as connection:
        return connection.execute(f"select {NAMES} from artworks order by slug".encode()).fetchall()


def write_sql(source: str, file: Path) -> None:
    """Write the statements as a person would: a thousand rows each, one transaction."""
    names = sql.SQL(f"insert into artworks ({NAMES}, inserted_at, updated_at) values\n")
    rows = read(source)
    with file.open("w", encoding="utf-8") as out:
        out.write(f"begin;\n{SERIES};\n")
        for start in range(0, len(rows), A_STATEMENT):
            lines = ",\n".join(_line(row) for row in rows[start : start + A_STATEMENT])
            out.write(f"{names.as_string(None)}{lines}\n{ON_CONFLICT};\n")
        out.write("commit;\n")


def by_psql(production: str, file: Path) -> None:
    """Run the statements by psql."""
    program = shutil.which("psql") or "psql"
    subprocess.run([program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), production], check=True)


def by_executemany(production: str, rows: Rows) -> None:
    """Send one statement for each row, pipelined by psycopg."""
    values = ", ".join([*["%s"] * len(COLUMNS), "now()", "now()"])
    insert = f"insert into artworks ({NAMES}, inserted_at, updated_at) values ({values}) {ON_CONFLICT}"
    with psycopg.connect(production) as connection, connection.cursor() as cursor:
        cursor.execute(SERIES.encode())
        cursor.executemany(insert.encode(), rows)


def by_copy(production: str, rows: Rows) -> None:
    """Copy into a temporary table and upsert it in one statement: the floor."""
    with psycopg.connect(production) as connection, connection.cursor() as cursor:
        cursor.execute(SERIES.encode())
        cursor.execute(
            f"create temp table t on commit drop as select {NAMES} from artworks with no data".encode()
        )
        with cursor.copy(f"copy t ({NAMES}) from stdin".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"insert into artworks ({NAMES}, inserted_at, updated_at)"
            f" select {NAMES}, now(), now() from t {ON_CONFLICT}".encode()
        )


def _line(row: tuple[Any, ...]) -> str:
    values = ", ".join(sql.Literal(value).as_string(None) for value in row)
    return f"({values}, now(), now())"
