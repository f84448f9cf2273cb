"""The target that a command names, reached."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from maulstick.console import Console
from maulstick.typed import Typed

if TYPE_CHECKING:
    from maulstick.host import Host, Place


def reach(typed: Typed, stack: ExitStack, console: Console) -> tuple[Place, Host]:
    """Return the place that a command names and the way to it; a sandbox is started."""
    from maulstick.host import open_host, place_of

    target = typed.inventory().target(typed.given["target"])
    place = place_of(target, typed.project, console.line)
    return place, open_host(place.target, stack, console.line)
