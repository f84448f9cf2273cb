"""The targets that a command names, reached."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Typed
from maulstick.console import Console
from maulstick.project.inventory import Target

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place


def reach(target: Target, typed: Typed, stack: ExitStack, console: Console) -> tuple[Place, Host]:
    """Return the place that a release goes to and the way there; a sandbox is started."""
    from maulstick.hosts.host import open_host, place_of

    place = place_of(target, typed.project, console.line)
    return place, open_host(place.target, stack, console.line)
