"""One world for all tests of the campaign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.campaign import ready
from tests.faults.rounds import Player


@pytest.fixture(scope="session")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """A world whose rounds can be played."""
    with ready(tmp_path_factory.mktemp("faults")) as player:
        yield player
