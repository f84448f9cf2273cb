"""Rounds in which a campaign once found a promise broken, each as small as it became."""

from __future__ import annotations

import pytest

from tests.faults.edits import Edit
from tests.faults.invariants import broken
from tests.faults.kinds import DEATHS, HOOKS, dying_plugin
from tests.faults.rounds import Fault, Player, Round

OURS = Edit("source", "update series set body = 'Ours' where slug = 'nocturne'")
KILLED = next(how for how in DEATHS if "SIGTERM" in how)
THEIRS = Edit("live", "update series set body = 'Theirs' where slug = 'nocturne'")


def dies(hook: str, how: str) -> int:
    """Return the detail of a fault by which a plugin dies there in this way."""
    assert (hook in HOOKS, how in DEATHS) == (True, True)
    return next(n for n in range(10_000) if f"def {hook}" in (text := dying_plugin(n)) and how in text)


FOUND = {
    "a rollback whose bucket refuses did not say that its rows are back": Round(
        1, 1, "released", (), "rollback --media", Fault("storage: AccessDenied", "storage", 0.95)
    ),
    "SIGTERM left temporary files and no last line": Round(
        101, 9, "released", (OURS,), "release", Fault("SIGTERM", "live", 0.53)
    ),
    "a plugin that died at the end had the last word": Round(
        301,
        2,
        "released",
        (OURS, THEIRS),
        "release",
        Fault("plugin dies", detail=dies("maulstick_finished", "raise MemoryError")),
    ),
    "SIGTERM while plugins heard how it went hid that the release is live": Round(
        904,
        28,
        "released",
        (OURS,),
        "release",
        Fault("plugin dies", detail=dies("maulstick_finished", KILLED)),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_holds(player: Player, name: str) -> None:
    assert broken(player.play(FOUND[name])) == []
