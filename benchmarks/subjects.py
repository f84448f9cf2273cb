"""Measure many small series, as they are typed: `status` and `release --all`, beside psql once for each.

A release here is export, plan and apply: nothing is deployed, and the artworks have no pictures and no site.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import by_hand
import command
import gallery
import project
from command import Took

SIZES = (20, 100)
ARTWORKS = 4
ROWS_ONLY = ("--only", "export", "--only", "plan", "--only", "apply")


def measure(count: int) -> Iterator[tuple[str, Took]]:
    """Yield what each command took with so many series."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, 0)
        gallery.add_series(server, count, ARTWORKS)
        typed = project.made(Path(folder), source, gallery.make_production(server, "ours"))
        typed.invoke("--list")
        yield "status, all new", typed.invoke("status")
        yield "release --all, first", typed.invoke("release", "--all", "--yes", *ROWS_ONLY)
        gallery.settle(server, "ours")
        yield "release --all, nothing", typed.invoke("release", "--all", "--yes", *ROWS_ONLY)
        yield "status, all released", typed.invoke("status")
        yield "psql once for each", _by_hand(server, source, count, Path(folder))


def _by_hand(server: gallery.Postgres, source: str, count: int, folder: Path) -> Took:
    production, files = gallery.make_production(server, "by_hand"), folder / "by-hand"
    files.mkdir()
    for number in range(1, count + 1):
        by_hand.write_upserts(source, files / f"{number}.sql", where=f"slug = 'series-{number}'")
    words = by_hand.psql(production, Path("$file"))
    each = " ".join(f'"{word}"' for word in words)
    return command.run(["sh", "-ec", f"for file in *.sql; do {each}; done"], files)


def main() -> None:
    """Write a table for each number of series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, action="append", help="so many series; may be repeated")
    for count in parser.parse_args().size or SIZES:
        sys.stdout.write(f"{count:,} series of {ARTWORKS} artworks\n")
        head = ("seconds", "per series", "CPU", "MB")
        sys.stdout.write(f"{'':24}" + "".join(f"{one:>12}" for one in head) + "\n")
        for said, took in measure(count):
            cells = (took.seconds, took.seconds / count, took.processor, took.megabytes)
            sys.stdout.write(f"{said:24}" + "".join(f"{one:>12.2f}" for one in cells) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
