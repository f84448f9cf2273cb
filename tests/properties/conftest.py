"""Two places for thousands of generated schemas, and how many of them a run tries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.databases.places import Place
from tests.databases.servers import a_place, running
from tests.properties.kinds import TYPES

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "suite",
    max_examples=9,
    stateful_step_count=10,
    derandomize=True,  # a red suite is always due to a change
    deadline=None,
    print_blob=True,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "long", settings.get_profile("suite"), max_examples=2000, stateful_step_count=25, derandomize=False
)
settings.load_profile("suite")

Places = tuple[Place, Place]


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """The source and production, empty but for the types that generated columns have."""
    with running(tmp_path_factory.mktemp("properties")) as server:
        folder = tmp_path_factory.mktemp("source")
        source, production = (a_place(server, folder, name) for name in ("source", "production"))
        for place in (source, production):
            place.run(TYPES)
        yield source, production
