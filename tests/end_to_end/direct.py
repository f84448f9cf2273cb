"""Targets without Fly: the sandbox's own servers, reached by what stands in dotenv files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from maulstick.sandbox import databases, servers
from tests.end_to_end.projects import BUCKET, Project

INVENTORY = """
default = "live"

[source]
database = "{database}"
media_root = "{media}"
checkout = "{checkout}"

[targets.live]
host = "direct"
site = "{site}"
environment = ".env.live"
addressing = "path"

[targets.staging]
host = "direct"
site = "{site}"
environment = ".env.staging"
addressing = "path"

[groups]
all = ["staging", "live"]
"""
NO_FLY = '#!/bin/sh\necho "$@" >> {called}\nexit 1\n'


def values(project: Project, database: str) -> dict[str, str]:
    """Return the environment of a target whose rows are in that database."""
    storage = servers.storage_of(project.sandbox, project.state)
    return {
        "DATABASE_URL": project.address(replace(databases.PRODUCTION, name=database)),
        "AWS_ACCESS_KEY_ID": storage.access_key,
        "AWS_SECRET_ACCESS_KEY": storage.secret_key,
        "AWS_ENDPOINT_URL_S3": storage.address,
        "S3_BUCKET": BUCKET,
        "S3_PUBLIC_URL": f"{project.site}/media",
    }


def save(file: Path, found: Mapping[str, str]) -> None:
    """Write a dotenv file."""
    file.write_text("".join(f"{name}={value}\n" for name, value in found.items()))


def without_fly(project: Project) -> Project:
    """Give a project the targets live and staging, and a `fly` that only writes down that it was called."""
    source = project.address(databases.SOURCE)
    checkout = project.sandbox / "checkout"
    text = INVENTORY.format(database=source, media=project.media, checkout=checkout, site=project.site)
    (project.folder / "inventory.toml").write_text(text)
    for name, database in (("live", databases.PRODUCTION.name), ("staging", "staging")):
        save(project.folder / f".env.{name}", values(project, database))
    programs = project.folder / "bin"
    programs.mkdir()
    (programs / "fly").write_text(NO_FLY.format(called=project.folder / "fly-was-called"))
    (programs / "fly").chmod(0o755)
    return replace(project, environment={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"})


@contextmanager
def second_database(project: Project) -> Iterator[None]:
    """Keep a copy of production, called staging, for the block."""
    parts = {
        "of": sql.Identifier(databases.PRODUCTION.name),
        "role": sql.Identifier(databases.PRODUCTION.role),
    }
    server = servers.postgres_of(project.sandbox, project.state)
    with server.connect() as admin:
        _drop(admin)
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [databases.PRODUCTION.name],
        )
        admin.execute(sql.SQL("create database staging template {of} owner {role}").format(**parts))
    yield
    with server.connect() as admin:
        _drop(admin)


def staging(project: Project, query: str) -> list[tuple[object, ...]]:
    """Ask the second database for rows, or run a statement that has none."""
    return project.rows(query, side=replace(databases.PRODUCTION, name="staging"))


def _drop(admin: psycopg.Connection) -> None:
    admin.execute("drop database if exists staging with (force)")
