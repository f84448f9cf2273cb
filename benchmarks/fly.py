"""Count the calls of `fly` in one cold release as it is typed, beside those of the hand-made procedure.

Each begins on the sandbox's first day, with a commit to deploy; the whole program is measured, Python's start
included. Of the hand-made commands no time is counted that a person takes to think and to type. The stand-in
`fly` takes as long as the real one for commands on a machine: 3.5 s over SSH, 0.5 s through the machines API.
All else takes what the stand-in takes: what a real deploy takes is the same for both sides.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fly_by_hand
import project

from maulstick.sandbox import apps, lifecycle
from maulstick.sandbox.lifecycle import Sandbox

DELAYS = {"ssh console": 3.5, "postgres connect": 3.5, "machine exec": 0.5}
GROUPS = ("ssh", "machine", "postgres")
INVENTORY = """\
default = "console"

[targets.console]
host = "sandbox"

[targets.exec]
host = "sandbox"
ssh = "exec"
"""
BY_HAND, CONSOLE, EXEC = "by hand", "maulstick", 'maulstick, ssh = "exec"'


@dataclass(frozen=True, slots=True)
class Measured:
    """One release: how often each command was given to `fly`, the seconds it took, and of the processor."""

    calls: Mapping[str, int]
    seconds: float
    processor: float


def measure(typed: project.Project) -> Iterator[tuple[str, Measured]]:
    """Yield each contender with what its release took, each on a sandbox as on its first day."""
    release = ("release", "--yes", "--series", "embodiment")
    contenders: Mapping[str, Callable[[Sandbox], object]] = {
        BY_HAND: fly_by_hand.release,
        CONSOLE: lambda _: typed.invoke(*release),
        EXEC: lambda _: typed.invoke(*release, "--target", "exec"),
    }
    for name, act in contenders.items():
        sandbox = _fresh(typed)
        started, before = time.perf_counter(), _processor()
        act(sandbox)
        seconds, processor = time.perf_counter() - started, _processor() - before
        yield name, Measured(_calls(sandbox.folder), seconds, processor)


def table(found: Mapping[str, Measured]) -> Iterator[str]:
    """Return the lines of the table."""
    names = dict.fromkeys(name for one in found.values() for name in one.calls)
    yield f"{'calls of fly':24}" + "".join(f"{name:>26}" for name in found)
    for name in sorted(names, key=lambda name: -DELAYS.get(name, 0)):
        yield f"{name:24}" + "".join(f"{_times(one.calls.get(name, 0), name):>26}" for one in found.values())
    yield f"{'all':24}" + "".join(f"{sum(one.calls.values()):>26}" for one in found.values())
    yield f"{'the release, seconds':24}" + "".join(f"{one.seconds:>26.1f}" for one in found.values())
    yield f"{'of the processor':24}" + "".join(f"{one.processor:>26.1f}" for one in found.values())


def _times(count: int, name: str) -> str:
    if not count:
        return "–"
    return f"{count} ({count * DELAYS[name]:.1f} s)" if name in DELAYS else str(count)


def _fresh(typed: project.Project) -> Sandbox:
    """Set the sandbox back to its first day, with a commit to deploy and a `fly` as slow as the real one."""
    typed.invoke("sandbox.reset")
    sandbox = lifecycle.up(typed.folder / ".sandbox", say=lambda _: None)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "a page"], cwd=sandbox.checkout, check=True)
    for command, seconds in DELAYS.items():
        apps.delay(sandbox.folder, command, seconds)
    return sandbox


def _processor() -> float:
    """Return the seconds of the processor that we and what we have started took so far."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def _calls(folder: Path) -> Mapping[str, int]:
    lines = (folder / "fly" / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(" ".join(call[: 2 if call[0] in GROUPS else 1]) for call in map(json.loads, lines))


def main() -> None:
    """Make a project with a sandbox, release in it three times, and write the table."""
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        typed = project.of_sandbox(Path(folder), INVENTORY)
        try:
            found = dict(measure(typed))
        finally:
            lifecycle.remove(typed.folder / ".sandbox")
    sys.stdout.write("\n".join(table(found)) + "\n")


if __name__ == "__main__":
    main()
