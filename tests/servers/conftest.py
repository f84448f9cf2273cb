"""PostgreSQL 14 to 18, and the places of a release on any two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from maulstick.sandbox.postgres import Postgres
from tests.databases.places import Place
from tests.databases.servers import a_place, running
from tests.servers.clusters import GET_THEM, NEWEST, binaries_of

Server = Callable[[int], Postgres]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each version's server, started when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def started(major: int) -> Postgres:
            try:
                binaries = binaries_of(major)
            except LookupError:
                pytest.skip(f"PostgreSQL {major} is not here: {GET_THEM}")
            return stack.enter_context(running(tmp_path_factory.mktemp(f"server-{major}"), binaries))

        yield started


@pytest.fixture(scope="session")
def database(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Place]]:
    """A database by its name and server, made when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def made(name: str, major: int) -> Place:
            place = a_place(server(major), tmp_path_factory.mktemp(name), name)
            stack.callback(place.connection.close)
            return place

        yield made


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The versions of both sides: the newest, unless a test names others."""
    return getattr(request, "param", (NEWEST, NEWEST))


@pytest.fixture
def source(database: Callable[..., Place], pair: tuple[int, int]) -> Place:
    """An empty database that releases are made from."""
    place = database("source", pair[0])
    place.empty()
    return place


@pytest.fixture
def production(database: Callable[..., Place], pair: tuple[int, int]) -> Place:
    """An empty database that releases go to."""
    place = database("production", pair[1])
    place.empty()
    return place
