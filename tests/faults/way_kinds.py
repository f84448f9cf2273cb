"""Faults of the ways to a target: of `fly` and its proxy, and of a machine over SSH."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import psutil

from maulstick.sandbox.process import wait_until
from tests.faults.lines import PAUSE
from tests.faults.scene import FaultKind, Scene, send
from tests.faults.ways import proxies

MOST = 30.0
"""Seconds that a fault waits for its moment."""
SOON = 0.4
"""Seconds after which a command that waits for `fly` is interrupted."""


def _proxies(number: int) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        for pid in proxies(scene.world.folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    return act


def _hanging(scene: Scene) -> None:
    _proxies(signal.SIGSTOP)(scene)
    after = signal.SIGKILL if scene.detail % 2 else signal.SIGCONT
    threading.Timer(PAUSE, lambda: _proxies(after)(scene)).start()


def _misbehaves(name: str, *times: int) -> Callable[[Scene], None]:
    """Make `fly` misbehave so many times; what is connected breaks, so that it is asked again."""

    def act(scene: Scene) -> None:
        scene.world.ways.fly.fault(name, times[scene.detail % len(times)])
        if scene.line == "live":
            _proxies(signal.SIGKILL)(scene)

    return act


def _hangs_and_interrupted(scene: Scene) -> None:
    scene.world.ways.fly.fault("ssh-hang", 1)

    def interrupt() -> None:
        time.sleep(SOON + scene.detail / 1000)
        send(signal.SIGINT)(scene)

    threading.Thread(target=interrupt, daemon=True).start()


def _other_machine(scene: Scene) -> None:
    """Replace the machine as soon as `fly` has told which one there is."""
    fly = scene.world.ways.fly
    told = fly.calls("status")

    def replace() -> None:
        wait_until(lambda: fly.calls("status") > told, seconds=MOST)
        fly.replace_machine()

    threading.Thread(target=replace, daemon=True).start()


def _sessions(scene: Scene) -> None:
    for one in scene.world.ways.sessions():
        with suppress(psutil.Error):
            one.kill()


def _machine(scene: Scene) -> None:
    ways = scene.world.ways
    if ways.machine is not None:
        ways.machine.end()
        scene.beside(ways.revive)


def _line(name: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.world.lines[scene.line], name)()


LIVE, BEGIN, SSH = "live", "begin", "ssh"
WAYS: Mapping[str, FaultKind] = {
    "fly: proxy dies": FaultKind(_proxies(signal.SIGKILL), (LIVE,), way="fly"),
    "fly: proxy hangs": FaultKind(_hanging, (LIVE,), way="fly", weight=2),
    "fly: proxy refuses": FaultKind(_misbehaves("proxy-refuses", 1, 3), (BEGIN, LIVE), way="fly", weight=2),
    "fly: not logged in": FaultKind(_misbehaves("not-logged-in", 1, 50), (BEGIN, LIVE), way="fly"),
    "fly: name not found": FaultKind(_misbehaves("dns-not-found", 1, 50), (BEGIN, LIVE), way="fly", weight=1),
    "fly: machine not found": FaultKind(_other_machine, (BEGIN,), way="fly", weight=2),
    "fly: answer lost": FaultKind(_misbehaves("ssh-empty-once", 1, 50), (BEGIN,), way="fly", weight=1),
    "fly: hangs and SIGINT": FaultKind(_hangs_and_interrupted, (BEGIN,), way="fly", weight=1),
    "ssh: line cut": FaultKind(_line("cut"), (SSH,), way="ssh"),
    "ssh: line stalled and cut": FaultKind(_line("stall_and_cut"), (SSH,), way="ssh", weight=2),
    "ssh: session killed": FaultKind(_sessions, (SSH, LIVE), way="ssh"),
    "ssh: machine ends and is back": FaultKind(_machine, (SSH, LIVE), way="ssh", weight=2),
}
