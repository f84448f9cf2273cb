"""The one door to the live site: what it answers to a visitor, with patience for a machine that sleeps."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3 import exceptions
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, LocationParseError, SSLError
from urllib3.util import parse_url

from maulstick.errors import Exit, Problem
from maulstick.proxies import proxy_for, through

REDIRECTS = 5
LARGEST = 256 << 20
"""Bytes of the largest answer that is read where no larger one should come."""
SLOWEST = 1 << 14
"""Bytes a second; a file that comes at least so fast is not too slow."""
BLOCK = 1 << 18
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
SILENCE = 2.0
"""Seconds without a word, after which a person is told."""
CONNECTIONS: dict[str, Any] = {"maxsize": 16, "retries": False}
HEADERS = {"accept-encoding": "identity", "user-agent": "maulstick"}
MOVED = (301, 302, 303, 307, 308)
BUSY = 429
PARTLY = 206
SAME_END = 3
"""How many times an answer must end at the same byte, too early, before that is what visitors get."""
INSIDE = (".localhost", ".local", ".internal", ".flycast")
"""Ends of host names that only one machine or one network knows."""


class Unreachable(Problem):
    """The site gave no answer that tells anything: nobody knows whether it is right (exit 8)."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint, code=Exit.UNKNOWN)


class Wrong(Problem):
    """The site gave an answer that cannot be right (exit 5)."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint, code=Exit.WRONG)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered; `address` is where redirects ended, header names are found in any case.

    `size` and `sha256` are of all that was read, of which the body may hold nothing.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    address: str
    seconds: float
    size: int
    sha256: str

    @property
    def type(self) -> str:
        """Return the content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Return the charset that the header names, "" where it names none."""
        _, _, said = self.headers.get("content-type", "").lower().partition("charset=")
        return said.partition(";")[0].strip(" \"'")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted of an answer: which bytes, None for all, whether they are kept, how many should come."""

    range: tuple[int, int] | None = None
    kept: bool = True
    size: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {**HEADERS, **({"range": "bytes={}-{}".format(*self.range)} if self.range else {})}


@dataclass(frozen=True, slots=True)
class _Failure:
    """A try that may go better the next time."""

    says: str
    cause: HTTPError | None
    end: int | None = None
    """Bytes that came of an answer that promised more."""


@cache
def _through(proxy: str) -> urllib3.PoolManager:
    return through(proxy, **CONNECTIONS)


@dataclass(frozen=True, slots=True)
class Web:
    """A site as its visitors see it.

    Each try may wait `timeout` seconds for the next bytes; one that fails, or that a server refuses with 5xx,
    is made again, less and less often, until `patience` seconds have passed. `say` hears of the first wait.
    """

    site: str
    timeout: float = 15.0
    patience: float = 60.0
    direct: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(**CONNECTIONS), repr=False
    )
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)
    waiting: set[str] = field(default_factory=set, repr=False)

    def address(self, path: str) -> str:
        """Return the address of a path of this site; a full address stays as it is."""
        if path.lower().startswith(("http://", "https://")):
            return path
        return f"{self.site.rstrip('/')}/{path.removeprefix('/')}"

    def get(self, path: str) -> Answer:
        """Return what a path or an address answers in the end, whatever its status below 500.

        Raises Unreachable after `patience` without an answer, Wrong for redirects that lead nowhere.
        """
        return self._followed(path, _Wanted())

    def fetch(self, path: str, size: int = 0) -> Answer:
        """Return the same without the body; a file that should have `size` bytes is given time for them."""
        return self._followed(path, _Wanted(kept=False, size=size))

    def part(self, path: str, first: int, last: int) -> Answer:
        """Return what is answered to a visitor who asks for some bytes only.

        Some servers send all; of that no more is read.
        """
        return self._followed(path, _Wanted((first, last)))

    def _followed(self, path: str, wanted: _Wanted) -> Answer:
        started = time.monotonic()
        address = asked = self.address(path)
        for _ in range(REDIRECTS + 1):
            answer = self._answer(address, started, wanted)
            target = answer.headers.get("location")
            if answer.status not in MOVED or not target:
                return answer
            address = _target(asked, address, target)
        raise Wrong(asked, f"is redirected more than {REDIRECTS} times, at last to {address}")

    def _answer(self, address: str, started: float, wanted: _Wanted) -> Answer:
        end, pause = started + self.patience, FIRST_PAUSE
        ends: list[int | None] = []
        while True:
            answer = self._tried(address, started, max(end, time.monotonic() + self.timeout), wanted)
            if isinstance(answer, Answer):
                return answer
            ends.append(answer.end)
            if time.monotonic() + pause > end:
                raise _given_up(address, answer, ends, time.monotonic() - started) from answer.cause
            self._say_once(address, answer.says)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _say_once(self, address: str, says: str) -> None:
        host = urlsplit(address).netloc
        if host not in self.waiting:
            self.waiting.add(host)
            self.say(f"    waiting for {host}: {says}; a machine that sleeps needs some seconds")

    def _tried(self, address: str, started: float, end: float, wanted: _Wanted) -> Answer | _Failure:
        try:
            answer = self._once(address, started, end, wanted)
        except SSLError as error:
            hint = "see the site's certificate: fly certs list"
            raise Unreachable(address, "has no certificate that we trust", hint) from error
        except LocationParseError as error:
            raise Wrong(address, "is not an address") from error
        except DecodeError as error:
            raise Wrong(address, "cannot be unpacked as its content-encoding says") from error
        except HTTPError as error:
            return _Failure(_said(error), error, _end(error))
        if answer.status >= 500 or answer.status == BUSY:
            return _Failure(f"answers {answer.status}", None)
        return answer

    def _once(self, address: str, started: float, end: float, wanted: _Wanted) -> Answer:
        reply = self._begun(address, wanted)
        try:
            body, size, digest = _read(reply, address, end, wanted)
        except BaseException:
            reply.close()
            raise
        if wanted.range:
            reply.close()  # more may come than was asked for
        else:
            reply.release_conn()
        seconds = time.monotonic() - started
        return Answer(reply.status, reply.headers, body, address, seconds, size, digest)

    def _begun(self, address: str, wanted: _Wanted) -> urllib3.BaseHTTPResponse:
        """Ask, and return once an answer begins; a person is told after some seconds without a word."""
        parts = parse_url(address)
        proxy = proxy_for(parts.scheme or "", (parts.host or "").strip("[]"))
        pool = _through(proxy) if proxy else self.direct
        timer = Timer(SILENCE, self._say_once, (address, "does not answer yet"))
        timer.start()
        try:
            return pool.request(
                "GET",
                address,
                headers=wanted.headers,
                timeout=self.timeout,
                redirect=False,
                preload_content=False,
            )
        finally:
            timer.cancel()


