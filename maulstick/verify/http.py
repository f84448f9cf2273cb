"""The one door to the live site: what it answers to a visitor, once a machine that sleeps is awake."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import DecodeError, HTTPError, LocationParseError, SSLError
from urllib3.util import parse_url

from maulstick.media.local_addresses import Reach, host_of, reach_of
from maulstick.proxies import proxy_for, through
from maulstick.redact import Secret
from maulstick.verify.barriers import hint_of, is_challenged, refusal
from maulstick.verify.response import (
    Failure,
    SiteResponse,
    Unasked,
    Unreachable,
    Wanted,
    Wrong,
    bytes_before_break,
    giving_up,
    read,
    words_for,
)
from maulstick.verify.visitor import Visitor
from maulstick.verify.waits import Waits

REDIRECTS = 20
"""How many browsers follow."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
WAITS = Waits(2.0)
"""Seconds without a word, after which a person hears of it."""
CONNECTIONS: dict[str, Any] = {"maxsize": 16, "retries": False}
MOVED = (301, 302, 303, 307, 308)
BUSY = 429
OWN_AUTHORITY = "SSL_CERT_FILE names authorities of your own"
NO_SITE = "is not asked for: the target has no site"
SMALL = 8 << 20
"""Bytes of the largest file that is kept when it is asked for."""


