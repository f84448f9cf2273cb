"""What an author's own sandbox is made from: files of SQL, a folder of media, a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from maulstick.sandbox import databases, servers
from maulstick.sandbox.databases import OwnedDatabase
from maulstick.sandbox.state import State

BUCKET = servers.PUBLIC_BUCKET
LOCAL, PRODUCTION = "local", "production"
SECRETS = {LOCAL: "olivia", PRODUCTION: "olivia_art_portfolio"}
"""The secret that is the password of each database's role: every sandbox has both."""


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The schema of both databases, the rows of the local one, its media, and what starts the site.

    The site's command runs in `project`; without one there is no site.
    """

    schema: Path
    seed: Path | None
    media: Path | None
    site: str
    project: Path

    @property
    def names(self) -> str:
        """The files of SQL as people call them."""
        return f"{self.schema.name} and {self.seed.name}" if self.seed else self.schema.name

    def digest(self) -> str:
        """Compute a digest of the files of SQL; where it differs, the databases were made from others."""
        read = sha256()
        for file in filter(None, (self.schema, self.seed)):
            read.update(file.read_bytes() + b"\0")
        return read.hexdigest()[:16]

    def databases(self) -> tuple[OwnedDatabase, OwnedDatabase]:
        """Return both databases: the local one has the rows of the seed too."""
        files = [file for file in (self.schema, self.seed) if file]
        return _database(LOCAL, files), _database(PRODUCTION, [self.schema])


def passwords(state: State) -> Mapping[str, str]:
    """Return the password of each database's role."""
    return {role: state.secrets[name] for role, name in SECRETS.items()}


def addresses(folder: Path, state: State) -> Mapping[str, str]:
    """Return the address of each database."""
    server, known = servers.postgres_of(folder, state), passwords(state)
    return {name: server.url(name, role=name, password=known[name]) for name in SECRETS}


def environment(folder: Path, state: State) -> Mapping[str, str]:
    """Return what production's site finds in its environment."""
    storage = servers.storage_of(folder, state)
    return {
        "DATABASE_URL": addresses(folder, state)[PRODUCTION],
        "AWS_ACCESS_KEY_ID": storage.access_key,
        "AWS_SECRET_ACCESS_KEY": storage.secret_key,
        "AWS_REGION": "auto",
        "AWS_ENDPOINT_URL_S3": storage.address,
        "S3_BUCKET": BUCKET,
        "S3_PUBLIC_URL": f"{storage.address}/{BUCKET}",
    }


def _database(name: str, files: list[Path]) -> OwnedDatabase:
    return OwnedDatabase(name, name, "SUPERUSER", _played(files))


def _played(files: list[Path]) -> Callable[[str], None]:
    def fill(address: str) -> None:
        for file in files:
            databases.play(address, file)

    return fill
