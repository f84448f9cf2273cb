"""Which local database a site's settings name: they are read as text, and never run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from dotenv import dotenv_values

from maulstick.project.dsn import parse

Environment = Mapping[str, str]
ENVIRONMENTS = (".env.local", ".env.development.local", ".env.development", ".env")
"""Files of variables; of a name that several have, the first counts."""
URLS = ("DATABASE_URL", "POSTGRES_URL", "POSTGRES_PRISMA_URL", "DATABASE_URI", "POSTGRES_URI", "DB_URL")
PARTS = (
    ("DB_DATABASE", "DB_USERNAME", "DB_PASSWORD", "DB_HOST", "DB_PORT"),
    ("PGDATABASE", "PGUSER", "PGPASSWORD", "PGHOST", "PGPORT"),
    ("POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_HOST", "POSTGRES_PORT"),
)
"""Variables for the parts of an address: Laravel's, libpq's, and those of many others."""
LITERAL = re.compile(r"""["']([^"'\n]*)["']""")
FROM_ENVIRONMENT = re.compile(
    r"""(?:process\.env\.(?P<js>\w+)|[\w.]*[(\[]\s*["'](?P<name>[A-Z][A-Z0-9_]*)["']\s*[)\]]?)"""
    r"""\s*(?:(?:,\s*(?:default\s*=\s*)?|\|\||\?\?|\bor\b|\{)\s*["'](?P<default>[^"'\n]*)["'])?"""
)
"""A variable with its default: ENV.fetch("X") { "y" }, env("X", default="y"), process.env.X ?? "y"."""
SCALAR = re.compile(r"[\w.@+-]+")
VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
IMAGE = re.compile(r"image:\s*[\"']?[\w./-]*(?:postgres|postgis|timescale)")


def database_of(folder: Path) -> str:
    """Return the address of a site's local database as its settings have it, "" where none is named."""
    environment = _environment(folder)
    found = (reader(folder, environment) for reader in READERS)
    return next((address for address in found if address and parse(address)), "")


def text_of(path: Path) -> str:
    """Write the text of a file, "" where it cannot be read."""
    with suppress(OSError, UnicodeDecodeError, ValueError):
        return path.read_text(encoding="utf-8-sig")
    return ""


def _environment(folder: Path) -> dict[str, str]:
    known: dict[str, str] = {}
    for name in reversed(ENVIRONMENTS):
        with suppress(OSError, UnicodeDecodeError, ValueError):
            known |= {key: value for key, value in dotenv_values(folder / name).items() if value}
    return known


def _variables(folder: Path, environment: Environment) -> str:
    urls = (environment.get(name, "") for name in URLS)
    if url := next((url for url in urls if parse(url)), ""):
        return url
    if environment.get("DB_CONNECTION", "pgsql") not in ("pgsql", "postgres", "postgresql"):
        return ""
    return next(filter(None, (_address(*map(environment.get, names)) for names in PARTS)), "")


def _prisma(folder: Path, environment: Environment) -> str:
    text = text_of(folder / "prisma" / "schema.prisma")
    if not re.search(r'provider\s*=\s*"postgres', text):
        return ""
    url = re.search(r'\burl\s*=\s*(?:env\("(\w+)"\)|"([^"]*)")', text)
    return (environment.get(url[1], "") if url[1] else url[2]) if url else ""


def _rails(folder: Path, environment: Environment) -> str:
    text = text_of(folder / "config" / "database.yml")
    both = "\n".join(_sections(text, "development", "default"))
    words = _words(both, r"^\s+{}:[ \t]*", environment)
    return "" if words("adapter")[:6] not in ("", "postgr", "postgi") else _from_words(words)


def _sections(text: str, *names: str) -> Iterator[str]:
    """Yield the sections of a YAML file by their names at its left edge."""
    for name in names:
        if section := re.search(rf"^{name}:.*\n((?:(?:[ \t#].*)?\n)*)", f"{text}\n", re.MULTILINE):
            yield section[1]


def _ecto(folder: Path, environment: Environment) -> str:
    text = text_of(folder / "config" / "dev.exs")
    return _from_words(_words(text, r"^[^#\n]*\b{}:\s*", environment))


def _django(folder: Path, environment: Environment) -> str:
    with suppress(OSError):
        for path in sorted([*folder.glob("*/settings.py"), *folder.glob("*/settings/*.py")]):
            _, _, databases = text_of(path).partition("DATABASES")
            url = re.search(r"""["']((?:postgres|postgis)\w*://[^"'\n]*)["']""", databases)
            if url:
                return url[1]
            if "postg" in databases:
                return _from_words(_words(databases, r"""["']{}["']\s*:\s*""", environment, _as_django))
    return ""


def _as_django(word: str) -> str:
    return {"username": "USER", "database": "NAME"}.get(word, word.upper())


def _knex(folder: Path, environment: Environment) -> str:
    text = next(filter(None, (text_of(folder / f"knexfile.{end}") for end in ("js", "ts", "cjs", "mjs"))), "")
    _, _, development = text.partition("development")
    if not re.search(r"""["'](pg|postgres\w*|cockroachdb)["']""", text):
        return ""
    if url := re.search(r"""["'](postgres\w*://[^"'\n]*)["']""", development or text):
        return url[1]
    names = {"username": "user"}
    return _from_words(
        _words(development or text, r"\b{}\s*:\s*", environment, lambda word: names.get(word, word))
    )


def _compose(folder: Path, environment: Environment) -> str:
    text = next(filter(None, (text_of(folder / name) for name in COMPOSE)), "")
    if not IMAGE.search(text):
        return ""
    words = _words(text, r"^[ \t-]*{}\s*[:=][ \t]*", environment)
    port = re.search(r"(\d+):5432\b", text)
    user = words("POSTGRES_USER") or "postgres"
    where = "localhost", port[1] if port else None
    return _address(words("POSTGRES_DB") or user, user, words("POSTGRES_PASSWORD"), *where)


READERS: tuple[Callable[[Path, Environment], str], ...] = (
    _variables, _prisma, _ecto, _rails, _django, _knex, _compose
)  # fmt: skip
"""Who reads what, the surest first."""


def _words(
    text: str, pattern: str, environment: Environment, called: Callable[[str], str] = str
) -> Callable[[str], str]:
    """Return what gives the value behind a key of a settings file, "" where it is not there."""

    def word(key: str) -> str:
        found = re.search(pattern.format(re.escape(called(key))), text, re.MULTILINE)
        return _value(text[found.end() :], environment) if found else ""

    return word


def _value(text: str, environment: Environment) -> str:
    """Return the value that an expression gives: a literal, or a variable with its default."""
    text = text.removeprefix("<%=").lstrip(" \t")
    if literal := LITERAL.match(text):
        return VARIABLE.sub(lambda one: environment.get(one[1] or one[3], one[2] or ""), literal[1])
    if variable := VARIABLE.match(text):
        return environment.get(variable[1] or variable[3], variable[2] or "")
    if call := FROM_ENVIRONMENT.match(text):
        return environment.get(call["js"] or call["name"], call["default"] or "")
    scalar = SCALAR.match(text)
    return scalar[0] if scalar and not text.startswith(("nil", "None", "null")) else ""


def _from_words(word: Callable[[str], str]) -> str:
    url = word("url")
    if parse(url):
        return url
    host = word("host") or word("hostname")
    return _address(word("database"), word("username"), word("password"), host, word("port"))


def _address(
    database: str | None,
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: str | None = None,
) -> str:
    """Return an address made of its parts, "" where the database has no name."""
    if not database or "/" in database:
        return ""
    secret = f":{quote(password, safe='')}" if password else ""
    login = f"{quote(user, safe='')}{secret}@" if user else ""
    place = f"{host or 'localhost'}{f':{port}' if port else ''}"
    return f"postgresql://{login}{place}/{quote(database, safe='')}"
