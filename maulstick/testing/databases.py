"""The suite's own PostgreSQL, and databases of the author's schema in it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from maulstick.errors import Problem
from maulstick.sandbox import databases, programs
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import free_port

NEEDS = Problem(
    "maulstick.testing", "needs a PostgreSQL server of its own", "pip install 'maulstick[sandbox]'", code=2
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two databases: its address, and a connection that commits each statement."""

    url: str = field(repr=False)
    connection: psycopg.Connection = field(repr=False)

    def run(self, text: str, *values: object) -> None:
        """Run SQL; a value stands for each `%s` in it."""
        self.connection.execute(text.encode(), values or None)

    def rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """List the rows of a query."""
        return self.connection.execute(text.encode(), values or None).fetchall()

    def value(self, text: str, *values: object) -> Any:
        """Return the only value of a query."""
        [(value,)] = self.rows(text, *values)
        return value


@dataclass(frozen=True, slots=True)
class SharedServer:
    """A server for the whole suite: each schema is read once, and copied for each test."""

    postgres: Postgres = field(repr=False)
    templates: dict[Path, str] = field(default_factory=dict)

    @contextmanager
    def side(self, name: str, schema: Path) -> Iterator[Side]:
        """Make a database of a schema for the block."""
        template = self._template(schema)
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        with self.postgres.connect() as server:
            server.execute(sql.SQL("create database {name} template {template}").format(**names))
            try:
                with self.postgres.connect(name) as connection:
                    yield Side(self.postgres.url(name), connection)
            finally:
                server.execute(sql.SQL("drop database {name} with (force)").format(**names))

    def _template(self, schema: Path) -> str:
        if schema not in self.templates:
            name = f"schema_{len(self.templates)}"
            with self.postgres.connect() as server:
                server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
                server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            databases.play(self.postgres.url(name), schema)
            self.templates[schema] = name
        return self.templates[schema]


@contextmanager
def running(folder: Path) -> Iterator[SharedServer]:
    """Start a server on a free port for the block; what it holds is deleted with it."""
    user = programs.unprivileged()
    home = programs.home(folder, user)
    postgres = Postgres(home, folder / "postgres.log", free_port(), secrets.token_hex(16), user)
    try:
        process = postgres.up()
    except ImportError as error:
        raise NEEDS from error
    except Problem as problem:
        raise (NEEDS if str(problem) == str(programs.missing()) else problem) from None
    try:
        yield SharedServer(postgres)
    finally:
        postgres.down(process)
        shutil.rmtree(home, ignore_errors=True)
