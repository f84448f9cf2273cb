"""A sandbox after its first release, kept so that a test can have it again at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from projects import Project, reset
from psycopg import sql

from maulstick.sandbox import databases, servers


@dataclass(frozen=True, slots=True)
class Day:
    """What is not in the databases: the bucket's objects, the site's machine and the checkout."""

    objects: dict[str, Any]
    machine: str
    head: str


def released(project: Project, days: list[Day]) -> None:
    """Make the sandbox as after the first release: quickly if only rows were changed since."""
    if days and _outside(project) == days[0]:
        for database in databases.BOTH:
            _copy(project, database, source=_kept(database), target=database.name)
        return
    reset(project)
    assert project.release().code == 0
    for database in databases.BOTH:
        _copy(project, database, source=database.name, target=_kept(database))
    days[:] = [_outside(project)]


def _outside(project: Project) -> Day:
    machine = project.machine()
    objects = {key: etag for key, (etag, _) in project.objects().items()}
    return Day(objects, f"{machine.instance} {machine.state}", project.git("describe", "--always", "--dirty"))


def _kept(database: databases.Database) -> str:
    return f"{database.name}_released"


def _copy(project: Project, database: databases.Database, *, source: str, target: str) -> None:
    names = {"target": sql.Identifier(target), "source": sql.Identifier(source)}
    role = sql.Identifier(database.role)
    end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
    with servers.postgres_of(project.sandbox, project.state).connect() as connection:
        connection.execute(end, [source])
        connection.execute(sql.SQL("drop database if exists {target} with (force)").format(**names))
        create = sql.SQL("create database {target} template {source} owner {role}")
        connection.execute(create.format(**names, role=role))
