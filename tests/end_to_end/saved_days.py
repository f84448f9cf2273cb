"""Days of the sandbox that are kept, so that a test can have one again at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from maulstick.sandbox import databases, servers
from tests.end_to_end.projects import BUCKET, Project

HEADERS = ("ContentType", "CacheControl", "Metadata")
CREATE = "create database {target} template {source} owner {role} strategy file_copy"


@dataclass(frozen=True, slots=True)
class Day:
    """A day by its name: each object with its headers, the bundle, and what code the site's machine ran."""

    name: str
    objects: dict[str, tuple[str, dict[str, Any]]]
    bundle: dict[str, bytes]
    code: str


def save(project: Project, name: str) -> Day:
    """Keep the sandbox as it is now."""
    _copy(project, {database.name: _kept(database, name) for database in databases.BOTH})
    bundle = {path.name: path.read_bytes() for path in project.bundle.glob("*")}
    return Day(name, _objects(project), bundle, _code(project))


def bring_back(project: Project, day: Day) -> bool:
    """Make rows, objects and bundle those of a day; False where the code is no longer that day's."""
    if _code(project) != day.code:
        return False
    _copy(project, {_kept(database, day.name): database.name for database in databases.BOTH})
    _bring_objects(project, day)
    _bring_bundle(project, day)
    return True


def _code(project: Project) -> str:
    machine = project.machine()
    return f"{machine.instance} {machine.state} {project.git('describe', '--always', '--dirty')}"


def _objects(project: Project) -> dict[str, tuple[str, dict[str, Any]]]:
    s3, found = project.s3(), {}
    for key, (etag, _) in project.objects().items():
        head = s3.head_object(Bucket=BUCKET, Key=key)
        found[key] = (etag, {name: head[name] for name in HEADERS if head.get(name)})
    return found


def _bring_objects(project: Project, day: Day) -> None:
    s3, now = project.s3(), _objects(project)
    for key in now.keys() - day.objects.keys():
        s3.delete_object(Bucket=BUCKET, Key=key)
    for key, (etag, headers) in day.objects.items():
        if now.get(key) != (etag, headers):
            s3.put_object(Bucket=BUCKET, Key=key, Body=(project.media / key).read_bytes(), **headers)


def _bring_bundle(project: Project, day: Day) -> None:
    shutil.rmtree(project.sandbox / "releases", ignore_errors=True)
    if day.bundle:
        project.bundle.mkdir(parents=True)
    for name, content in day.bundle.items():
        (project.bundle / name).write_bytes(content)


def _kept(database: databases.OwnedDatabase, day: str) -> str:
    return f"{database.name}_{day}"


def _copy(project: Project, names: dict[str, str]) -> None:
    roles = {database.name: database.role for database in databases.BOTH}
    with servers.postgres_of(project.sandbox, project.state).connect() as connection:
        for source, target in names.items():
            role = next(role for name, role in roles.items() if source.startswith(name))
            parts = {"source": source, "target": target, "role": role}
            given = {name: sql.Identifier(value) for name, value in parts.items()}
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [source]
            )
            connection.execute(sql.SQL("drop database if exists {target} with (force)").format(**given))
            connection.execute(sql.SQL(CREATE).format(**given))
