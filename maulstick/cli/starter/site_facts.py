"""What a site's own folder says of it: its framework, its local database, its media, its app on Fly."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.cli.starter.site_databases import database_of, text_of
from maulstick.project.dsn import parse

MEDIA = ("priv/static", "media", "public", "storage/app/public", "static", "uploads")
"""Folders below which frameworks keep what is uploaded, the likeliest first."""
UPLOADS = ("uploads", "media", "images", "files")
FRAMEWORKS = {
    "Phoenix": (("mix.exs",), 4000),
    "Rails": (("Gemfile", "config/database.yml"), 3000),
    "Django": (("manage.py",), 8000),
    "Laravel": (("artisan",), 8000),
    "Symfony": (("bin/console", "composer.json"), 8000),
    "Next.js": (("package.json", "next.config.*"), 3000),
    "Rust": (("Cargo.toml",), 8080),
    "Go": (("go.mod",), 8080),
    "Node": (("package.json",), 3000),
}
"""The files that show a framework, and the port where its development server answers."""
HARMLESS = ("host", "port", "user", "dbname", "sslmode", "service")
"""Parameters of an address that hold no secret, and that libpq knows."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is known of a site; "" where it is not. `database` holds no password."""

    folder: Path
    framework: str = ""
    database: str = ""
    has_password: bool = False
    media_root: str = ""
    local_site: str = ""
    app: str = ""
    live_site: str = ""


def facts_of(folder: Path) -> SiteFacts:
    """Return what the folder of a site says of it; a file that cannot be read says nothing."""
    framework = next((name for name, (marks, _) in FRAMEWORKS.items() if _has(folder, marks)), "")
    app = _fly_app(folder)
    database, has_password = without_password(database_of(folder))
    return SiteFacts(
        folder,
        framework=framework,
        database=database,
        has_password=has_password,
        media_root=_media_root(folder),
        local_site=f"http://localhost:{FRAMEWORKS[framework][1]}" if framework else "",
        app=app,
        live_site=f"https://{app}.fly.dev" if app else "",
    )


def without_password(url: str) -> tuple[str, bool]:
    """Return an address without its password and parameters of other drivers, and whether it had one.

    A password that is `${NAME}` is read from the environment, and stays.
    """
    address = parse(url) if url else None
    if address is None or "${" in url:
        return url, False
    kept = tuple((name, value) for name, value in address.parameters if name in HARMLESS)
    has_password = bool(address.password) or any("password" in name.lower() for name, _ in address.parameters)
    if not has_password and kept == address.parameters:
        return url, False
    return replace(address, password=None, parameters=kept).text(), has_password


def _has(folder: Path, marks: tuple[str, ...]) -> bool:
    with suppress(OSError):
        return all(any(path.is_file() for path in folder.glob(mark)) for mark in marks)
    return False


def _fly_app(folder: Path) -> str:
    with suppress(tomllib.TOMLDecodeError):
        app = tomllib.loads(text_of(folder / "fly.toml")).get("app")
        return app if isinstance(app, str) else ""
    return ""


def _media_root(folder: Path) -> str:
    there = [name for name in MEDIA if _is_folder(folder / name)]
    with_uploads = (name for name in there if any(_is_folder(folder / name / one) for one in UPLOADS))
    return next(with_uploads, there[0] if there else "")


def _is_folder(path: Path) -> bool:
    with suppress(OSError):
        return path.is_dir()
    return False
