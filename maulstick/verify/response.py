"""A site's answer, read and unpacked; and what it means if none comes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import urllib3
from urllib3 import exceptions
from urllib3.exceptions import HTTPError, IncompleteRead

from maulstick.errors import Exit, Problem

LARGEST, PAGE = 256 << 20, 32 << 20
"""Bytes of the largest file that is read, unless a larger one is expected, and of the largest page.

Both are of what was unpacked: a small packed answer may be large.
"""
SLOWEST = 1 << 14
"""Bytes a second that a file must come at, or it is too slow."""
BLOCK = 1 << 18
OK, PARTLY = 200, 206
SAME_END = 3
"""How often an answer must break off at the same byte before we say that visitors get no more."""
PLAIN = ("identity", "none", "utf-8")
LOGS = "is the app running? its logs say more; on Fly: fly status, fly logs"
UNPACK = "browsers unpack it; so does this program if the package brotli or zstandard is installed"


class Unreachable(Problem):
    """The site gave no answer that proves anything: whether it is right is unknown (exit 8)."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint, code=Exit.UNKNOWN)


class Unasked(Unreachable):
    """A page of a target that has no site: nobody is asked."""


class Wrong(Problem):
    """The site gave an answer that cannot be right (exit 5)."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint, code=Exit.WRONG)


@dataclass(frozen=True, slots=True)
class SiteResponse:
    """What the site answered; `address` is where redirects ended, header names are found in any case.

    `size` and `sha256` are those of everything that was read; a file's `body` may be empty nevertheless.
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
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset that the header names, "" if it names none."""
        _, _, said = self.headers.get("content-type", "").lower().partition("charset=")
        return said.partition(";")[0].strip(" \"'")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of an answer: which bytes, None for all, whether they are kept, how many should come.

    A `file` is asked for as from a page of the site.
    """

    range: tuple[int, int] | None = None
    kept: bool = True
    size: int = 0
    file: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers that ask for these bytes."""
        return {"range": "bytes={}-{}".format(*self.range)} if self.range else {}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed try that may succeed the next time."""

    says: str
    cause: HTTPError | None
    end: int | None = None
    """How many bytes came, if the answer had promised more."""
    after: float = 0.0
    """Seconds after which the server wants to be asked again."""


def read(reply: urllib3.BaseHTTPResponse, address: str, end: float, wanted: Wanted) -> tuple[bytes, int, str]:
    """Read what is kept of an answer, how many bytes came, and their SHA-256."""
    blocks, size, digest = [], 0, hashlib.sha256()
    kept = wanted.kept or "html" in reply.headers.get("content-type", "").lower()
    packed = reply.headers.get("content-encoding", "").lower().replace(",", " ").split()
    if unknown := [name for name in packed if name not in (*PLAIN, *reply.CONTENT_DECODERS)]:
        raise Unreachable(address, f"is packed as {' '.join(unknown)}, which was not asked for", UNPACK)
    most = max(LARGEST if wanted.file else min(LARGEST, PAGE), wanted.size)
    # Some servers pack what nobody asked them to, and browsers unpack it; a part alone cannot be unpacked.
    unpacked = reply.status != PARTLY
    # No other call returns before all of the answer is there.
    while block := reply.read1(BLOCK, decode_content=unpacked):
        size += len(block)
        digest.update(block)
        if kept:
            blocks.append(block)
        if wanted.range and size > wanted.range[1] - wanted.range[0]:
            break
        if size > most:
            raise Wrong(address, f"answers more than {most >> 20} MiB")
        if time.monotonic() > end + min(size, wanted.size) / SLOWEST:
            raise Unreachable(address, "sends its answer too slowly to be read", LOGS)
    return b"".join(blocks), size, digest.hexdigest()


def giving_up(address: str, last: Failure, ends: list[int | None], seconds: float) -> Problem:
    """Describe the problem of an address that never answered properly.

    An answer that breaks off at the same byte each time is what every visitor gets.
    """
    if last.end is not None and len(ends) >= SAME_END and set(ends) == {last.end}:
        return Wrong(address, f"breaks off after {last.end} bytes each time", "is the file whole?")
    return Unreachable(address, f"{last.says}, for {seconds:.0f} seconds now", LOGS)


def bytes_before_break(error: HTTPError) -> int | None:
    """Return after how many bytes an answer broke off, None if that is unknown."""
    found = next((one for one in error.args if isinstance(one, IncompleteRead)), None)
    return found.partial if found is not None and found.partial else None


def words_for(error: HTTPError) -> str:
    """Return in words why a question got no answer."""
    if isinstance(error, exceptions.NameResolutionError):
        return "has a host name that nobody knows"
    if isinstance(error, exceptions.NewConnectionError):  # to urllib3 it is a kind of timeout
        return "accepts no connection"
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError):
        return "does not answer in time"
    return "breaks off the connection"
