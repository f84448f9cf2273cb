"""Fixtures for tests of plugins: two real databases of the author's schema, a bucket, a site, and releases.

One line in a conftest.py takes them in: `pytest_plugins = ["maulstick.testing"]` (docs/testing-plugins.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.hosts import kinds
from maulstick.plan.undone import Undone
from maulstick.project.plugins.registry import load
from maulstick.release import core_steps
from maulstick.sandbox.storage import SeaweedFS
from maulstick.testing.databases import SharedServer, Side, running
from maulstick.testing.releases import Released, Releases
from maulstick.testing.site import Site, shown, started
from maulstick.testing.storage import Bucket, emptied, serving

Edited = Callable[..., None]
Release = Callable[[str, str], Released]
DUMP = "pg_dump --schema-only --no-owner --no-privileges DATABASE > tests/schema.sql"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer three settings: which schema, which plugins, and what starts the site."""
    parser.addini("maulstick_schema", "the SQL file that makes the tables; else the nearest schema.sql")
    parser.addini("maulstick_plugins", "the folder of the plugins; else the nearest plugins/")
    parser.addini("maulstick_site", "the command that starts the site; else a test says what is shown")


@pytest.fixture(scope="session")
def maulstick_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    """Start a PostgreSQL server on a free port, and stop it after the last test."""
    try:
        with running(tmp_path_factory.mktemp("maulstick")) as server:
            yield server
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture
def maulstick_schema(request: pytest.FixtureRequest) -> Path:
    """Return the file that makes the tables of both databases."""
    return _nearest(request, "maulstick_schema", "schema.sql", DUMP)


@pytest.fixture
def source(maulstick_server: SharedServer, maulstick_schema: Path) -> Iterator[Side]:
    """Make the local database, with the tables of the schema."""
    with maulstick_server.side("local", maulstick_schema) as side:
        yield side


@pytest.fixture
def production(maulstick_server: SharedServer, maulstick_schema: Path) -> Iterator[Side]:
    """Make the live database, with the tables of the schema."""
    with maulstick_server.side("production", maulstick_schema) as side:
        yield side


@pytest.fixture
def media_root(tmp_path: Path) -> Path:
    """Find the folder of the source's files, which is empty: override it where yours lie elsewhere."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def maulstick_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """Start an S3 server on free ports, and stop it after the last test."""
    try:
        with serving(tmp_path_factory.mktemp("maulstick-storage")) as storage:
            yield storage
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture
def bucket(maulstick_storage: SeaweedFS) -> Bucket:
    """Empty the live site's bucket; releases of a test that asks for it upload their files."""
    return emptied(maulstick_storage)


@pytest.fixture
def site(request: pytest.FixtureRequest, production: Side, bucket: Bucket, tmp_path: Path) -> Iterator[Site]:
    """Start the live site; releases of a test that asks for it are verified."""
    words = str(request.config.getini("maulstick_site"))
    environment = {"DATABASE_URL": production.url, **bucket.environment}
    folder, log = request.config.rootpath, tmp_path / "site.log"
    try:
        with started(words, folder, environment, log) if words else shown() as site:
            yield site
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture
def edited(source: Side, production: Side) -> Edited:
    """Run SQL on a side: `edited("production", "update …")`."""
    sides = {"local": source, "production": production}

    def edit(side: str, text: str, *values: object) -> None:
        if side not in sides:
            raise usage(f'edited("{side}", …)', "is neither local nor production", did_you_mean(side, sides))
        sides[side].run(text, *values)

    return edit


@pytest.fixture
def maulstick_releases(
    request: pytest.FixtureRequest, source: Side, production: Side, media_root: Path, tmp_path: Path
) -> Releases:
    """Return what releases from one side to the other, by the project's own plugins."""
    hint = "maulstick plugins.new NAME --table TABLE writes one"
    plugins = load(_nearest(request, "maulstick_plugins", "plugins", hint), kinds, core_steps)
    asked = [name for name in ("bucket", "site") if name in request.fixturenames]
    more = {name: request.getfixturevalue(name) for name in asked}
    return Releases(plugins, source, production, media_root, tmp_path / "releases", **more)


@pytest.fixture
def released(maulstick_releases: Releases) -> Release:
    """Release a subject: `released("post", "hello").inserted`."""
    return maulstick_releases.release


@pytest.fixture
def undone(maulstick_releases: Releases) -> Callable[[], Undone]:
    """Undo the last release: `str(undone())` says what was done to rows."""
    return maulstick_releases.undo


def _nearest(request: pytest.FixtureRequest, setting: str, name: str, hint: str) -> Path:
    """Return the file or folder of a setting; else the nearest of this name, from the test upwards."""
    root, said = request.config.rootpath, str(request.config.getini(setting))
    if said:
        places = [root / said]
    else:
        above = [request.path.parent, *request.path.parent.parents]
        within = [folder for folder in above if folder == root or root in folder.parents]
        places = [folder / name for folder in within or above]
    for place in places:
        if place.exists():
            return place
    pytest.fail(f"{said or name}: does not exist\n  hint: {hint}", pytrace=False)
