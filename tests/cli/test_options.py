"""Options that make no sense are refused before anything is asked."""

from __future__ import annotations

import pytest

from maulstick.cli.options import require_together
from maulstick.errors import Exit, Problem


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(Problem, match="--prune-limit: -1 is no number of rows") as caught:
        require_together({"prune_limit": -1})
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize("limit", [0, 1, None])
def test_any_other_limit_is_taken(limit: int | None) -> None:
    require_together({"prune_limit": limit})
