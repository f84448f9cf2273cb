"""The same rows brought over by hand, by psql: no diff, no guard, no ledger, no undo."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
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
SERIES_COLUMNS = ("id", "title", "slug", "summary", "published")
SERIES = """insert into series (id, title, slug, summary, published, inserted_at, updated_at)
  values ({values}, now(), now()) on conflict (id) do update
  set title = excluded.title, summary = excluded.summary, updated_at = now();
"""
Rows = list[tuple[Any, ...]]


def write_upserts(source: str, file: Path, *, where: str = "true") -> None:
    """Write the statements as a person would: a thousand rows each, one transaction."""
    series, rows = _read(source, where)
    names = f"insert into artworks ({NAMES}, inserted_at, updated_at) values\n"
    with file.open("w", encoding="utf-8") as out:
        out.write("begin;\n" + "".join(_series(series)))
        for start in range(0, len(rows), A_STATEMENT):
            lines = ",\n".join(f"({_values(row)}, now(), now())" for row in rows[start : start + A_STATEMENT])
            out.write(f"{names}{lines}\n{ON_CONFLICT};\n")
        out.write("commit;\n")


def write_copy(source: str, file: Path) -> None:
    """Write the least that brings rows over: COPY into a temporary table, and one upsert of it."""
    with psycopg.connect(source) as connection, file.open("wb") as out:
        series, _ = _read(source, "true")
        out.write(("begin;\n" + "".join(_series(series))).encode())
        out.write(f"create temp table t on commit drop as select {NAMES} from artworks limit 0;\n".encode())
        out.write(f"copy t ({NAMES}) from stdin;\n".encode())
        with connection.cursor().copy(f"copy (select {NAMES} from artworks) to stdout".encode()) as rows:
            for row in rows:
                out.write(row)
        insert = (
            f"insert into artworks ({NAMES}, inserted_at, updated_at) select {NAMES}, now(), now() from t"
        )
        out.write(f"\\.\n{insert} {ON_CONFLICT};\ncommit;\n".encode())


def psql(database: str, file: Path) -> list[str]:
    """Return the command that runs a file."""
    return [_program(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), database]


def sorted_and_hashed(database: str) -> list[str]:
    """Return the command that reads the artworks sorted, and hashes them: the least of an export."""
    select = f'copy (select {NAMES} from artworks order by slug collate "C") to stdout'
    return ["sh", "-c", f"""{_program()} -X -q -c '{select}' '{database}' | sha256sum"""]


def _read(source: str, where: str) -> tuple[Rows, ...]:
    with psycopg.connect(source) as connection:
        series = f"select {', '.join(SERIES_COLUMNS)} from series where {where}"
        artworks = f"select {NAMES} from artworks where series_id in (select id from series where {where})"
        found = (
            connection.execute(text.encode()).fetchall() for text in (series, f"{artworks} order by slug")
        )
        return next(found), next(found)


def _series(rows: Rows) -> Iterator[str]:
    return (SERIES.format(values=_values(row)) for row in rows)


def _values(row: tuple[Any, ...]) -> str:
    return ", ".join(sql.Literal(value).as_string(None) for value in row)


def _program() -> str:
    return shutil.which("psql") or "psql"
