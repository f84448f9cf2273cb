"""The edge of the stand-in cloud: always listening, it wakes the app's machine and pipes visitors to it."""

import itertools
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from maulstick.errors import Problem
from maulstick.sandbox import apps, launch, machines
from maulstick.sandbox.apps import SITE_APP, CloudError, Stray, World
from maulstick.sandbox.pipe import listen
from maulstick.sandbox.process import START_SECONDS, alive, answers, is_free, spawn, stop, wait_until
from maulstick.sandbox.visit import PAUSE, Visit

TICK = 0.1
TICKS_BETWEEN_REPAIRS = 10
DRAIN_SECONDS = 10.0
ATTEMPTS = 4


def up(folder: Path) -> None:
    """Start the edge if it does not run, and every machine that should be started but has no process."""
    with apps.locked(folder, "edge"):
        world = apps.load(folder)
        port = world.apps[SITE_APP].port
        if world.edge is None or not (alive(world.edge) and answers(port)):
            _start(folder, world, port)
        with suppress(CloudError):  # Each visitor tries again, and is told.
            machines.repair(folder)
        _expect_answer(folder, port)


def down(folder: Path) -> None:
    """Stop the edge and every process of a machine; machines keep their state for the next `up`."""
    if not apps.world_path(folder).exists():
        return
    with apps.locked(folder, "edge"):
        world = apps.load(folder)
        if world.edge:
            stop(world.edge)
        for process in apps.processes_of(apps.load(folder)):
            stop(process)
        apps.change(folder, lambda world: replace(world, edge=None, strays=()))


def main() -> int:
    """Serve until stopped, or until the sandbox is gone."""
    edge = Edge(Path(sys.argv[1]))
    try:
        server = listen("127.0.0.1", apps.load(edge.folder).apps[SITE_APP].port)
    except OSError as error:
        sys.stderr.write(f"edge: {error.strerror}\n")
        return 1
    threading.Thread(target=edge.accept, args=(server,), daemon=True).start()
    edge.watch()
    return 0


@dataclass(slots=True)
class Edge:
    """The connections of visitors that are open."""

    folder: Path
    visits: set[Visit] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, server: socket.socket) -> None:
        """Serve each visitor in a thread."""
        while True:
            near, _ = server.accept()
            threading.Thread(target=self.serve, args=(Visit(near, self.connect),), daemon=True).start()

    def serve(self, visit: Visit) -> None:
        """Serve one visitor to the end."""
        with self.lock:
            self.visits.add(visit)
        try:
            visit.run()
        finally:
            with self.lock:
                self.visits.discard(visit)

    def connect(self) -> tuple[int, socket.socket]:
        """Return a connection to a process that serves, waking or replacing it first."""
        for _ in range(ATTEMPTS):
            machine = machines.awake(self.folder, SITE_APP)
            with suppress(OSError):
                return machine.port, socket.create_connection(("127.0.0.1", machine.port))
            time.sleep(TICK)  # Its process is just dying.
        raise CloudError("no machine of the app accepts connections")

    def watch(self) -> None:
        """End old processes, restart dead ones, and leave when the sandbox is gone."""
        world = apps.load(self.folder)
        for tick in itertools.count(1):
            for stray in world.strays:
                self._attend(stray)
            if tick % TICKS_BETWEEN_REPAIRS == 0:
                with suppress(CloudError, OSError):
                    machines.repair(self.folder)
            time.sleep(TICK)
            try:
                world = apps.load(self.folder)
            except OSError:
                break
        for process in apps.processes_of(replace(world, edge=None)):
            stop(process)

    def _attend(self, stray: Stray) -> None:
        """End a process that a killed command was starting, or an old one whose visitors are served."""
        if self._is_drained(stray) if stray.owner is None else not alive(stray.owner):
            launch.end(self.folder, stray.process)

    def _is_drained(self, stray: Stray) -> bool:
        with self.lock:
            here = [visit for visit in self.visits if visit.port == stray.port]
        for visit in here:
            visit.leave()
        age = time.time() - stray.since
        # A visitor may have read the old port just before the switch, so it never ends at once.
        return age > DRAIN_SECONDS or (age > PAUSE and not any(visit.is_busy() for visit in here))


def _start(folder: Path, world: World, port: int) -> None:
    if world.edge:
        stop(world.edge)
    if not is_free(port):
        raise _taken(port)
    command = [sys.executable, "-m", "maulstick.sandbox.edge", str(folder)]
    process = spawn(command, log=folder / "fly" / "edge.log")
    apps.change(folder, lambda world: replace(world, edge=process))


def _expect_answer(folder: Path, port: int) -> None:
    edge = apps.load(folder).edge
    wait_until(lambda: edge is None or not alive(edge) or answers(port), seconds=START_SECONDS)
    if edge is None or not alive(edge):
        raise _taken(port)


def _taken(port: int) -> Problem:
    what = f"the site's port {port} is taken by another program"
    return Problem("sandbox/edge", what, "stop that program, or run `invoke sandbox.reset`")


if __name__ == "__main__":
    raise SystemExit(main())
