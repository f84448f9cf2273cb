"""A sandbox whose program `fly` is forked (`tests/forked.py`), because each release runs it three times."""

from __future__ import annotations

import sys
from shlex import quote

from maulstick.sandbox import cloud
from tests import forked

STARTED = cloud.FLY
FORKED = STARTED.replace("-m maulstick.sandbox.fly", f"-I -S {quote(forked.__file__)} fly")


def as_forked() -> None:
    """Let sandboxes that start from now on have it."""
    assert FORKED != STARTED
    if sys.platform == "linux":
        cloud.FLY = FORKED
