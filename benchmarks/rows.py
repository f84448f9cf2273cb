"""Measure a release of many artworks, as it is typed, against the same rows brought over by psql.

Every command starts Python anew, with the shipped plugins on the site's schema, on a PostgreSQL with the
settings that it comes with. The artworks have no pictures: files are not rows (media.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import by_hand
import command
import gallery
import project
from command import Took
from gallery import SERIES

SIZES = (1_000, 10_000)
OURS, PSQL, FLOOR = "maulstick", "psql", "floor"
NAMED = ("--series", SERIES)


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of one contender."""

    contender: str
    step: str
    took: Took


@dataclass(frozen=True, slots=True)
class Bench:
    """One size: the project, the three productions, and a folder for what is written by hand."""

    project: project.Project
    source: str
    productions: dict[str, str]
    folder: Path

    def ours(self, step: str, *words: str) -> Measured:
        """Type a command of ours."""
        return Measured(OURS, step, self.project.invoke(*words))

    def export(self, step: str) -> Iterator[Measured]:
        """Write what is brought over."""
        yield self.ours(step, "export", *NAMED)
        yield Measured(FLOOR, step, command.run(by_hand.sorted_and_hashed(self.source), self.folder))
        by_hand.write_upserts(self.source, self.folder / PSQL)
        by_hand.write_copy(self.source, self.folder / FLOOR)

    def round(self, step: str) -> Iterator[Measured]:
        """Bring the source as it is now to each contender's production."""
        yield self.ours(step, "apply", "--yes", *NAMED)
        for contender in (PSQL, FLOOR):
            written = by_hand.psql(self.productions[contender], self.folder / contender)
            yield Measured(contender, step, command.run(written, self.folder))


def measure(count: int) -> Iterator[Measured]:
    """Yield every step of every contender at one size."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, count)
        productions = {name: gallery.make_production(server, f"of_{name}") for name in (OURS, PSQL, FLOOR)}
        typed = project.made(Path(folder), source, productions[OURS])
        bench = Bench(typed, source, productions, Path(folder))
        typed.invoke("--list")  # Python's bytecode is there, as after any first command
        yield from bench.export("export")
        yield bench.ours("plan of the first", "plan", *NAMED)
        for step in ("first release", "nothing changed"):
            yield from bench.round(step)
            _settle(server, productions)
        yield bench.ours("plan, nothing changed", "plan", *NAMED)
        yield bench.ours("status", "status")
        gallery.change_one_in_hundred(server)
        yield from bench.export("export again")
        yield from bench.round("1% changed")
        yield bench.ours("rollback of the 1%", "rollback", "--last", "--yes")
        _settle(server, productions)
        yield bench.ours("rollback of the first", "rollback", "--release", "1", "--yes")


def _settle(server: gallery.Postgres, productions: dict[str, str]) -> None:
    for production in productions.values():
        gallery.settle(server, production.rpartition("/")[2])


def table(count: int, found: Iterable[Measured]) -> Iterator[str]:
    """Return the lines of one size's table: seconds, with the ratio to psql, else to the floor."""
    cells = {(one.step, one.contender): one.took for one in found}
    yield f"{count:,} artworks, seconds"
    head = (OURS, PSQL, FLOOR, "ours / psql", "ours / floor", "our CPU", "our MB")
    yield f"{'':24}" + "".join(f"{one:>14}" for one in head)
    for step in dict.fromkeys(step for step, _ in cells):
        ours = cells[step, OURS]
        others = [cells.get((step, one)) for one in (PSQL, FLOOR)]
        seconds = [f"{one.seconds:.2f}" if one else "–" for one in (ours, *others)]
        ratios = [f"{ours.seconds / one.seconds:.2f}" if one else "–" for one in others]
        own = [f"{ours.processor:.2f}", f"{ours.megabytes:.0f}"]
        yield f"{step:24}" + "".join(f"{one:>14}" for one in (*seconds, *ratios, *own))


def _said(found: Iterable[Measured]) -> Iterator[Measured]:
    for one in found:
        sys.stderr.write(f"  {one.step}: {one.contender}, {one.took.seconds:.2f} s\n")
        yield one


def main() -> None:
    """Run each size and write a table for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="so many artworks; may be repeated")
    for count in parser.parse_args().size or SIZES:
        sys.stdout.write("\n".join(table(count, _said(measure(count)))) + "\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
