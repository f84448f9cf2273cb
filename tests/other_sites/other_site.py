"""A small site with tables of its own, and what is typed in its folder as its owner types it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.commands import Started, run, start

NOBODY = "http://127.0.0.1:9"
"""An address where nobody answers."""
TASKS = """
from pathlib import Path

from maulstick.tasks import tasks_of

namespace = tasks_of(Path(__file__).parent)
"""
INVENTORY = """
default = "live"

[source]
database = "{database}"
media_root = "media"

[targets.live]
host = "direct"
site = "{site}"
environment = ".env.live"
addressing = "path"
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that has ended: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Return all that it said."""
        return self.out + self.err

    @property
    def last(self) -> str:
        """Return the last line of stdout."""
        return self.out.splitlines()[-1]


@dataclass(frozen=True, slots=True)
class OtherSite:
    """A project's folder with its two databases, `dev` and `live`; both connections commit."""

    folder: Path
    dev: psycopg.Connection = field(repr=False)
    live: psycopg.Connection = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)

    def invoke(self, *words: str, **environment: str) -> Typed:
        """Run `invoke …` in the folder; `environment` adds to the shell's."""
        ran = run(words, folder=self.folder, environment=self._shell(environment), timeout=600)
        return Typed(ran.returncode, ran.stdout, ran.stderr)

    def start(self, *words: str) -> Started:
        """Start a command that a test has to do with while it runs."""
        return start(words, folder=self.folder, environment=self._shell({}))

    def _shell(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **self.environment, **environment}

    def plugin(self, text: str, name: str = "art.py") -> None:
        """Write a plugin file."""
        (self.folder / "plugins" / name).write_text(text)

    def rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a question to the live database."""
        return self.live.execute(text.encode(), values or None).fetchall()

    def run_dev(self, text: str) -> None:
        """Run SQL in the local database."""
        self.dev.execute(text.encode())

    def run_live(self, text: str) -> None:
        """Run SQL in the live database."""
        self.live.execute(text.encode())

    def dotenv(self, **values: str) -> None:
        """Add lines to the target's environment file; the last of a name wins."""
        with (self.folder / ".env.live").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())


def made(
    folder: Path,
    dev: psycopg.Connection,
    live: psycopg.Connection,
    addresses: tuple[str, str],
    *,
    site: str = NOBODY,
    storage: str = NOBODY,
    public: str = f"{NOBODY}/media",
) -> OtherSite:
    """Write a site's folder; `addresses` are the local and the live database's."""
    for name in ("plugins", "media"):
        (folder / name).mkdir(parents=True)
    (folder / "playbooks").mkdir()
    (folder / "tasks.py").write_text(TASKS)
    (folder / "inventory.toml").write_text(INVENTORY.format(database=addresses[0], site=site))
    made_site = OtherSite(folder, dev, live)
    made_site.dotenv(
        DATABASE_URL=addresses[1],
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_ENDPOINT_URL_S3=storage,
        AWS_REGION="us-east-1",
        S3_BUCKET="gallery",
        S3_PUBLIC_URL=public,
    )
    return made_site
