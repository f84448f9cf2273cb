"""Mutants of the core: `maulstick dev.mutants` in a checkout, or `python -m tests.mutants`."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.checkout import ROOT
from tests.mutants.campaign import (
    SECONDS,
    Verdict,
    drawn,
    failing_alone,
    interval,
    judged,
    mutants_of,
    workers,
)
from tests.mutants.core import PACKAGES, Mutant, package_of, read
from tests.mutants.covering import load
from tests.mutants.equivalent import is_equivalent
from tests.mutants.recording import FOLDER

TESTS = ("plan", "postgres", "bundle/test_trust.py", "media/test_compare.py")
"""The tests that are run: those of whole commands, which are slow, come on top in the suite."""


def main(words: Sequence[str] | None = None) -> int:
    """Test a sample of mutants, and return 1 if one survives that is not known to be equivalent."""
    parser = argparse.ArgumentParser(prog="dev.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=400, help="how many mutants, each file with its share")
    parser.add_argument("--seed", type=int, help="the same seed draws the same mutants")
    parser.add_argument("--only", default="", help="only mutants whose name has this in it, FILE:LINE KIND N")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of tests that each may take")
    parser.add_argument("--workers", type=int, default=2, help="how many are tested at once")
    parser.add_argument(
        "--record", type=Path, default=ROOT / ".mutants", help="where the tests' lines are kept"
    )
    parser.add_argument("--log", type=Path, help="a file to which each verdict is added, as a line of JSON")
    typed = parser.parse_args(words)
    if files := unrecorded(typed.record):
        record(typed.record, files)
    seed = random.randrange(1_000_000) if typed.seed is None else typed.seed
    every = [one for one in mutants_of() if typed.only in str(one)]
    chosen = drawn(every, typed.sample, seed)
    print(f"seed {seed}: {len(chosen)} of {len(every)} mutants", flush=True)
    verdicts = test(chosen, typed.record, typed.workers, typed.log, typed.seconds)
    survivors = [one.mutant for one in verdicts if not one.is_killed]
    print(table(verdicts))
    return 1 if [one for one in survivors if not is_equivalent(one)] else 0


def unrecorded(folder: Path) -> list[str]:
    """List the files of tests that have not run since they came or changed."""
    made: dict[str, float] = {}
    for kept in folder.glob("*.seconds"):
        for file in {name.partition("::")[0] for name in json.loads(kept.read_text(encoding="utf-8"))}:
            made[file] = max(made.get(file, 0.0), kept.stat().st_mtime)
    paths = [path for name in TESTS for path in ROOT.glob(f"tests/{name}")]
    files = [
        *(path for path in paths if path.is_file()),
        *(one for path in paths for one in path.rglob("test_*.py")),
    ]
    changed = {path.relative_to(ROOT).as_posix(): path.stat().st_mtime for path in files}
    return sorted(file for file, moment in changed.items() if moment > made.get(file, 0.0))


def record(folder: Path, files: Sequence[str]) -> None:
    """Run tests once, and keep which lines each executes: all of them take ten minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "tests.mutants.recording"]
    subprocess.run([*command, *files], cwd=ROOT, env={**os.environ, FOLDER: str(folder)}, check=False)


def test(
    chosen: Sequence[Mutant], folder: Path, at_once: int, log: Path | None, seconds: float
) -> list[Verdict]:
    """Test mutants, name each survivor, and take none for dead that a test killed which fails anyway."""
    recorded, verdicts = load(folder), []
    files = sorted({name.partition("::")[0] for name in recorded.seconds})
    with workers(at_once, files) as idle:
        for verdict in judged(chosen, recorded, idle, at_once, seconds):
            verdicts.append(verdict)
            if log:
                with log.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(as_json(verdict)) + "\n")
            if not verdict.is_killed:
                known = "equivalent" if is_equivalent(verdict.mutant) else "survived"
                print(f"{known}: {difference(verdict.mutant)}", flush=True)
        tests = {verdict.by for verdict in verdicts if verdict.by in recorded.seconds}
        false = failing_alone(sorted(tests), recorded, idle)
    for name in false:
        print(f"fails without a mutant: {name}")
    return [one for one in verdicts if one.by not in false]


def as_json(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as the log keeps it."""
    return {
        "mutant": str(verdict.mutant),
        "killed": verdict.is_killed,
        "by": verdict.by,
        "why": verdict.why,
        "tests": verdict.tests,
        "seconds": round(verdict.seconds, 1),
        "change": difference(verdict.mutant),
    }


def difference(mutant: Mutant) -> str:
    """Return a mutant's name and the lines that it changes."""
    before = read(mutant.source)
    after = mutant.change(before) or ""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n    ".join([str(mutant), *[line for line in lines if line[:2] not in ("--", "++", "@@")]])


def table(verdicts: Sequence[Verdict]) -> str:
    """Return what was killed, by package."""
    lines = [f"{'':26} mutants  killed  equivalent  survived  share killed (95% interval)"]
    for package in (*PACKAGES, ""):
        own = [one for one in verdicts if not package or package_of(one.mutant.source) == package]
        killed = sum(one.is_killed for one in own)
        same = sum(not one.is_killed and is_equivalent(one.mutant) for one in own)
        low, high = interval(killed, len(own) - same)
        share = killed / (len(own) - same) if len(own) > same else 1.0
        counts = f"{len(own):8} {killed:7} {same:11} {len(own) - same - killed:9}"
        lines.append(f"{package or 'all':26}{counts}  {share:.0%} ({low:.0%} to {high:.0%})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
