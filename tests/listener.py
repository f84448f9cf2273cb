"""A web server of the suite that remembers what is posted to it."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted: the path, the headers by their names in small letters, and the JSON."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Listener:
    """The server's address, what was posted, and the statuses that it answers with, 204 after the last."""

    address: str
    posts: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        return [post.body for post in self.posts]


@contextmanager
def listening() -> Iterator[Listener]:
    """Run the server for the block."""
    listener = Listener("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            listener.posts.append(Posted(self.path, headers, body))
            self.send_response(listener.statuses.pop(0) if listener.statuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    listener.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
