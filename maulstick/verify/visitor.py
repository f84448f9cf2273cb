"""What a visitor's browser sends along: what it takes, where it comes from, its cookies, what lets it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from urllib.parse import urlsplit
from urllib.request import Request

import urllib3

from maulstick.redact import Secret

NAME = "Mozilla/5.0 (compatible; maulstick)"
"""Our own name, in the form that servers know visitors by."""
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FILE = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
"""No WebP and no AVIF by name: who reads them here may send the picture recompressed."""
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor of a site: cookies are kept, and `headers` are sent to the site's own host alone."""

    site: str
    headers: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    jar: CookieJar = field(default_factory=CookieJar, repr=False)

    def sends(self, address: str, *, file: bool) -> dict[str, str]:
        """List the headers of a question; who asks for a file comes from the site."""
        sent = {"accept": FILE if file else PAGE, "accept-encoding": "identity", "user-agent": NAME}
        if file and not (self.site.startswith("https:") and address.startswith("http:")):
            site = urlsplit(self.site)
            sent["referer"] = f"{site.scheme}://{site.netloc}/"
        question = _question(address)
        self.jar.add_cookie_header(question)
        cookies = list(filter(None, [question.get_header("Cookie")]))
        if is_same_host(address, self.site):
            for name, value in self.headers.items():
                if name.lower() == "cookie":
                    cookies.insert(0, value.reveal())
                else:
                    sent[name.lower()] = value.reveal()
        if cookies:
            sent["cookie"] = "; ".join(cookies)
        return sent

    def keeps(self, address: str, reply: urllib3.BaseHTTPResponse) -> None:
        """Keep the cookies that an answer sets."""
        if values := reply.headers.getlist("set-cookie"):
            cookies = Message()
            for value in values:
                cookies["set-cookie"] = value
            self.jar.extract_cookies(_CookieReply(cookies), _question(address))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _CookieReply:
    """An answer as the standard library's cookies want it."""

    headers: Message

    def info(self) -> Message:
        return self.headers


def is_same_host(address: str, site: str) -> bool:
    """Return whether an address is the site's own, which may also have moved from http to https."""
    try:
        asked, own = urlsplit(address), urlsplit(site)
        ports = (asked.port or PORTS.get(asked.scheme), own.port or PORTS.get(own.scheme))
    except ValueError:
        return False
    if not asked.hostname or asked.hostname != own.hostname:
        return False
    moved = (own.scheme, asked.scheme) == ("http", "https") and ports == (443, 80)
    return moved or (asked.scheme == own.scheme and ports[0] == ports[1])


def _question(address: str) -> Request:
    return Request(address)  # noqa: S310 - nothing is opened by it
