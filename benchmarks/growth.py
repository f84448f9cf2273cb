"""Measure how commands, as they are typed, grow: with rows, tables, releases, series, files and distance.

Each is a table of seconds and peak megabytes; `--plot` draws them all. The sizes are small, unless `--large`
is given: then it takes hours. `--medium` leaves the largest of each out, and takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import far
import gallery
import media_places
import plot
import project
import subjects
from command import Took

NAMED = ("--series", gallery.SERIES)
APPLY = ("apply", "--yes", *NAMED)
Found = Mapping[str, Took]


@dataclass(frozen=True, slots=True)
class Axis:
    """What grows: a few sizes, those of `--large`, and what is measured at each."""

    small: tuple[int, ...]
    large: tuple[int, ...]
    measure: Callable[[int], Found]


@contextmanager
def _site(rows: int, *, outside: int = 0) -> Iterator[tuple[gallery.Postgres, project.Project]]:
    """Make a site whose series has so many artworks, and whose tables have others of another series."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, rows)
        production = gallery.make_production(server, "ours")
        if outside:
            for database in (gallery.SOURCE, "ours"):
                gallery.add_others(server, database, outside)
        yield server, project.made(Path(folder), source, production)


@contextmanager
def _public(folder: Path) -> Iterator[str]:
    """Serve a folder as a bucket's public address does."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        """Say what the bucket says: such names may be kept for ever."""
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def rows(count: int) -> Found:
    """Release a series of so many artworks, release it again, and undo it."""
    with _site(count) as (_, typed):
        return {
            "export": typed.invoke("export", *NAMED),
            "plan": typed.invoke("plan", *NAMED),
            "apply": typed.invoke(*APPLY),
            "apply, nothing changed": typed.invoke(*APPLY),
            "rollback": typed.invoke("rollback", "--last", "--yes"),
        }


def outside(count: int) -> Found:
    """Do the same with a thousand artworks, where the table has so many others."""
    with _site(1000, outside=count) as (_, typed):
        return {
            "export": typed.invoke("export", *NAMED),
            "apply": typed.invoke(*APPLY),
            "apply, nothing changed": typed.invoke(*APPLY),
            "rollback": typed.invoke("rollback", "--last", "--yes"),
        }


def releases(count: int) -> Found:
    """Release a thousand artworks, ten of them changed, after so many releases of the same ten."""
    with _site(1000) as (server, typed):
        for _ in range(2):
            typed.invoke("export", *NAMED)
            typed.invoke(*APPLY)
            gallery.change_one_in_hundred(server)
        gallery.repeat_the_last_release(server, "ours", count)
        typed.invoke("export", *NAMED)
        return {
            "apply": typed.invoke(*APPLY),
            "history": typed.invoke("history"),
            "why": typed.invoke("why", "--row", "artworks:study-no-100"),
            "rollback": typed.invoke("rollback", "--last", "--yes"),
        }


def series(count: int) -> Found:
    """Release so many series of four artworks, all of them, and once more."""
    found = dict(subjects.measure(count))
    return {name: took for name, took in found.items() if "psql" not in name}


def files(count: int) -> Found:
    """Send so many pictures of 13 kB, and once more; visitors get them by a server of ours."""
    with media_places.server() as storage, _site(count) as (server, typed), _public(typed.media) as public:
        gallery.add_pictures(server, typed.media, count)
        typed.goes_to(server.url("ours"), bucket=storage.address, public=public)
        return {
            "export": typed.invoke("export", *NAMED),
            "plan": typed.invoke("plan", *NAMED),
            "upload": typed.invoke("upload", "--yes", *NAMED),
            "upload, all there": typed.invoke("upload", "--yes", *NAMED),
        }


def distance(milliseconds: int) -> Found:
    """Release five rows to a database so far away."""
    return {step: one.took for step, one in far.measure(milliseconds).items()}


AXES: Mapping[str, Axis] = {
    "rows": Axis((100, 1_000, 10_000), (1_000, 10_000, 100_000, 1_000_000), rows),
    "outside": Axis((0, 10_000), (0, 20_000, 200_000, 2_000_000), outside),
    "releases": Axis((2, 5), (2, 20, 200, 2_000), releases),
    "series": Axis((2, 10), (10, 100, 500, 2_000), series),
    "files": Axis((10, 100), (100, 1_000, 10_000, 50_000), files),
    "distance": Axis((1, 40), (1, 10, 40, 150), distance),
}


def _lines(found: Mapping[int, Found]) -> Iterator[str]:
    yield f"{'seconds, megabytes':28}" + "".join(f"{size:>18,}" for size in found)
    for step in next(iter(found.values())):
        cells = [f"{one[step].seconds:.2f} s {one[step].megabytes:4.0f} MB" for one in found.values()]
        yield f"{step:28}" + "".join(f"{cell:>18}" for cell in cells)


def main() -> None:
    """Write a table for each thing that grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=AXES, action="append", help="only by this; may be repeated")
    parser.add_argument("--large", action="store_true", help="to a million rows")
    parser.add_argument("--medium", action="store_true", help="to a hundred thousand rows")
    parser.add_argument("--plot", type=Path, help="draw them into this SVG")
    given = parser.parse_args()
    plots: dict[str, dict[str, plot.Line]] = {}
    for name in given.only or AXES:
        axis = AXES[name]
        sizes = axis.large if given.large else axis.large[:-1] if given.medium else axis.small
        found = {size: axis.measure(size) for size in sizes}
        sys.stdout.write(f"by {name}\n" + "\n".join(_lines(found)) + "\n\n")
        sys.stdout.flush()
        steps = next(iter(found.values()))
        plots[name] = {step: [(n, one[step].seconds) for n, one in found.items()] for step in steps}
    if given.plot:
        given.plot.write_text(plot.svg(plots), encoding="utf-8")


if __name__ == "__main__":
    main()
