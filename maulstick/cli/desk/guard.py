"""Who may ask the desk: a browser of this machine that was given the address, and its own pages."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from flask import Flask, Response, abort, request

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # To other sites nothing is said; to our own pages, or a form would be of no origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LARGEST_FORM = 1 << 16


@dataclass(slots=True)
class Guard:
    """The token of one desk, which stands first in every path, and the names that it answers to."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    hosts: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        """The path of the first page; all others are below it."""
        return f"/{self.token}/"

    def serve_at(self, port: int) -> str:
        """Answer at a port of this machine; return the address to open."""
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        return f"http://{self.hosts[0]}{self.root}"

    def watch(self, app: Flask) -> None:
        """Let the guard see every request before the application does, and every answer after it."""
        app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
        app.before_request(self._let_in)
        app.after_request(_dressed)

    def _let_in(self) -> None:
        token = request.path.removeprefix("/").partition("/")[0]
        # Another name means that some site's name was made to lead here.
        if request.host not in self.hosts or not hmac.compare_digest(token.encode(), self.token.encode()):
            abort(404)
        if request.method not in ("GET", "HEAD") and not self._is_own_form():
            abort(403)

    def _is_own_form(self) -> bool:
        sites = request.headers.get("Sec-Fetch-Site", "same-origin")
        return sites == "same-origin" and request.headers.get("Origin") == f"http://{request.host}"


def _dressed(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
