"""The sandbox's two databases, each kept as a template of its first day."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from maulstick.errors import Exit, Problem
from maulstick.sandbox import content, programs
from maulstick.sandbox.postgres import Postgres

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class OwnedDatabase:
    """A database with the role that owns it, and what fills it at an address."""

    name: str
    role: str
    rights: str
    fill: Callable[[str], None]

    @property
    def template(self) -> str:
        """The name of the template that holds its first day."""
        return f"{self.name}_first_day"


def _gallery(rows: Callable[[psycopg.Connection], None]) -> Callable[[str], None]:
    """Return what makes the gallery's tables, with these rows."""

    def fill(address: str) -> None:
        import psycopg

        with psycopg.connect(address) as filled:
            filled.execute(content.schema_sql().encode())
            rows(filled)

    return fill


SOURCE = OwnedDatabase("olivia_dev", "olivia", "NOSUPERUSER", _gallery(content.fill_source))
PRODUCTION = OwnedDatabase(
    "olivia_art_portfolio", "olivia_art_portfolio", "SUPERUSER", _gallery(content.fill_production)
)  # the role is a superuser as on Fly
BOTH = (SOURCE, PRODUCTION)
OWNER = "pg_dump --no-owner --no-privileges names no roles"
PSQL = re.compile(r"psql:.*?:(\d+): (.*)", re.DOTALL)
"""What psql says of a file: the line, and PostgreSQL's own words."""


def exist(server: Postgres, both: Sequence[OwnedDatabase] = BOTH) -> bool:
    """Return whether both databases exist."""
    with server.connect() as connection:
        names = [database.name for database in both]
        found = connection.execute("SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [names])
        return found.fetchone() == (len(both),)


def restore(
    server: Postgres, passwords: Mapping[str, str], *, edition: str, both: Sequence[OwnedDatabase] = BOTH
) -> None:
    """Make both databases as on their first day; a template of another edition is made again.

    Where a template cannot be made, both databases stay as they are.
    """
    with ThreadPoolExecutor() as pool:
        for made in [pool.submit(_prepare, server, each, passwords[each.role], edition) for each in both]:
            made.result()
        for done in [pool.submit(_restore, server, each) for each in both]:
            done.result()


def play(address: str, file: Path) -> None:
    """Run a file of SQL as psql does: pg_dump writes commands of psql into it.

    What PostgreSQL refuses is a problem (exit 2), which names the file and the line.
    """
    words, environment = client("psql", address)
    command = [*words, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file)]
    shell = {**os.environ, **environment, "PGOPTIONS": "-c client_min_messages=warning"}
    done = subprocess.run(command, env=shell, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    found = PSQL.match(done.stderr.strip())
    where, what = (f"{file.name}:{found[1]}", found[2]) if found else (file.name, done.stderr.strip())
    hint = OWNER if "role" in what and "does not exist" in what else ""
    raise Problem(where, what, hint, code=Exit.USAGE)


def answers(address: str, text: str) -> Iterator[str]:
    """Run SQL that commits; give each row as `a | b`, and for a statement without rows what was done.

    A null is shown as `null`. What PostgreSQL refuses is a problem (exit 4).
    """
    import psycopg

    try:
        with psycopg.connect(address, autocommit=True) as connection:
            answer = connection.execute(text.encode())
            more: bool | None = True
            while more:
                if answer.description is None:
                    yield answer.statusmessage or ""
                else:
                    rows = answer.fetchall()
                    yield from (
                        " | ".join("null" if one is None else str(one) for one in row) for row in rows
                    )
                more = answer.nextset()
    except psycopg.Error as error:
        raise Problem("sandbox: postgres", str(error).strip()) from error


def client(program: str, address: str) -> tuple[list[str], Mapping[str, str]]:
    """Return the command of a client of PostgreSQL for a database, and what it adds to the environment.

    The password is there: everybody can read the arguments of a process.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    own = programs.own_program(program) or shutil.which(program)
    if own is None:
        raise Problem("sandbox", f"found no {program}", "install PostgreSQL's client programs")
    known = conninfo_to_dict(address)
    password = known.pop("password", None)
    return [own, "-d", make_conninfo("", **known)], {"PGPASSWORD": str(password)} if password else {}


def _prepare(server: Postgres, database: OwnedDatabase, password: str, edition: str) -> None:
    with server.connect() as connection:
        # The server finishes a statement of a command that was killed: wait until it has.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [database.name])
        if _edition(connection, database) != edition:
            _make_role(connection, database, password)
            _make_template(connection, server, database, password, edition)


def _restore(server: Postgres, database: OwnedDatabase) -> None:
    with server.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [database.name])
        _drop(connection, database.name)
        _create(connection, database.name, database.template, database.role)


def _edition(connection: psycopg.Connection, database: OwnedDatabase) -> str | None:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    found = connection.execute(query, [database.template]).fetchone()
    return found[0] if found else None


def _make_role(connection: psycopg.Connection, database: OwnedDatabase, password: str) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [database.role]).fetchone()
    verb = sql.SQL("CREATE ROLE" if known is None else "ALTER ROLE")
    statement = sql.SQL("{verb} {role} LOGIN {rights} PASSWORD {password}").format(
        verb=verb,
        role=sql.Identifier(database.role),
        rights=sql.SQL(database.rights),
        password=sql.Literal(password),
    )
    connection.execute(statement)


def _make_template(
    connection: psycopg.Connection, server: Postgres, database: OwnedDatabase, password: str, edition: str
) -> None:
    making = f"{database.name}_making"
    _drop(connection, making)
    _create(connection, making, "template0", database.role)
    url = server.url(making, role=database.role, password=password)
    database.fill(url)
    _drop(connection, database.template)
    names = {"making": sql.Identifier(making), "template": sql.Identifier(database.template)}
    # The comment marks a complete template: without it, the next command starts over.
    for statement in (
        sql.SQL("ALTER DATABASE {making} RENAME TO {template}"),
        sql.SQL("ALTER DATABASE {template} ALLOW_CONNECTIONS false"),
        sql.SQL("COMMENT ON DATABASE {template} IS {edition}"),
    ):
        connection.execute(statement.format(**names, edition=sql.Literal(edition)))


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(connection: psycopg.Connection, name: str, template: str, role: str) -> None:
    statement = sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {role}")
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template), "role": sql.Identifier(role)}
    connection.execute(statement.format(**names))
