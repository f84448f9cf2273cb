"""A site that starts at once, unless a file holds it: the first line of its page is the release it runs."""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CODE = Path(sys.argv[sys.argv.index("--code") + 1])
PAGE = (CODE / "page.txt").read_text(encoding="utf-8").encode()


ThreadingHTTPServer.request_queue_size = 128
# Who asks for its health hangs up in the middle of the answer.
ThreadingHTTPServer.handle_error = lambda *_: None


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            sys.stderr.write("asked slowly\n")
            sys.stderr.flush()
            time.sleep(0.8)
        body = {"/env": os.environ.get("DATABASE_URL", "").encode(), "/pid": str(os.getpid()).encode()}.get(
            self.path, PAGE
        )
        self.send_response(200)
        self.send_header("x-release", os.environ.get("FLY_IMAGE_LABEL_GIT_SHA", ""))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        if self.path != "/health":
            sys.stderr.write(f"GET {self.path}\n")
            sys.stderr.flush()


if PAGE.startswith(b"broken"):
    raise SystemExit("RuntimeError: this release does not start")
while (CODE / "hold").exists():
    time.sleep(0.01)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Site).serve_forever()
