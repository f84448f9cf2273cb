"""Measure how soon the desk opens in Chromium, with many small series: until every subject is listed.

Production is on this machine, and the artworks have no pictures.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gallery
import project
from playwright.sync_api import Page, sync_playwright
from subjects import ARTWORKS, ROWS_ONLY

from maulstick.verify.browser import PROGRAMS

PATIENCE = 60_000


@contextmanager
def desk(folder: Path) -> Iterator[tuple[str, float]]:
    """Start the desk; yield its address, and how many seconds it took to say it."""
    began = time.monotonic()
    words = [sys.executable, "-m", "invoke", "desk"]
    running = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert running.stdout
        yield running.stdout.readline().strip(), time.monotonic() - began
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()


def opened(page: Page, address: str, count: int) -> tuple[float, float]:
    """Open a page; return the seconds until all subjects are listed, and until their states are of now."""
    began = time.monotonic()
    page.goto(address, wait_until="commit")
    page.locator(".card").nth(count - 1).wait_for(state="attached", timeout=PATIENCE)
    listed = time.monotonic() - began
    page.get_by_role("status").get_by_text("As it was at").wait_for(timeout=PATIENCE)
    return listed, time.monotonic() - began


def measure(count: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield what each opening took."""
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source = gallery.make_source(server, 0)
        gallery.add_series(server, count, ARTWORKS)
        typed = project.made(Path(folder), source, gallery.make_production(server, "ours"))
        typed.invoke("--list")
        with sync_playwright() as playwright:
            program = next(filter(None, map(shutil.which, PROGRAMS)), None)
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for said in ("the first desk ever", "the next one"):
                if said == "the next one":
                    typed.invoke("release", "--all", "--yes", *ROWS_ONLY)
                with desk(typed.folder) as (address, started):
                    yield said, started, *opened(browser.new_page(), address, count)
                    yield f"{said}, again", 0, *opened(browser.new_page(), address, count)


def main() -> None:
    """Write a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=500, help="so many series")
    count = parser.parse_args().size
    sys.stdout.write(f"{count:,} series of {ARTWORKS} artworks\n")
    sys.stdout.write(f"{'':28}{'address':>12}{'all listed':>12}{'states now':>12}\n")
    for said, *seconds in measure(count):
        sys.stdout.write(f"{said:28}" + "".join(f"{one:>12.2f}" for one in seconds) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
