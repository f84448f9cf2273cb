"""A command that runs in a world, and what a fault is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from tests.commands import Started
from tests.faults.world import LINES, World

BACKENDS = "select pid from pg_stat_activity where application_name = 'maulstick' and datname = 'live'"
PATIENCE = 0.3
"""Seconds that an act beside the command may take before the command goes on."""


@dataclass
class Scene:
    """A command that runs in a world, and what happens beside it."""

    world: World
    words: tuple[str, ...]
    detail: int = 0
    command: Started | None = None
    others: list[Started] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    has_begun: threading.Event = field(default_factory=threading.Event)
    line: str = ""

    @property
    def pid(self) -> int:
        """Return the command's process."""
        self.has_begun.wait()
        assert self.command is not None
        return self.command.process

    def beside(self, act: Callable[[], None]) -> None:
        """Act in a thread of its own, and give it a moment."""
        thread = threading.Thread(target=act, daemon=True)
        self.threads.append(thread)
        thread.start()
        thread.join(PATIENCE)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault does, at which lines' bytes it may happen, and what of the rows it changes itself.

    `spares` are cells that it writes; with `is_new` it may also make the next run end otherwise. `way` is how
    the target is reached; `plugin` makes the text of a plugin that is there from the begin, of the fault's
    detail and its moment in seconds.
    """

    act: Callable[[Scene], None]
    lines: tuple[str, ...] = LINES
    spares: tuple[tuple[str, str, str], ...] = ()
    is_new: bool = False
    weight: int = 3
    way: str = "direct"
    plugin: Callable[[int, float], str] | None = None


def backends(world: World) -> list[int]:
    with suppress(psycopg.Error), world.connect("postgres") as admin:
        return [pid for (pid,) in admin.execute(BACKENDS.encode()).fetchall()]
    return []


def send(*numbers: int) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(scene.pid, number)
            time.sleep(0.03 if len(numbers) > 1 else 0)

    return act
