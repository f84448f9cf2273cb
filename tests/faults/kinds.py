"""The kinds of fault: what happens at the chosen moment of a command."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from maulstick.sandbox import process
from tests.commands import Started
from tests.faults.lines import PAUSE
from tests.faults.world import LINES, World
from tests.s3.faulty_line import BROKEN, BUSY, CUT, FULL, LOST, RESET

BACKENDS = "select pid from pg_stat_activity where application_name = 'maulstick' and datname = 'live'"
AWAY = 3.0
"""Seconds for which a line is closed."""
PATIENCE = 0.3
"""Seconds that an act beside the command may take before the command goes on."""
ADMIN = "update artworks set price = 4321 where slug = 'lamp'"
HELD = f"begin; {ADMIN}; select pg_sleep(0.7); commit"
PRICE = ("artworks", "lamp", "price")
TITLE = ("artworks", "sun", "title")
COLUMN = "alter table artworks add column added text"
INDEX = "create index on artworks (title); create index on notes (body)"
DEAD = "from maulstick import hookimpl\n\n\n@hookimpl\ndef {hook}({arguments}):\n    {how}\n"
HOOKS = {
    "maulstick_tables": "subject",
    "maulstick_files": "subject",
    "maulstick_export": "subject, source",
    "maulstick_pages": "subject",
    "maulstick_queries": "subject",
    "maulstick_verify": "release",
    "maulstick_finished": "report",
}
DEATHS = (
    "raise RuntimeError('dead')",
    "raise SystemExit(0)",
    "raise KeyboardInterrupt",
    "raise MemoryError",
    "return [][1]",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "return 7",
    "import sys; sys.stdout.close()",
    "import os; os.chdir('/')",
)


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

    `spares` are cells that it writes; with `is_new` it may also make the next run end otherwise.
    """

    act: Callable[[Scene], None]
    lines: tuple[str, ...] = LINES
    spares: tuple[tuple[str, str, str], ...] = ()
    is_new: bool = False
    weight: int = 3


def _signal(*numbers: int) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(scene.pid, number)
            time.sleep(0.03 if len(numbers) > 1 else 0)

    return act


def _backend(scene: Scene) -> None:
    for pid in _backends(scene.world):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _terminated(scene: Scene) -> None:
    with suppress(psycopg.Error), scene.world.connect("postgres") as admin:
        for pid in _backends(scene.world):
            admin.execute("select pg_terminate_backend(%s)", [pid])


def _backends(world: World) -> list[int]:
    with suppress(psycopg.Error), world.connect("postgres") as admin:
        return [pid for (pid,) in admin.execute(BACKENDS.encode()).fetchall()]
    return []


def _server(scene: Scene) -> None:
    world = scene.world
    for one in process.running_in(world.server.home, "postgres"):
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    scene.beside(lambda: setattr(world, "postgres", world.server.up()))


def _storage(scene: Scene) -> None:
    world = scene.world
    process.kill(world.weed)
    scene.beside(lambda: setattr(world, "weed", world.storage.up()))


def _closed(scene: Scene) -> None:
    line = scene.world.lines[scene.line]
    line.close()
    threading.Timer(AWAY, lambda: setattr(line, "is_closed", False)).start()


def _line(name: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.world.lines[scene.line], name)()


def _stalled_and_interrupted(scene: Scene) -> None:
    scene.world.lines[scene.line].stall()
    threading.Timer(PAUSE / 3, lambda: _signal(signal.SIGINT)(scene)).start()


def _answers(kind: Any, wanted: str = "") -> Callable[[Scene], None]:
    """Fail the next requests whose method and path hold the wanted text."""

    def act(scene: Scene) -> None:
        left = [kind] * (1, 2, 4)[scene.detail % 3]
        scene.world.liar.fails = lambda method, path: (
            left.pop() if left and re.search(wanted, f"{method} {path}") else None
        )

    return act


def _false_success(status: int, headers: Mapping[str, str], content: bytes) -> Any:
    return 200, {}, b"<?xml version='1.0'?><Error><Code>InternalError</Code></Error>"


def _other_tag(status: int, headers: Mapping[str, str], content: bytes) -> Any:
    other = {name: '"0123456789abcdef0123456789abcdef"' for name in headers if name.lower() == "etag"}
    return status, {**headers, **other}, content


def _forgotten(status: int, headers: Mapping[str, str], content: bytes) -> Any:
    return 404, {}, b""


def _stale_listing(status: int, headers: Mapping[str, str], content: bytes) -> Any:
    return status, headers, re.sub(rb"<Contents>.*</Contents>", b"", content, flags=re.DOTALL)


