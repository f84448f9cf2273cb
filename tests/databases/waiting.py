"""Releases in the background, and what they wait for."""

from __future__ import annotations

import time

from tests.databases.places import Place

WAITS = """
select pid from pg_stat_activity where datname = current_database() and application_name = 'maulstick'
  and (wait_event_type = 'Lock' or wait_event = 'PgSleep') and query like '%%maulstick%%'
"""
PATIENCE = 600.0


def release_that_waits(place: Place) -> int:
    """Return the server process of a release that waits for others, as soon as there is one."""
    return session(place, WAITS)


def session(place: Place, question: str) -> int:
    """Return the process that a question to `pg_stat_activity` asks for, as soon as there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for (pid,) in place.rows(question):
            return int(pid)
        time.sleep(0.01)
    raise AssertionError(f"nobody came to be {question}")
