"""What a site's own folder says of it: its framework, its local database, its media, its app on Fly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from dotenv import dotenv_values

from maulstick.project.dsn import parse

ENVIRONMENTS = (".env.local", ".env.development.local", ".env.development", ".env")
MEDIA = ("priv/static", "media", "public", "storage/app/public", "static", "uploads")
"""Folders below which frameworks keep what is uploaded, the likeliest first."""
UPLOADS = ("uploads", "media", "images", "files")


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
    facts = SiteFacts(folder, media_root=_media_root(folder))
    for framework, (mark, site, database) in FRAMEWORKS.items():
        if (folder / mark).is_file():
            facts = replace(facts, framework=framework, local_site=site)
            url = _from_environment(folder) or database(folder)
            break
    else:
        url = _from_environment(folder)
    app = _fly_app(folder)
    live = f"https://{app}.fly.dev" if app else ""
    plain, has_password = without_password(url)
    return replace(facts, database=plain, has_password=has_password, app=app, live_site=live)


def without_password(url: str) -> tuple[str, bool]:
    """Return an address of a database without its password, and whether it had one."""
    address = parse(url) if url else None
    if address is None or not address.password:
        return url, False
    return replace(address, password=None).text(), True


def _from_environment(folder: Path) -> str:
    for name in ENVIRONMENTS:
        if (folder / name).is_file():
            with suppress(OSError, UnicodeDecodeError):
                url = dotenv_values(folder / name).get("DATABASE_URL") or ""
                if parse(url):
                    return url
    return ""


def _fly_app(folder: Path) -> str:
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        app = tomllib.loads((folder / "fly.toml").read_text(encoding="utf-8")).get("app")
        return app if isinstance(app, str) else ""
    return ""


def _media_root(folder: Path) -> str:
    there = [name for name in MEDIA if (folder / name).is_dir()]
    with_uploads = (name for name in there if any((folder / name / one).is_dir() for one in UPLOADS))
    return next(with_uploads, there[0] if there else "")


def _ecto(folder: Path) -> str:
    return _from_words(_text(folder / "config/dev.exs"), r'\b{name}:\s*"([^"]*)"', "username", "hostname")


def _rails(folder: Path) -> str:
    _, _, development = _text(folder / "config/database.yml").partition("development:")
    section = re.split(r"^\S", development, maxsplit=1, flags=re.MULTILINE)[0]
    return _from_words(section, r"^\s+{name}:\s*[\"']?([\w.-]+)", "username", "host")


def _django(folder: Path) -> str:
    for path in sorted([*folder.glob("*/settings.py"), *folder.glob("*/settings/*.py")]):
        _, found, databases = _text(path).partition("DATABASES")
        if found and "postgres" in databases:
            return _from_words(
                databases, r'"{name}":\s*"([^"]*)"', "USER", "HOST", name="NAME", of="PASSWORD"
            )
    return ""


def _no_database(folder: Path) -> str:
    return ""


FRAMEWORKS: dict[str, tuple[str, str, Callable[[Path], str]]] = {
    "Phoenix": ("mix.exs", "http://localhost:4000", _ecto),
    "Rails": ("Gemfile", "http://localhost:3000", _rails),
    "Django": ("manage.py", "http://localhost:8000", _django),
    "Node": ("package.json", "http://localhost:3000", _no_database),
}
"""The file that shows a framework, where its development server answers, and who reads its database."""


def _from_words(
    text: str, pattern: str, user: str, host: str, *, name: str = "database", of: str = "password"
) -> str:
    """Return an address made of the words of a settings file, "" where the database's name is not there."""

    def word(called: str) -> str:
        match = re.search(pattern.format(name=called), text, re.MULTILINE)
        return quote(match[1], safe="") if match else ""

    database = word(name)
    if not database:
        return ""
    password = f":{word(of)}" if word(of) else ""
    login = f"{word(user)}{password}@" if word(user) else ""
    return f"postgresql://{login}{word(host) or 'localhost'}/{database}"


def _text(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")
    return ""
