"""Count the calls of `fly` in one release: by the hand-made procedure and by Maulstick, side by side.

The stand-in `fly` takes as long as the real one for commands on a machine: 3.5 s over SSH, 0.5 s through the
machines API. All else takes what the stand-in takes: what a real deploy takes is the same for both sides.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fly_by_hand

from maulstick.sandbox import apps, lifecycle
from maulstick.sandbox.lifecycle import Sandbox

DELAYS = {"ssh console": 3.5, "postgres connect": 3.5, "machine exec": 0.5}
GROUPS = ("ssh", "machine", "postgres")
CHECKOUT = Path(__file__).parents[1]
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
    """One release: how often each command was given to `fly`, and the seconds that the whole took."""

    calls: Mapping[str, int]
    seconds: float


def measure(project: Path) -> Iterator[tuple[str, Measured]]:
    """Yield each contender with what its release took, each on a sandbox as on its first day."""
    folder = project / ".sandbox"
    release = [sys.executable, "-m", "invoke", "release", "--series", "embodiment"]
    contenders: Mapping[str, Callable[[Sandbox], None]] = {
        BY_HAND: fly_by_hand.release,
        CONSOLE: lambda _: _run(release, project),
        EXEC: lambda _: _run([*release, "--target", "exec"], project),
    }
    for name, act in contenders.items():
        sandbox = _fresh(folder)
        started = time.perf_counter()
        act(sandbox)
        yield name, Measured(_calls(folder), time.perf_counter() - started)


def table(found: Mapping[str, Measured]) -> Iterator[str]:
    """Return the lines of the table."""
    names = dict.fromkeys(name for one in found.values() for name in one.calls)
    yield f"{'calls of fly':24}" + "".join(f"{name:>26}" for name in found)
    for name in sorted(names, key=lambda name: -DELAYS.get(name, 0)):
        yield f"{name:24}" + "".join(f"{_times(one.calls.get(name, 0), name):>26}" for one in found.values())
    yield f"{'all':24}" + "".join(f"{sum(one.calls.values()):>26}" for one in found.values())
    yield f"{'the release, seconds':24}" + "".join(f"{one.seconds:>26.1f}" for one in found.values())


def _times(count: int, name: str) -> str:
    if not count:
        return "–"
    return f"{count} ({count * DELAYS[name]:.1f} s)" if name in DELAYS else str(count)


def _fresh(folder: Path) -> Sandbox:
    """Set the sandbox back to its first day, with a commit to deploy and a `fly` as slow as the real one."""
    sandbox = lifecycle.reset(folder, say=lambda _: None)
    shutil.rmtree(folder / "releases", ignore_errors=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "a page"], cwd=sandbox.checkout, check=True)
    for command, seconds in DELAYS.items():
        apps.delay(folder, command, seconds)
    return sandbox


def _calls(folder: Path) -> Mapping[str, int]:
    lines = (folder / "fly" / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(" ".join(call[: 2 if call[0] in GROUPS else 1]) for call in map(json.loads, lines))


def _run(command: list[str], folder: Path) -> None:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise SystemExit(ended.stderr)


def main() -> None:
    """Make a project with a sandbox, release in it three times, and write the table."""
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        project = Path(folder)
        shutil.copy(CHECKOUT / "tasks.py", project)
        for name in ("playbooks", "plugins"):
            shutil.copytree(CHECKOUT / name, project / name)
        (project / "inventory.toml").write_text(INVENTORY, encoding="utf-8")
        try:
            found = dict(measure(project))
        finally:
            lifecycle.remove(project / ".sandbox")
    sys.stdout.write("\n".join(table(found)) + "\n")


if __name__ == "__main__":
    main()
