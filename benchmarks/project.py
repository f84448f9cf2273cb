"""A user's project: the shipped plugins and playbooks, a local database, a live one, and a bucket."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import command
import media_places
from command import Took

CHECKOUT = Path(__file__).parents[1]
NOBODY = "http://127.0.0.1:9"
"""An address where nobody answers."""
INVENTORY = """
default = "live"

[source]
database = "{source}"
media_root = "media"

[targets.live]
host = "direct"
site = "{site}"
environment = ".env.live"
addressing = "path"
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder; commands are typed in it."""

    folder: Path

    def invoke(self, *words: str) -> Took:
        """Run `invoke …`, in a Python that may keep its bytecode as it does for everybody."""
        quiet = {"PYTHONDONTWRITEBYTECODE": "", "NO_COLOR": "1"}
        return command.run([sys.executable, "-m", "invoke", *words], self.folder, quiet)

    @property
    def media(self) -> Path:
        """Return the folder of the media files."""
        return self.folder / "media"

    def goes_to(
        self,
        production: str,
        *,
        bucket: str = NOBODY,
        public: str = NOBODY,
        name: str = media_places.NAME,
        **_: str,
    ) -> None:
        """Name the live database, its bucket, and where visitors get the bucket's files."""
        values = {
            "DATABASE_URL": production,
            "AWS_ACCESS_KEY_ID": media_places.KEY_ID,
            "AWS_SECRET_ACCESS_KEY": media_places.SECRET,
            "AWS_ENDPOINT_URL_S3": bucket,
            "AWS_REGION": "us-east-1",
            "S3_BUCKET": name,
            "S3_PUBLIC_URL": public,
        }
        _write_environment(self.folder / ".env.live", values)


def made(folder: Path, source: str, production: str, **where: str) -> Project:
    """Write a project into a folder, for a local database and a live one."""
    project = _copied(folder)
    project.media.mkdir()
    site = where.get("site", NOBODY)
    (project.folder / "inventory.toml").write_text(INVENTORY.format(source=source, site=site))
    project.goes_to(production, **where)
    return project


def of_sandbox(folder: Path, inventory: str = "") -> Project:
    """Write a project whose target is the sandbox, and start it, with our own inventory or another."""
    project = _copied(folder)
    inventory = inventory or (CHECKOUT / "inventory.toml").read_text(encoding="utf-8")
    (project.folder / "inventory.toml").write_text(inventory, encoding="utf-8")
    project.invoke("sandbox.up")
    return project


def _copied(folder: Path) -> Project:
    project = Project(folder / "project")
    project.folder.mkdir()
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "plugins", project.folder / "plugins", ignore=ignored)
    shutil.copy(CHECKOUT / "tasks.py", project.folder)
    return project


def _write_environment(path: Path, values: Mapping[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
