"""The kinds of fault: what happens at the chosen moment of a command."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psutil
import psycopg

from maulstick.sandbox import process
from tests.faults.clocks import jumping_clock
from tests.faults.lines import PAUSE
from tests.faults.no_room import disk_full, no_room_for_log
from tests.faults.scene import FaultKind, Scene, backends, send
from tests.faults.way_kinds import WAYS
from tests.faults.world import LINES
from tests.s3.faulty_line import BROKEN, BUSY, CUT, FULL, LOST, RESET

AWAY = 3.0
"""Seconds for which a line is closed."""
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


def _backend(scene: Scene) -> None:
    for pid in backends(scene.world):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _terminated(scene: Scene) -> None:
    with suppress(psycopg.Error), scene.world.connect("postgres") as admin:
        for pid in backends(scene.world):
            admin.execute("select pg_terminate_backend(%s)", [pid])


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
    threading.Timer(PAUSE / 3, lambda: send(signal.SIGINT)(scene)).start()


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


def _by_plugin(scene: Scene) -> None:
    """Do nothing: a plugin is in its file before the command begins."""


def dying_plugin(detail: int, after: float = 0) -> str:
    """Return the text of a plugin that dies in some hook, in some way."""
    dice = random.Random(detail)
    hook = dice.choice(list(HOOKS))
    return DEAD.format(hook=hook, arguments=HOOKS[hook], how=dice.choice(DEATHS))


CLOCK, BEGIN = "clock", "begin"
"""Moments that are not bytes of a line: a share of the time, and before the command begins."""
ANY = (*LINES, CLOCK)
STORAGE = ("storage",)
LIVE = ("live",)
KINDS: Mapping[str, FaultKind] = {
    "kill -9": FaultKind(send(signal.SIGKILL), ANY, weight=6),
    "SIGTERM": FaultKind(send(signal.SIGTERM), ANY, weight=6),
    "SIGINT": FaultKind(send(signal.SIGINT), ANY, weight=6),
    "SIGINT twice": FaultKind(send(signal.SIGINT, signal.SIGINT), ANY),
    "SIGHUP": FaultKind(send(signal.SIGHUP), ANY),
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
    "plugin dies": FaultKind(_by_plugin, LIVE, weight=8, plugin=dying_plugin),
    "storage: RequestTimeTooSkewed": FaultKind(_answers((403, "RequestTimeTooSkewed")), STORAGE),
    "clock jumps": FaultKind(_by_plugin, (CLOCK,), weight=6, plugin=jumping_clock),
    "PostgreSQL: disk full": FaultKind(disk_full, LIVE, weight=6),
    "PostgreSQL: no room for its log": FaultKind(no_room_for_log, LIVE),
    **WAYS,
}
