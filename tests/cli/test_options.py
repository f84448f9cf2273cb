"""Options that make no sense are refused before anything is asked."""

from __future__ import annotations

import pytest

from maulstick.cli.options import require_limit
from maulstick.errors import Exit, Problem
from maulstick.release.settings import Choices


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(Problem, match="--prune-limit: -1 is not a number of rows") as caught:
        require_limit(Choices(prune_limit=-1))
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize("limit", [0, 1])
def test_any_other_limit_is_taken(limit: int) -> None:
    require_limit(Choices(prune_limit=limit))
