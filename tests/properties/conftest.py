"""Two places for thousands of generated schemas, and how many of them a run tries."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from maulstick.sandbox.postgres import Postgres
from tests.databases.places import Place
from tests.databases.servers import a_place
from tests.properties.kinds import TYPES

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "suite",
    max_examples=6,
    stateful_step_count=10,
    derandomize=True,  # a red suite is always due to a change
    deadline=None,
    print_blob=True,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "long",
    settings.get_profile("suite"),
    max_examples=int(os.environ.get("MAULSTICK_INPUTS", "2000")),
    stateful_step_count=25,
    derandomize=False,
)
settings.load_profile("suite")

# Hypothesis draws words of the modules that a process has loaded: no two processes would draw the same.
vars(providers).update(_get_local_constants=Constants)

Places = tuple[Place, Place]


@pytest.fixture(scope="session")
def places(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The source and production, empty but for the types that generated columns have."""
    folder = tmp_path_factory.mktemp("drawn")
    source, production = (a_place(server, folder, name) for name in ("drawn_source", "drawn_production"))
    for place in (source, production):
        place.run(TYPES)
    return source, production
