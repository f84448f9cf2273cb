import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """One answer: once `wait` returns, each byte once `drip` does, `missing` bytes fewer than promised."""

    body: bytes = b"hello"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: Callable[[], object] = lambda: None
    drip: Callable[[], object] | None = None
    missing: int = 0
    chunked: bool = False


@dataclass
class Site:
    """A small real server: for each path its answers in order, the last for good."""

    port: int = 0
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refuses: Callable[[dict[str, str]], bool] = lambda _: False

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
    def running(self, tls=None):
        server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_of(self))
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # visitors may leave before the answer ends
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def parts_of(reply):
    if reply.chunked:
        end = b"" if reply.missing else b"0\r\n\r\n"
        return [*(b"1\r\n%c\r\n" % byte for byte in reply.body), end]
    return [reply.body[n : n + 1] for n in range(len(reply.body))] if reply.drip else [reply.body]


def handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            site.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            refused = site.refuses(site.heard[-1][1])
            reply = Reply(b"no robots", 403) if refused else site.next(self.path)
            reply.wait()
            self.send_response(reply.status)
            for name, value in {"content-type": "text/html; charset=utf-8", **reply.headers}.items():
                self.send_header(name, value)
            length = ("content-length", str(len(reply.body) + reply.missing))
            self.send_header(*(("transfer-encoding", "chunked") if reply.chunked else length))
            self.end_headers()
            for part in parts_of(reply):
                (reply.drip or int)()
                self.wfile.write(part)
            self.close_connection = reply.missing > 0

        def log_message(self, *words):
            pass

    return Handler
