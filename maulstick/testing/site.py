"""The live site of a test: the author's own command, or a small server for what the test shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from maulstick.sandbox import process
from maulstick.sandbox.own import command

Shown = Callable[[str], str | None]


def nothing(path: str) -> str | None:
    """Show no page."""
    return None


@dataclass(slots=True)
class Site:
    """A site at an address; `shows` returns the HTML of a path, None where there is no such page.

    A site that the author's own command starts shows what it shows.
    """

    url: str
    shows: Shown = nothing


@contextmanager
def shown() -> Iterator[Site]:
    """Serve what a test shows, for the block."""
    site = Site("")

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html = "<!doctype html><title>home</title>" if self.path == "/" else site.shows(self.path)
            body = (html or "").encode()
            self.send_response(404 if html is None else 200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def started(words: str, folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[Site]:
    """Start the author's command in a folder for the block; a problem says why it does not listen."""
    port = process.free_port()
    running = command.begin(words, port, environment, log=log, folder=folder)
    try:
        if (problem := command.failure(words, running, port, log)) is not None:
            raise problem
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        process.stop(running)
