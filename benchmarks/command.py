"""A command as it is typed, and what it took: seconds, processor time and memory, Python's start included."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

STATUS = "/proc/{}/status"


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took: wall time and its own processor time in seconds, its peak memory in megabytes."""

    seconds: float
    processor: float
    megabytes: float
    said: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Took:
    """Run a command to its end; one that fails ends the benchmark and shows what it said."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    running = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = _Peak(running.pid)
    said, _ = running.communicate()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {running.returncode}\n{said[-2000:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(seconds, processor, peak.megabytes, said)


def median(tries: Sequence[Took]) -> Took:
    """Return the try in the middle, by seconds."""
    return sorted(tries, key=lambda one: one.seconds)[len(tries) // 2]


class _Peak(Thread):
    """Read the kernel's own mark of a process until it has gone.

    What getrusage says of a child counts what its parent held when it was started.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.megabytes = pid, 0.0
        self.start()

    def run(self) -> None:
        status = Path(STATUS.format(self.pid))
        try:
            while found := status.read_text().partition("VmHWM:")[2].split():
                self.megabytes = max(self.megabytes, int(found[0]) / 1024)
                time.sleep(0.01)
        except OSError:
            return
