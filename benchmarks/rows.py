"""Measure a release of many artworks against the same rows brought over by hand."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import by_hand
import gallery

from maulstick.sandbox.postgres import Postgres

SIZES = (1_000, 100_000)
LARGE = 1_000_000
OURS, PSQL, MANY, COPY = "maulstick", "(a) upserts by psql", "(b) executemany", "(c) copy + upsert"
OURS_CHILD = Path(__file__).with_name("ours.py")


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of one contender: its seconds, and the peak memory of our process in megabytes."""

    contender: str
    step: str
    seconds: float
    megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """One size: the server, the source, and a folder for what is written on the way."""

    server: Postgres
    source: str
    folder: Path

    def round(self, step: str, productions: dict[str, str]) -> Iterator[Measured]:
        """Bring the source as it is now to each contender's production."""
        yield self.ours("apply", step, productions[OURS])
        file, rows = self.folder / "by-hand.sql", by_hand.read(self.source)
        yield _timed(PSQL, step, lambda: by_hand.by_psql(productions[PSQL], file))
        yield _timed(MANY, step, lambda: by_hand.by_executemany(productions[MANY], rows))
        yield _timed(COPY, step, lambda: by_hand.by_copy(productions[COPY], rows))
        for production in productions.values():
            gallery.settle(self.server, production.rpartition("/")[2])

    def export(self, step: str) -> Iterator[Measured]:
        """Write what is brought over: our bundle, and the statements by hand."""
        yield self.ours("export", step, self.source)
        file = self.folder / "by-hand.sql"
        yield _timed(PSQL, step, lambda: by_hand.write_sql(self.source, file))

    def ours(self, action: str, step: str, url: str) -> Measured:
        """Take a step of ours in a process of its own."""
        command = [sys.executable, str(OURS_CHILD), action, url, str(self.folder)]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found = json.loads(said)
        return Measured(OURS, step, found["seconds"], found["megabytes"])


def measure(server: Postgres, count: int) -> Iterator[Measured]:
    """Yield every step of every contender at one size."""
    contenders = {OURS: "ours", PSQL: "by_psql", MANY: "by_executemany", COPY: "by_copy"}
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        bench = Bench(server, gallery.make_source(server, count), Path(folder))
        productions = {one: gallery.make_production(server, name) for one, name in contenders.items()}
        yield from bench.export("export")
        yield bench.ours("plan", "plan of the first", productions[OURS])
        yield from bench.round("first release", productions)
        yield from bench.round("nothing changed", productions)
        gallery.change_one_in_hundred(server)
        yield from bench.export("export again")
        yield from bench.round("1% changed", productions)
        yield bench.ours("rollback", "rollback of the 1%", productions[OURS])
        gallery.settle(server, contenders[OURS])
        yield bench.ours("rollback", "rollback of the first", productions[OURS])


def table(count: int, found: Iterable[Measured]) -> Iterator[str]:
    """Return the lines of one size's table: seconds, each with its ratio to (a)."""
    cells = {(one.step, one.contender): one for one in found}
    contenders = (OURS, PSQL, MANY, COPY)
    yield f"{count:,} artworks"
    yield f"{'seconds (ratio to a)':24}" + "".join(f"{one:>22}" for one in contenders) + f"{'peak MB':>10}"
    for step in dict.fromkeys(step for step, _ in cells):
        floor = cells.get((step, PSQL))
        shown = "".join(f"{_cell(cells.get((step, one)), floor):>22}" for one in contenders)
        yield f"{step:24}{shown}{cells[step, OURS].megabytes or 0:>10.0f}"


def _cell(one: Measured | None, floor: Measured | None) -> str:
    if one is None:
        return "–"
    ratio = f" ({one.seconds / floor.seconds:.2f})" if floor is not None and one is not floor else ""
    return f"{one.seconds:.2f}{ratio}"


def _timed(contender: str, step: str, action: Callable[[], None]) -> Measured:
    started = time.perf_counter()
    action()
    return Measured(contender, step, time.perf_counter() - started)


def _said(found: Iterable[Measured]) -> Iterator[Measured]:
    for one in found:
        sys.stderr.write(f"  {one.step}: {one.contender}, {one.seconds:.2f} s\n")
        yield one


def main() -> None:
    """Run all sizes on one server and write a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help=f"also with {LARGE:,} artworks")
    parser.add_argument("--size", type=int, action="append", help="only with so many artworks")
    given = parser.parse_args()
    sizes = given.size or [*SIZES, *([LARGE] if given.large else [])]
    with gallery.server() as server:
        for count in sizes:
            sys.stdout.write("\n".join(table(count, _said(measure(server, count)))) + "\n\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
