"""Measure what visitors and an admin notice of a release of many rows, and of the same rows by `psql -f`.

Each contender has a production of its own with the sandbox's site before it. Visitors read pages and write
enquiries, which reference artworks; an admin saves the location of artworks that are being released. There
are no pictures. A round changes every artwork of the source and releases them: Maulstick by `apply`, psql by
the file of upserts that somebody would write (by_hand.py), which was written beforehand.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import by_hand
import command
import gallery
import media_places
import project
import psycopg
import urllib3
from traffic import ENQUIRIES, PAGES, SAVES, Traffic

from maulstick.sandbox.process import free_port

NAMED = ("--series", gallery.SERIES)
OURS, PSQL = "maulstick", "psql"
QUIET, RELEASE = "nothing else", "release"
RATES = {PAGES: 100.0, ENQUIRIES: 50.0, SAVES: 10.0}
SITE = Path(__file__).parents[1] / "maulstick" / "sandbox" / "site"
CHANGE = """
update artworks set price_cents = coalesce(price_cents, 0) + 500,
  description_md = description_md || ' Varnished since.', updated_at = now()
"""
READY = 30.0


@contextmanager
def site(database: str) -> Iterator[str]:
    """Serve the sandbox's site on a production, as a process of its own."""
    port = free_port()
    wanted = {
        "DATABASE_URL": database,
        "S3_PUBLIC_URL": project.NOBODY,
        "AWS_ENDPOINT_URL_S3": project.NOBODY,
        "S3_BUCKET": media_places.NAME,
        "AWS_ACCESS_KEY_ID": media_places.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": media_places.SECRET,
    }
    words = [sys.executable, "-m", "maulstick.sandbox.site", "--port", str(port), "--code", str(SITE)]
    running = subprocess.Popen(words, env={**os.environ, **wanted}, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


def rounds(
    traffic: Traffic, release: Callable[[], float], change: Callable[[], None], count: int, quiet: float
) -> list[float]:
    """Let visitors come, alone and then during each release; return the seconds that each release took."""
    took = []
    with traffic.coming():
        time.sleep(1)  # connections are made
        with traffic.phase(QUIET):
            time.sleep(quiet)
        for _ in range(count):
            change()
            with traffic.phase(RELEASE):
                took.append(release())
    return took


def measure(given: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the table: what each kind of visit met, alone and during the releases."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, given.size)
        file = Path(folder) / "upserts.sql"
        for contender in (OURS, PSQL):
            production = gallery.make_production(server, f"of_{contender}")
            home = Path(folder) / contender
            home.mkdir()
            typed = project.made(home, source, production)

            def by_us(typed: project.Project = typed) -> float:
                return typed.invoke("apply", "--yes", *NAMED).seconds

            def by_psql(production: str = production, home: Path = home) -> float:
                return command.run(by_hand.psql(production, file), home).seconds

            def change(typed: project.Project = typed) -> None:
                _change(source)
                typed.invoke("export", *NAMED)
                by_hand.write_upserts(source, file)

            change()
            release = by_us if contender == OURS else by_psql
            release()
            gallery.settle(server, f"of_{contender}")
            slugs = [f"study-no-{number}" for number in range(1, given.size + 1) if number % 5]
            with site(production) as address:
                _wait_for(address)
                rates = {kind: rate * given.rate for kind, rate in RATES.items()}
                traffic = Traffic(address, production, slugs, rates)
                took = rounds(traffic, release, change, given.rounds, given.quiet)
            yield from lines(contender, traffic, took)


def lines(contender: str, traffic: Traffic, took: list[float]) -> Iterator[str]:
    """Yield what one contender's visitors met."""
    enquiries, edits = traffic.lost()
    seconds = ", ".join(f"{one:.1f}" for one in took)
    yield f"{contender}: releases of {seconds} s; lost: {enquiries} enquiries, {edits} of the admin's edits"
    for kind in (PAGES, ENQUIRIES, SAVES):
        alone, during = traffic.of(QUIET, kind), traffic.of(RELEASE, kind)
        cells = [f"{one.percentile(share):9.1f}" for share in (0.5, 0.99, 1.0) for one in (alone, during)]
        counted = f"{len(during.seconds):7,}{len(alone.failed) + len(during.failed):7}"
        yield f"  {kind:10}{''.join(cells)}{counted}"
        yield from (f"    {text}" for text in sorted({*alone.failed, *during.failed})[:3])


def _change(source: str) -> None:
    with psycopg.connect(source) as connection:
        connection.execute(CHANGE.encode())


def _wait_for(address: str) -> None:
    until = time.monotonic() + READY
    while time.monotonic() < until:
        try:
            urllib3.request("GET", f"{address}/health", retries=False)
            return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"{address}: the site did not start")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="so many artworks")
    parser.add_argument("--rounds", type=int, default=5, help="releases of each contender")
    parser.add_argument("--quiet", type=float, default=10, help="seconds without a release, beforehand")
    parser.add_argument("--rate", type=float, default=1, help=f"so many times {RATES} a second")
    given = parser.parse_args()
    head = [f"{name}, {when}" for name in ("p50", "p99", "worst") for when in ("alone", "release")]
    sys.stdout.write(f"milliseconds: {'; '.join(head)}; visits during releases; failed\n")
    for line in measure(given):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
