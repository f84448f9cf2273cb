"""Mutants drawn, tested side by side, and counted."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from tests.checkout import ROOT
from tests.mutants.core import SOURCES, Mutant, numbered, read
from tests.mutants.covering import Record
from tests.mutants.python_mutants import python_mutants
from tests.mutants.sql_mutants import sql_mutants

LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".*_cache", ".hypothesis", ".mutants", "releases")
SECONDS, NUMBER = 30.0, 120
"""For how many seconds as recorded tests are run for a mutant, and how many: more kill next to none."""
PATIENCE = 40.0
"""How long a mutant's tests may take beyond twice as long as without it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a mutant: killed by a test (or since nothing runs with it), or not."""

    mutant: Mutant
    is_killed: bool
    by: str
    why: str
    tests: int
    seconds: float


class Worker:
    """A process that tests one mutant at a time, in its own copy of the checkout."""

    def __init__(self, folder: Path, files: Sequence[str]) -> None:
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
        environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        (reads, writes), (hears, says) = os.pipe(), os.pipe()
        command = [sys.executable, "-m", "tests.mutants.worker", str(reads), str(says), *files]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, pass_fds=(reads, says), stdout=subprocess.DEVNULL
        )
        os.close(reads)
        os.close(says)
        self.jobs, self.answers = os.fdopen(writes, "w"), os.fdopen(hears)

    def ask(self, **job: Any) -> dict[str, Any]:
        """Have tests run, and return what they say."""
        self.jobs.write(json.dumps(job) + "\n")
        self.jobs.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Return the next answer; the first says that the worker is ready."""
        answer: dict[str, Any] = json.loads(self.answers.readline())
        return answer

    def end(self) -> None:
        """Let the process stop its servers, and wait for that."""
        self.jobs.close()
        self.process.wait()


def mutants_of(sources: Sequence[str] = SOURCES) -> list[Mutant]:
    """List every mutant of these files."""
    result = []
    for source in sources:
        text = read(source)
        ours = sql_mutants(source, text)
        result += numbered([*(python_mutants(source, text) if source.endswith(".py") else []), *ours])
    return result


def drawn(mutants: Sequence[Mutant], sample: int, seed: int) -> list[Mutant]:
    """Draw a sample in which each file has its share: in each a random order, and of all every nth."""
    by_chance = random.Random(seed)
    order = sorted(mutants, key=lambda one: (one.source, by_chance.random()))
    step = max(1.0, len(order) / sample)
    first = by_chance.random() * step
    chosen = [
        order[int(first + number * step)] for number in range(int((len(order) - first) / step + 1 - 1e-9))
    ]
    by_chance.shuffle(chosen)
    return chosen


@contextmanager
def workers(number: int, files: Sequence[str]) -> Iterator[SimpleQueue[Worker]]:
    """Start workers for the block."""
    idle: SimpleQueue[Worker] = SimpleQueue()
    with TemporaryDirectory(prefix="mutants-") as folder:
        Path(folder).chmod(0o755)
        started = [Worker(Path(folder) / str(one), files) for one in range(number)]
        try:
            for worker in started:
                worker.hear()
                idle.put(worker)
            yield idle
        finally:
            for worker in started:
                worker.end()


def judged(
    mutants: Sequence[Mutant],
    record: Record,
    idle: SimpleQueue[Worker],
    at_once: int,
    seconds: float = SECONDS,
) -> Iterator[Verdict]:
    """Test mutants side by side, and yield what comes of each."""
    with ThreadPoolExecutor(at_once) as pool:
        jobs = [pool.submit(judge, mutant, record, idle, seconds) for mutant in mutants]
        yield from (job.result() for job in as_completed(jobs))


def judge(mutant: Mutant, record: Record, idle: SimpleQueue[Worker], seconds: float = SECONDS) -> Verdict:
    """Run a mutant's tests, the likeliest to kill it first, until one fails."""
    text = mutant.change(read(mutant.source))
    number = math.ceil(NUMBER * seconds / SECONDS)
    tests, expected = within(record.of(mutant), record.seconds, number, seconds)
    worker = idle.get()
    try:
        late = PATIENCE + 2 * expected
        answer = worker.ask(source=mutant.source, text=text, tests=tests, seconds=late)
    finally:
        idle.put(worker)
    killer = answer["failed"]
    if killer:
        record.killers[mutant.source][killer] += 1
    return Verdict(mutant, bool(killer), killer, answer["why"], answer["passed"], answer["seconds"])


def within(
    tests: Sequence[str], seconds: dict[str, float], number: int, limit: float
) -> tuple[list[str], float]:
    """Return the first of these tests that fit into a number and a time, and their time."""
    chosen, total = [], 0.0
    for test in tests[:number]:
        if chosen and total + seconds[test] > limit:
            break
        chosen.append(test)
        total += seconds[test]
    return chosen, total


def failing_alone(tests: Sequence[str], record: Record, idle: SimpleQueue[Worker]) -> list[str]:
    """Return which of these tests fail without any mutant: what they killed is not dead."""
    worker = idle.get()
    try:
        seconds = PATIENCE + 2 * sum(record.seconds[test] for test in tests)
        failing, waiting = [], [*tests]
        while waiting:
            answer = worker.ask(source=SOURCES[0], text=None, tests=waiting, seconds=seconds)
            if answer["failed"] not in waiting:
                return failing
            failing.append(answer["failed"])
            waiting.remove(answer["failed"])
        return failing
    finally:
        idle.put(worker)


def interval(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% interval of a share, by Wilson."""
    if not whole:
        return 0.0, 1.0
    share, more = part / whole, z * z / whole
    middle, wide = share + more / 2, z * math.sqrt(share * (1 - share) / whole + more / whole / 4)
    return (middle - wide) / (1 + more), (middle + wide) / (1 + more)
