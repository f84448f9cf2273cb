import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """One answer: after `wait` seconds, with `missing` bytes fewer than promised."""

    body: bytes = b"hello"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    missing: int = 0


@dataclass
class Site:
    """A small real server: for each path its answers in order, the last for good."""

    port: int = 0
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def answers(self, path, *replies):
        self.replies[path] = list(replies)

    def next(self, path):
        self.asked.append(path)
        left = self.replies.get(path, [Reply(b"nothing here", 404)])
        return left.pop(0) if len(left) > 1 else left[0]

    @contextmanager
    def running(self):
        server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_of(self))
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            reply = site.next(self.path)
            time.sleep(reply.wait)
            self.send_response(reply.status)
            for name, value in {"content-type": "text/html; charset=utf-8", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body) + reply.missing))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = reply.missing > 0

        def log_message(self, *words):
            pass

    return Handler
