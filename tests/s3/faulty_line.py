"""A line to a storage that fails as lines and storages do; a test says which request fails, and how."""

import random
import socket
import struct
import threading
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESET, LOST, CUT, BROKEN, BUSY = "reset", "lost", "cut", "500", "503"
KINDS = (RESET, LOST, CUT, BROKEN, BUSY)
FULL = "507"
"""Reset before anything was done; the answer lost, or cut short, after it was done; two refusals.

Any other refusal is a pair of its status and its code; a function makes another answer of the true one.
"""
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
INTERNAL = b"<Error><Code>InternalError</Code></Error>"


class Line(ThreadingHTTPServer):
    """The line, and what went over it; `fails` returns a kind of failure for a request, or None.

    `spoils` returns what becomes of a body on the way, `refuses` a failure for the headers of a request;
    headers that are `dropped` do not arrive.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, host, port):
        self.there, self.fails, self.refusal = (host, port), lambda method, path: None, {}
        self.passed, self.failed, self.headers = Counter(), Counter(), []
        self.spoils, self.refuses, self.dropped = (lambda method, body: body), (lambda headers: None), ()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def one_in(self, chance, *, seed=1):
        """Fail this share of all requests, in every way in turn."""
        dice, kinds, lock = random.Random(seed), iter(KINDS * 10_000), threading.Lock()

        def fails(method, path):
            with lock:
                return next(kinds) if dice.random() < chance else None

        self.fails = fails

    def once(self, kind, wanted, **refusal):
        """Fail the first request whose method and path hold the wanted text."""
        left, self.refusal = [kind], refusal
        self.fails = lambda method, path: left.pop() if left and wanted in f"{method} {path}" else None

    def handle_error(self, request, client_address):
        pass  # both ends break off all the time here


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.server.refuses(self.headers) or self.server.fails(self.command, self.path)
        self.server.passed[self.command] += 1
        self.server.headers.append(self.headers)
        if kind is not None:
            self.server.failed[kind] += 1
        if callable(kind):
            return self.reply(*kind(*self.ask(body)))
        if kind == RESET:
            return self.hang_up()
        if isinstance(kind, tuple):
            status, code = kind
            return self.reply(status, {}, f"<Error><Code>{code}</Code></Error>".encode())
        if kind in (BROKEN, BUSY, FULL):
            return self.reply(int(kind), self.server.refusal, SLOW_DOWN if kind == BUSY else INTERNAL)
        status, headers, content = self.ask(self.server.spoils(self.command, body))
        if kind == LOST:
            return self.hang_up()
        return self.reply(status, headers, content, whole=kind != CUT)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

    def ask(self, body):
        there = HTTPConnection(*self.server.there, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name not in self.server.dropped}
            there.request(self.command, self.path, body or None, headers)
            answer = there.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except (OSError, HTTPException):
            return 502, {}, b""
        finally:
            there.close()

    def reply(self, status, headers, content, *, whole=True):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if whole else content[: len(content) // 2])
        if not whole:
            self.hang_up()

    def hang_up(self):
        """Break the connection with a reset, as a line that dies does."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_):
        pass


@contextmanager
def line_to(host, port):
    line = Line(host, port)
    threading.Thread(target=line.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield line
    finally:
        line.shutdown()
        line.server_close()