def _no_room(scene: Scene) -> None:
    most = (0, 512, 4096, 12_000)[scene.detail % 4]
    with suppress(psutil.Error, OSError):
        psutil.Process(scene.pid).rlimit(psutil.RLIMIT_FSIZE, (most, most))


def _second(scene: Scene) -> None:
    scene.others.append(scene.world.start(*scene.words))


def _sql(database: str, text: str) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        with suppress(psycopg.Error):
            scene.world.run(database, text)

    return lambda scene: scene.beside(lambda: act(scene))


def _file_edited(scene: Scene) -> None:
    (scene.world.folder / "media/uploads/lamp.png").write_bytes(b"another picture altogether")


def _file_deleted(scene: Scene) -> None:
    (scene.world.folder / "media/uploads/lamp.png").unlink(missing_ok=True)


def _disk(scene: Scene) -> None:
    """Do nothing: a plugin that dies is in its file before the command begins."""


def dying_plugin(detail: int) -> str:
    """Return the text of a plugin that dies in some hook, in some way."""
    dice = random.Random(detail)
    hook = dice.choice(list(HOOKS))
    return DEAD.format(hook=hook, arguments=HOOKS[hook], how=dice.choice(DEATHS))


CLOCK = "clock"
ANY = (*LINES, CLOCK)
STORAGE = ("storage",)
LIVE = ("live",)
KINDS: Mapping[str, FaultKind] = {
    "kill -9": FaultKind(_signal(signal.SIGKILL), ANY, weight=6),
    "SIGTERM": FaultKind(_signal(signal.SIGTERM), ANY, weight=6),
    "SIGINT": FaultKind(_signal(signal.SIGINT), ANY, weight=6),
    "SIGINT twice": FaultKind(_signal(signal.SIGINT, signal.SIGINT), ANY),
    "SIGHUP": FaultKind(_signal(signal.SIGHUP), ANY),
    "kill -9 of the backend": FaultKind(_backend, LIVE, weight=4),
    "backend terminated": FaultKind(_terminated, LIVE, weight=4),
    "PostgreSQL killed and back": FaultKind(_server, ("live", "source", "storage")),
    "storage killed and back": FaultKind(_storage, ("storage", "live")),
    "line cut": FaultKind(_line("cut"), weight=8),
    "line stalled": FaultKind(_line("stall"), weight=2),
    "line stalled and cut": FaultKind(_line("stall_and_cut")),
    "line closed": FaultKind(_closed, weight=6),
    "stalled and SIGINT": FaultKind(_stalled_and_interrupted, weight=4),
    "storage: reset": FaultKind(_answers(RESET), STORAGE),
    "storage: answer lost": FaultKind(_answers(LOST), STORAGE),
    "storage: answer cut": FaultKind(_answers(CUT), STORAGE),
    "storage: 500": FaultKind(_answers(BROKEN), STORAGE),
    "storage: SlowDown": FaultKind(_answers(BUSY), STORAGE),
    "storage: full": FaultKind(_answers(FULL, "PUT"), STORAGE),
    "storage: AccessDenied": FaultKind(_answers((403, "AccessDenied")), STORAGE),
    "storage: 200 with an error": FaultKind(_answers(_false_success), STORAGE),
    "storage: other ETag": FaultKind(_answers(_other_tag), STORAGE),
    "storage: stale HEAD": FaultKind(_answers(_forgotten, "HEAD"), STORAGE),
    "storage: stale listing": FaultKind(_answers(_stale_listing, "GET"), STORAGE),
    "no room": FaultKind(_no_room, weight=6),
    "second command": FaultKind(_second, weight=6),
    "admin writes": FaultKind(_sql("live", ADMIN), spares=(PRICE,), is_new=True, weight=4),
    "admin holds": FaultKind(_sql("live", HELD), spares=(PRICE,), is_new=True, weight=4),
    "column added": FaultKind(_sql("live", COLUMN), is_new=True),
    "index created": FaultKind(_sql("live", INDEX), is_new=True),
    "source edited": FaultKind(
        _sql("source", "update artworks set title = 'Edited meanwhile' where slug = 'sun'"),
        ("source", "live"),
        spares=(TITLE,),
        is_new=True,
        weight=4,
    ),
    "picture edited": FaultKind(_file_edited, spares=(), is_new=True),
    "picture deleted": FaultKind(_file_deleted, spares=(), is_new=True),
    "plugin dies": FaultKind(_disk, LIVE, weight=8),
}
