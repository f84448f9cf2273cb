"""Several targets side by side: a process of ours for each, so many at a time, and their lines one by one."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from maulstick.cli.options import StepOptions
from maulstick.cli.performing.work import Work, WorkAnswer
from maulstick.cli.targets import TargetEnding
from maulstick.console import Console
from maulstick.errors import Exit
from maulstick.files import temporary_folder
from maulstick.processes import ROOT

PROGRAM = "import sys; sys.path.append(sys.argv[1]); from maulstick.cli.performing.forked import main; main()"
LENGTH = 8
"""Bytes that say how long a request is."""


@dataclass(frozen=True, slots=True)
class ForkRequest:
    """What a process does: a command, on one target.

    `work` is what the command makes of it there, `exported` names the target for which a bundle was exported
    before, and `search` is where Python looks for modules.
    """

    project: Path
    options: StepOptions
    keys: Mapping[str, tuple[str, ...]]
    target: str
    work: Work
    exported: Mapping[Path, str]
    search: Sequence[str] = field(default_factory=lambda: [*sys.path])


def ask_each(
    requests: Sequence[ForkRequest], console: Console, *, forks: int, told: Callable[[WorkAnswer], None]
) -> list[WorkAnswer]:
    """Do what is asked for in processes, at most `forks` at a time; return their answers in order.

    What a process prints is shown line by line behind its target's name. `told` hears of each answer as it
    comes, never of two at once. Ctrl-C is passed on to all, and no other begins.
    """
    width = max(len(request.target) for request in requests) + 1
    processes, lock = _Processes(), Lock()

    def run(request: ForkRequest) -> WorkAnswer:
        def show(line: str) -> None:
            with lock:
                console.trouble(f"{request.target + ':':<{width}} {line}")

        answer = _asked(request, folder / request.target, processes, show)
        with lock:
            told(answer)
        return answer

    with temporary_folder() as folder, ThreadPoolExecutor(forks) as pool, processes.interrupted_together():
        running = [pool.submit(run, request) for request in requests]
        wait(running)
    return [one.result() for one in running]


@dataclass(slots=True)
class _Processes:
    """The processes that run now; once they are interrupted, no other is started."""

    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: bool = False
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def interrupted_together(self) -> Iterator[None]:
        """Pass Ctrl-C on to all processes during the block; each ends as it would alone."""

        def interrupt(number: int, frame: object) -> None:
            self.stopped = True
            for process in [*self.running]:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def start(self, answers: Path) -> subprocess.Popen[bytes] | None:
        """Start a process in a session of its own: Ctrl-C comes from us alone, and once."""
        with self.lock:
            if self.stopped:
                return None
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, ROOT, str(answers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.running.append(process)
        if self.stopped:  # meanwhile: it was not among those that were interrupted
            process.send_signal(signal.SIGINT)
        return process


def _asked(
    request: ForkRequest, answers: Path, processes: _Processes, show: Callable[[str], None]
) -> WorkAnswer:
    process = processes.start(answers)
    if process is None or process.stdin is None or process.stdout is None:
        return WorkAnswer(TargetEnding(request.target, None, "interrupted before its turn"))
    with process:
        with suppress(BrokenPipeError):
            # The pipe stays open: a process whose stdin ends has lost us, and interrupts itself.
            text = pickle.dumps(request)
            process.stdin.write(len(text).to_bytes(LENGTH) + text)
            process.stdin.flush()
        for line in process.stdout:
            show(line.decode("utf-8", "replace").rstrip())
        code = process.wait()
    processes.running.remove(process)
    if answers.exists():
        answer: WorkAnswer = pickle.loads(answers.read_bytes())  # noqa: S301 - our own  # nosec B301
        return answer
    if processes.stopped:  # before it could say so itself
        return WorkAnswer(TargetEnding(request.target, Exit.INTERRUPTED, "interrupted"))
    says = "ended with an error" if code > 0 else f"was ended by signal {-code}"
    return WorkAnswer(
        TargetEnding(request.target, code if code > 0 else Exit.FAILED, f"{says}; invoke history tells more")
    )
