"""A target's environment: the names that are asked for, and what their values mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from maulstick.errors import Problem, usage
from maulstick.opened import read_file
from maulstick.project.dsn import passwords_of
from maulstick.project.targets import Say, Target
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.s3.bucket import BucketAddress

DATABASE = "DATABASE_URL"
KEY_ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
ENDPOINT, REGION, PUBLIC = ("AWS_ENDPOINT_URL_S3", "S3_HOST"), "AWS_REGION", "S3_PUBLIC_URL"
BUCKET = ("S3_BUCKET", "BUCKET_NAME")
NAMES: Sequence[str] = (DATABASE, KEY_ID, SECRET, *ENDPOINT, REGION, *BUCKET, PUBLIC)
"""The only names that are asked of a running app (docs/fly-facts.md, "Tigris")."""

TIGRIS = ("fly.storage.tigris.dev", "t3.storage.dev")
"""Where a bucket's public address is known by its name."""


def database_url(environment: Mapping[str, Secret], target: Target) -> Secret:
    """Return DATABASE_URL as PostgreSQL's own programs take it, whichever driver it was written for."""
    return database_address(environment, target)[0]


def database_address(environment: Mapping[str, Secret], target: Target) -> tuple[Secret, Sequence[str]]:
    """Return DATABASE_URL as libpq takes it, and what is to be said of what it does not take."""
    from maulstick.postgres.connection import libpq_address

    address = libpq_address(needed(environment, DATABASE, target=target))
    if address is None:
        what = "is not the address of a PostgreSQL database"
        raise usage(
            f"{target.address or target.name}/{DATABASE}", what, "postgresql://USER:PASSWORD@HOST/NAME"
        )
    return address


def bucket_address(target: Target, environment: Mapping[str, Secret]) -> BucketAddress:
    """Find where the bucket is, from the app's environment."""
    from maulstick.s3.bucket import BucketAddress

    name = needed(environment, *BUCKET, target=target).reveal()
    endpoint = _endpoint(environment, target, name)
    if PUBLIC not in environment and endpoint.endswith(TIGRIS):
        environment = {**environment, PUBLIC: Secret(f"https://{name}.{TIGRIS[0]}")}
    return BucketAddress(
        endpoint=endpoint,
        region=(environment.get(REGION) or Secret("auto")).reveal(),
        name=name,
        key_id=needed(environment, KEY_ID, target=target),
        secret=needed(environment, SECRET, target=target),
        addressing=target.addressing,
        acl=target.acl,
        public_url=needed(environment, PUBLIC, target=target).reveal().rstrip("/"),
        conditional_writes=target.conditional_writes,
    )


def _endpoint(environment: Mapping[str, Secret], target: Target, name: str) -> str:
    value = needed(environment, *ENDPOINT, target=target).reveal().rstrip("/")
    endpoint = value if "://" in value else f"https://{value}"
    where, hint = f"{target.address or target.name}/{' or '.join(ENDPOINT)}", "the server alone: https://HOST"
    if not _is_server(endpoint):
        raise usage(where, "is not the address of a server", hint)
    if urlsplit(endpoint).path == f"/{name}":
        raise usage(where, f'ends with the bucket, "{name}"', hint)
    return endpoint


def _is_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.port != 0 and bool(parts.hostname)
    except ValueError:
        return False


def secrets_of(environment: Mapping[str, Secret]) -> list[Secret]:
    """Return the values that must never be seen: the database's password and the bucket's keys."""
    secrets = [environment[name] for name in (DATABASE, KEY_ID, SECRET) if name in environment]
    return [*secrets, *(passwords_of(environment[DATABASE]) if DATABASE in environment else ())]


def needed(environment: Mapping[str, Secret], *names: str, target: Target) -> Secret:
    """Find the first of the names that is set; a problem that names them where none is."""
    for name in names:
        if name in environment:
            return environment[name]
    where = f"{target.address or target.name}/{' or '.join(names)}"
    raise Problem(where, *target.kind.unset(target, names[0]))


def values_of_file(file: Path, where: str) -> Mapping[str, str | None]:
    """Return the values of a dotenv file; one that cannot be read is a problem (exit 2)."""
    from dotenv import dotenv_values

    if not file.is_file():
        raise usage(where, f'"{file.name}" does not exist', f"it is looked for at {file}")
    try:
        return dotenv_values(stream=StringIO(read_file(file).decode(), newline=None))
    except OSError as error:
        raise usage(where, f'"{file.name}" cannot be read: {(error.strerror or "").lower()}') from error
    except UnicodeDecodeError as error:
        raise usage(where, f'"{file.name}" is not UTF-8 text', "save it as UTF-8") from error


class Once:
    """Says once what an address of a database means for another driver."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said: set[str] = set()

    def plain(self, url: Secret, where: str) -> Secret:
        """Return an address as libpq takes it; one that is none stays as it is."""
        from maulstick.postgres.connection import libpq_address

        address = libpq_address(url)
        return url if address is None else self.told(address, where)

    def told(self, address: tuple[Secret, Sequence[str]], where: str) -> Secret:
        """Return an address and say what is to be said of it."""
        url, notes = address
        for line in dict.fromkeys(f"{where}: {note}" for note in notes):
            if line not in self._said:
                self._said.add(line)
                self._say(line)
        return url
