"""Faults of PostgreSQL that has no room left."""

from __future__ import annotations

import subprocess

from maulstick.sandbox.process import group_of
from tests.faults.room import fill
from tests.faults.scene import Scene, backends


def disk_full(scene: Scene) -> None:
    """Fill the disk of production's tables; where there is no such disk, no file of theirs may grow."""
    if scene.world.disk is not None:
        fill(scene.world.disk)
    else:
        no_room_for_log(scene)


def no_room_for_log(scene: Scene) -> None:
    """Let what serves us write to no file: PostgreSQL stops all sessions when its log cannot be written."""
    user = scene.world.server.user
    for pid in backends(scene.world):  # as the server's own user, who alone may do it
        limit = ["prlimit", "--fsize=0:0", "--pid", str(pid)]
        subprocess.run(limit, user=user, group=group_of(user), extra_groups=[], capture_output=True)
