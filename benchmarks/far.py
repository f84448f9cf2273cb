"""Measure a release of five rows to a database that is far away, beside psql with the same rows.

The line is a proxy that holds every byte back for half of the delay in each direction, and counts
connections, bytes and turns: how often a contender waits for the other side. The release is typed with the
steps that need nothing but the databases: export, plan and apply. Left out are check, upload and verify,
since there is neither a bucket nor a site here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import by_hand
import command
import gallery
import project
from command import Took
from latency import Proxy, delayed

DELAYS = (0, 40, 150)
ROWS = 4
"""Artworks; the fifth row is their series."""
NAMED = ("--series", gallery.SERIES)
ONLY = [f"--only={step}" for step in ("export", "plan", "apply")]
STEPS = ("first release", "nothing changed", "plan, nothing to do", "rollback", "psql")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took over a line, and how it used it."""

    took: Took
    turns: int
    connections: int
    sent: int


def measure(milliseconds: int) -> dict[str, Measured]:
    """Return each command over a line of that delay."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, ROWS)
        productions = [gallery.make_production(server, name) for name in ("ours", "by_hand")]
        with delayed("127.0.0.1", server.port, milliseconds / 1000) as line:
            port = urlsplit(line.address).port
            ours, other = (one.replace(f":{server.port}/", f":{port}/") for one in productions)
            typed, rows = project.made(Path(folder), source, ours), Path(folder) / "rows.sql"
            by_hand.write_upserts(source, rows)
            release = ("release", "--yes", *ONLY, *NAMED)
            commands = {
                STEPS[0]: lambda: typed.invoke(*release),
                STEPS[1]: lambda: typed.invoke(*release),
                STEPS[2]: lambda: typed.invoke("plan", *NAMED),
                STEPS[3]: lambda: typed.invoke("rollback", "--yes", "--last"),
                STEPS[4]: lambda: command.run(by_hand.psql(other, rows), Path(folder)),
            }
            return {step: _over(line, run) for step, run in commands.items()}


def _over(line: Proxy, run: Callable[[], Took]) -> Measured:
    line.turns = line.connections = line.sent = 0
    took = run()
    return Measured(took, line.turns, line.connections, line.sent)


def main() -> None:
    """Write a line for each command: its seconds at each distance, its turns and its connections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=int, action="append", help="milliseconds there and back")
    delays = parser.parse_args().delay or DELAYS
    found = {delay: measure(delay) for delay in delays}
    head = (*(f"{delay} ms" for delay in delays), "turns", "connections", "kB sent", "/ psql")
    sys.stdout.write(f"{'seconds':20}" + "".join(f"{one:>13}" for one in head) + "\n")
    last = found[delays[-1]]
    for step in STEPS:
        seconds = [f"{found[delay][step].took.seconds:.2f}" for delay in delays]
        ratio = f"{last[step].took.seconds / last[STEPS[-1]].took.seconds:.2f}"
        used = (last[step].turns, last[step].connections, last[step].sent // 1000)
        cells = (*seconds, *map(str, used), ratio)
        sys.stdout.write(f"{step:20}" + "".join(f"{one:>13}" for one in cells) + "\n")


if __name__ == "__main__":
    main()