@dataclass(frozen=True, slots=True)
class Web:
    """A site as its visitors see it.

    A try may wait `timeout` seconds for the next bytes. One that fails, or that is answered with 5xx, is
    repeated at growing intervals until `patience` seconds have passed; `say` is told of the first wait, and
    `look` raises what makes each further one useless.
    `headers`, such as those that let us in, go to the site's own host alone; cookies are kept.
    """

    site: str
    timeout: float = 15.0
    patience: float = 60.0
    direct: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(**CONNECTIONS), repr=False
    )
    ways: dict[tuple[str, str], urllib3.PoolManager] = field(default_factory=dict, repr=False)
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)
    look: Callable[[], None] = field(default=lambda: None, repr=False)
    waiting: set[str] = field(default_factory=set, repr=False)
    headers: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    jar: CookieJar = field(default_factory=CookieJar, repr=False)

    def address(self, path: str) -> str:
        """Return the address of a path of this site; a full address stays as it is."""
        if path.lower().startswith(("http://", "https://")):
            return path
        return f"{self.site.rstrip('/')}/{path.removeprefix('/')}"

    def get(self, path: str) -> SiteResponse:
        """Return what a path or an address answers in the end, whatever its status below 500.

        Raises Unreachable after `patience` without an answer, and for redirects that have no end.
        """
        return self._follow(path, Wanted())

    def once(self, path: str) -> SiteResponse:
        """Return what a path answers itself, a redirect as it is."""
        return self._ask_until_answered(self.address(path), time.monotonic(), Wanted())

    def fetch(self, path: str, size: int = 0) -> SiteResponse:
        """Return what a file's address answers; `size` bytes get time to come, a large body is dropped."""
        return self._follow(path, Wanted(kept=0 < size <= SMALL, size=size, file=True))

    def whole(self, path: str) -> SiteResponse:
        """Return what a file's address answers, with its bytes."""
        return self._follow(path, Wanted(file=True))

    def part(self, path: str, first: int, last: int) -> SiteResponse:
        """Return what is answered to a visitor who asks for some bytes only.

        A server that sends the whole file is not read further than that.
        """
        return self._follow(path, Wanted((first, last), file=True))

    def _follow(self, path: str, wanted: Wanted) -> SiteResponse:
        started = time.monotonic()
        address = asked = self.address(path)
        if address.startswith("/"):
            raise Unasked(path, NO_SITE, "a target's `site` says where its pages are")
        for _ in range(REDIRECTS + 1):
            answer = self._ask_until_answered(address, started, wanted)
            target = answer.headers.get("location")
            if answer.status not in MOVED or not target:
                return answer
            address = self.followed(asked, address, target)
        hint = "a browser may have a cookie, or a login, that it lacks here"
        raise Unreachable(asked, f"is redirected more than {REDIRECTS} times, at last to {address}", hint)

    def followed(self, asked: str, address: str, target: str) -> str:
        """Find where an answer leads a visitor; one that only we would reach is not asked."""
        there = urljoin(address, target)
        if urlsplit(there).scheme not in ("http", "https"):
            raise Wrong(asked, f"is redirected to {there}, which is not a page")
        if is_inside(there) and not is_inside(self.site):
            says = f"is redirected to {there}, which only this machine or its network can reach"
            raise Wrong(asked, says, "it was not asked; see what the site's redirects name")
        return there

    def _ask_until_answered(self, address: str, started: float, wanted: Wanted) -> SiteResponse:
        end, pause = started + self.patience, FIRST_PAUSE
        ends: list[int | None] = []
        while True:
            answer = self._try(address, started, max(end, time.monotonic() + self.timeout), wanted)
            if isinstance(answer, SiteResponse):
                return answer
            ends.append(answer.end)
            pause = max(pause, answer.after)
            if time.monotonic() + pause > end:
                raise giving_up(address, answer, ends, time.monotonic() - started) from answer.cause
            self.look()
            self._say_once(address, answer.says)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _say_once(self, address: str, says: str) -> None:
        host = urlsplit(address).netloc
        if host not in self.waiting:
            self.waiting.add(host)
            self.say(f"    waiting for {host}: {says}; a machine that sleeps needs some seconds")

    def _try(self, address: str, started: float, end: float, wanted: Wanted) -> SiteResponse | Failure:
        try:
            answer = self._ask_once(address, started, end, wanted)
        except SSLError as error:
            hint = f"see the site's certificate (on Fly: fly certs list); {OWN_AUTHORITY}"
            raise Unreachable(address, "has no certificate that we trust", hint) from error
        except LocationParseError as error:
            raise Wrong(address, "is not an address") from error
        except DecodeError as error:
            raise Unreachable(address, "cannot be unpacked as its content-encoding says") from error
        except HTTPError as error:
            return Failure(words_for(error), error, bytes_before_break(error))
        if challenged := refusal(answer.status, answer.headers) if is_challenged(answer.headers) else "":
            raise Unreachable(address, challenged, hint_of(answer.status))
        if answer.status >= 500 or answer.status == BUSY:
            return Failure(f"answers {answer.status}", None, after=_retry_after(answer))
        return answer

    def _ask_once(self, address: str, started: float, end: float, wanted: Wanted) -> SiteResponse:
        reply = self._open(address, wanted)
        try:
            body, size, digest = read(reply, address, end, wanted)
        except BaseException:
            reply.close()
            raise
        if wanted.range:
            reply.close()  # more may come than was asked for
        else:
            reply.release_conn()
        seconds = time.monotonic() - started
        return SiteResponse(reply.status, reply.headers, body, address, seconds, size, digest)

    def _open(self, address: str, wanted: Wanted) -> urllib3.BaseHTTPResponse:
        """Ask, and return once an answer begins; a person hears of some seconds without a word."""
        visitor = Visitor(self.site, self.headers, self.jar)
        with WAITS.announced(partial(self._say_once, address, "does not answer yet")):
            reply = self._pool_for(address).request(
                "GET",
                address,
                headers=visitor.sends(address, file=wanted.file) | wanted.headers,
                timeout=self.timeout,
                redirect=False,
                preload_content=False,
            )
        visitor.keeps(address, reply)
        return reply

    def _pool_for(self, address: str) -> urllib3.PoolManager:
        """Return the connections to an address's host, through the proxy before it if there is one."""
        parts = parse_url(address)
        way = (parts.scheme or "", (parts.host or "").strip("[]"))
        if way not in self.ways:
            proxy = proxy_for(*way)
            self.ways[way] = through(proxy, **CONNECTIONS) if proxy else self.direct
        return self.ways[way]


def is_inside(address: str) -> bool:
    """Return whether only this machine or its network can reach an address."""
    host = host_of(address)
    return bool(host) and reach_of(host) < Reach.EVERYWHERE


def _retry_after(answer: SiteResponse) -> float:
    """Return after how many seconds a busy server wants to be asked again, 0 if it does not say."""
    asked_for = answer.headers.get("retry-after", "").strip()
    return float(asked_for) if asked_for.isdecimal() else 0.0