def _read(
    reply: urllib3.BaseHTTPResponse, address: str, end: float, wanted: _Wanted
) -> tuple[bytes, int, str]:
    """Return what is kept of an answer, how many bytes came, and their SHA-256."""
    blocks, size, digest = [], 0, hashlib.sha256()
    # Some servers pack what nobody asked them to, and browsers unpack it; a part alone cannot be unpacked.
    unpacked = reply.status != PARTLY
    # No other call returns before all of it is there.
    while block := reply.read1(BLOCK, decode_content=unpacked):
        size += len(block)
        digest.update(block)
        if wanted.kept:
            blocks.append(block)
        if wanted.range and size > wanted.range[1] - wanted.range[0]:
            break
        if size > max(LARGEST, wanted.size):
            raise Wrong(address, f"answers more than {max(LARGEST, wanted.size) >> 20} MiB")
        if time.monotonic() > end + min(size, wanted.size) / SLOWEST:
            raise Unreachable(
                address, "sends its answer too slowly to be read", "see fly status and fly logs"
            )
    return b"".join(blocks), size, digest.hexdigest()


def is_inside(address: str) -> bool:
    """Tell whether an address is one that only this machine or its network knows."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(INSIDE)
    return found.is_private or found.is_loopback or found.is_link_local


def _given_up(address: str, last: _Failure, ends: list[int | None], seconds: float) -> Problem:
    """Return what there is to say of an address that never answered well.

    An answer that breaks off at the same byte each time is what every visitor gets.
    """
    if last.end is not None and len(ends) >= SAME_END and set(ends) == {last.end}:
        return Wrong(address, f"breaks off after {last.end} bytes each time", "is the file whole?")
    return Unreachable(address, f"{last.says}, for {seconds:.0f} seconds now", "see fly status and fly logs")


def _end(error: HTTPError) -> int | None:
    found = next((one for one in error.args if isinstance(one, IncompleteRead)), None)
    return found.partial if found is not None and found.partial else None


def _target(asked: str, address: str, target: str) -> str:
    followed = urljoin(address, target)
    if urlsplit(followed).scheme not in ("http", "https"):
        raise Wrong(asked, f"is redirected to {followed}, which is no page")
    return followed


def _said(error: HTTPError) -> str:
    if isinstance(error, exceptions.NameResolutionError):
        return "has a host name that nobody knows"
    if isinstance(error, exceptions.NewConnectionError):  # to urllib3 it is a kind of timeout
        return "accepts no connection"
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError):
        return "does not answer in time"
    return "breaks off the connection"
