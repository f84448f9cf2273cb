"""Two databases on one real server for each test: the source, and production."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from maulstick.bundle.bundle import Bundle
from maulstick.project.declarations import Subject
from maulstick.sandbox import content, programs
from maulstick.sandbox.postgres import Postgres
from tests.databases.places import BOOKS, Place, WithoutMedia, export, fill_shelf, release
from tests.databases.servers import a_place, running

NOT_SQL = re.compile(r"^(\\|SET |SELECT pg_catalog.set_config).*$", re.MULTILINE)
"""Lines of a dump that are for psql, or that would outlast it in a connection."""
RELEASED: list[str] = []
"""What the release of the shelf poetry left in production."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with running(tmp_path_factory.mktemp("engine")) as server:
        yield server


@pytest.fixture(scope="session")
def site_databases(server: Postgres) -> tuple[str, str]:
    """The site's two databases as templates."""
    fills = {"site_source": content.fill_source, "site_production": content.fill_production}
    for name, fill in fills.items():
        with server.connect() as connection:
            connection.execute(f"create database {name}".encode())
        with server.connect(name) as connection, connection.transaction():
            connection.execute(content.schema_sql().encode())
            fill(connection)
    return "site_source", "site_production"


def remove(server: Postgres, place: Place) -> None:
    """Drop a place's database."""
    place.connection.close()
    with server.connect() as connection:
        connection.execute(f"drop database {place.database} with (force)".encode())


@pytest.fixture(scope="session")
def empty_source(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return a_place(server, tmp_path_factory.mktemp("source"), "source")


@pytest.fixture(scope="session")
def empty_production(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return a_place(server, tmp_path_factory.mktemp("production"), "production")


@pytest.fixture
def source(empty_source: Place) -> Place:
    """An empty database that releases are made from."""
    empty_source.empty()
    return empty_source


@pytest.fixture
def production(empty_production: Place) -> Place:
    """An empty database that releases go to."""
    empty_production.empty()
    return empty_production


@pytest.fixture
def library(source: Place, production: Place) -> None:
    """Both sides have shelves and books; the source has the shelf poetry, production other ids."""
    for place in (source, production):
        place.run(BOOKS)
    fill_shelf(source)
    production.run(
        "select setval('shelf_id_seq', 100), setval('book_id_seq', 200), setval('author_id_seq', 300)"
    )


@pytest.fixture
def released_once(library: None, source: Place, production: Place) -> None:
    """The shelf poetry is in production: released the first time, and then written as that left it."""
    if not RELEASED:
        release(source, production)
        RELEASED.append(dumped(production, "--data-only", "--schema=public"))
        RELEASED.append(dumped(production, "--schema=maulstick"))
        return
    production.run("".join(RELEASED))


def dumped(place: Place, *words: str) -> str:
    """Return SQL that writes rows, where sequences stand, and what else is asked for."""
    program = programs.own_program("pg_dump") or "pg_dump"
    command = [program, "--inserts", "--rows-per-insert=100", *words, place.url]
    text = subprocess.check_output(command, text=True)
    return NOT_SQL.sub("", text)


@pytest.fixture
def site_source(server: Postgres, site_databases: tuple[str, str], tmp_path: Path) -> Iterator[Place]:
    """The site's local database."""
    place = a_place(server, tmp_path / "source", "local_site", site_databases[0])
    yield place
    remove(server, place)


@pytest.fixture
def site_production(server: Postgres, site_databases: tuple[str, str], tmp_path: Path) -> Iterator[Place]:
    """The site's live database."""
    place = a_place(server, tmp_path / "production", "live_site", site_databases[1])
    yield place
    remove(server, place)


@pytest.fixture
def background() -> Iterator[Callable[..., Future[Any]]]:
    """Start what goes on beside the test."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


@pytest.fixture
def psql() -> Callable[[Place, Bundle], CompletedProcess[str]]:
    """Run a bundle's release.sql by psql alone, as somebody without Maulstick would."""
    program = shutil.which("psql")
    if program is None:
        pytest.skip("psql is not on PATH")

    def run(place: Place, bundle: Bundle) -> CompletedProcess[str]:
        command = [program, "-X", "-q", "-f", str(bundle.folder / "release.sql"), place.url]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def embodiment(site_source):
    """The bundle of the site's series Embodiment."""
    tables = WithoutMedia().tables(Subject("series", "embodiment"))
    return export(site_source, *tables, key="embodiment", kind="series", plugins=WithoutMedia())
