"""A clock that jumps: the command's own, against those of the servers."""

from __future__ import annotations

HOUR = 3600
JUMPS = (20 * 60, HOUR, -HOUR, 26 * HOUR, -40 * 24 * HOUR, 2 * 366 * 24 * HOUR)
"""Seconds; a storage refuses a request that is signed a quarter of an hour off."""
TEXT = """
import datetime
import sys
import time

BEGAN, REAL, TRUE = time.monotonic(), time.time, datetime.datetime


def jumped():
    return {jump} if time.monotonic() - BEGAN >= {after} else 0


class Jumping(TRUE):
    @classmethod
    def now(cls, tz=None):
        return TRUE.now(tz) + datetime.timedelta(seconds=jumped())

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)


time.time = lambda: REAL() + jumped()
datetime.datetime = Jumping
for name, module in list(sys.modules.items()):
    if name.startswith(("maulstick", "botocore")) and getattr(module, "datetime", None) is TRUE:
        module.datetime = Jumping
"""


def jumping_clock(detail: int, after: float) -> str:
    """Return the text of a plugin that moves the clock so many seconds after it was loaded."""
    return TEXT.format(jump=JUMPS[detail % len(JUMPS)], after=after)
