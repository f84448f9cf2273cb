"""Signed requests to a bucket over one pool of connections: what is asked for each of many files.

boto3's client takes three times as long for a small file, and sends no metadata beyond ASCII, which others
may have given an object that we mend. The signatures are botocore's.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ssl import SSLCertVerificationError
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from maulstick.proxies import proxy_for, through
from maulstick.retry import until
from maulstick.s3.client import (
    CONNECTIONS,
    BucketAddress,
    every_request,
    problem,
    refusal,
    require_endpoint,
    silence,
)

if TYPE_CHECKING:
    from maulstick.s3.signing import Signer

NOTHING = hashlib.sha256(b"").hexdigest()
"""The SHA-256 of a request without a body."""
AGAIN = (429, 500, 502, 503, 504)
AGAIN_BY_CODE = ("RequestTimeout", "ConditionalRequestConflict", "OperationAborted", "BadDigest")
"""Refusals that pass, though their status is final: the line was slow, or changed something; two at once."""
CROWDED = (429, 503)
CONDITIONS = ("If-Match", "If-None-Match")
UNMET = 412
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
CALM, LONGEST_CALM = 0.5, 60.0
"""Seconds that a storage is left alone that is asked too much: where it does not say, and at the most."""
SLICE = 1 << 17
"""Bytes handed to the network at once: the timeout is for these, so that a slow line has time for a body."""
TIMEOUT = Timeout(connect=20, read=60)

ENCRYPTED = "x-amz-server-side-encryption"
_MD5 = re.compile(r"[0-9a-f]{32}")
_FAILURE = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<Error>")
_CODE = re.compile(rb"<Code>(\w+)</Code>")

Body = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Reply:
    """What the storage answered; header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def code(self) -> str:
        """The storage's own word for a refusal, empty where it has none."""
        code = _CODE.search(self.body)
        return code[1].decode() if code else ""

    @property
    def is_passing(self) -> bool:
        """Return whether the same request may be answered otherwise in a moment."""
        if self.status == 200:  # some begin to answer before they know how it ends
            return _FAILURE.match(self.body) is not None
        return self.status in AGAIN or (self.status in (400, 409) and self.code in AGAIN_BY_CODE)

    def is_other_than(self, md5: str) -> bool:
        """Return whether the storage may have taken something else than what has this MD5: its ETag says so.

        An ETag need not be an MD5, as where the storage encrypts; then it says nothing of what arrived.
        """
        encrypted = any(name.lower().startswith(ENCRYPTED) for name in self.headers)
        etag = self.headers.get("etag", "").strip('"').lower()
        return not encrypted and _MD5.fullmatch(etag) is not None and etag != md5


class Calm:
    """A moment before which nobody asks: a storage that is asked too much is left alone by all threads."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Return when the moment has come."""
        if (left := self._until - time.monotonic()) > 0:  # even no time at all would hand over to others
            time.sleep(left)

    def after(self, answer: Reply | HTTPError) -> None:
        """Move the moment away, unless it is later already, where an answer says that too much is asked."""
        if isinstance(answer, Reply) and answer.status in CROWDED:
            asked = answer.headers.get("retry-after", "")
            seconds = min(float(asked), LONGEST_CALM) if asked.isdecimal() else CALM
            with self._lock:
                self._until = max(self._until, time.monotonic() + seconds)


class Wire:
    """Requests to one bucket; several threads may ask at once."""

    def __init__(self, address: BucketAddress, attempts: int) -> None:
        self.address = address
        self.attempts = attempts
        self._base = urlsplit(_base_of(address))
        self._pool = _pool_for(self._base)
        self._always = every_request(address)
        self._calm = Calm()

    @cached_property
    def _signer(self) -> Signer:
        from maulstick.s3.signing import Signer  # it brings botocore, which opening a bucket does not need

        return Signer(self.address)

    def ask(
        self,
        method: str,
        key: str = "",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = b"",
        sha256: str = NOTHING,
    ) -> Reply:
        """Return the answer of the storage, also where it refuses; `sha256` is the body's.

        Asked again, less and less often, where the line breaks or the storage is in trouble; at last a
        problem that says so. Where the storage knows no conditions we look whether they hold: if not, the
        answer is the one that it would have given.
        """
        headers = headers or {}
        if not self.address.conditional_writes:
            conditions = {name: headers[name] for name in CONDITIONS if name in headers}
            if not self.holds(key, conditions):
                return Reply(UNMET, {}, b"")
            headers = {name: value for name, value in headers.items() if name not in conditions}
        path = f"{self._base.path}/{quote(key, safe='/~')}"
        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        answer = until(
            lambda answer: isinstance(answer, Reply) and not answer.is_passing,
            lambda: self._tried(method, target, headers, body, sha256),
            attempts=self.attempts,
            pause=FIRST_PAUSE,
            longest=LONGEST_PAUSE,
            again=self._calm.after,
        )
        if isinstance(answer, HTTPError):
            raise silence(self.address, key) from answer
        return answer

    def holds(self, key: str, conditions: Mapping[str, str]) -> bool:
        """Return whether conditions hold of what is under a key now."""
        if not conditions:
            return True
        there = self.require(self.ask("HEAD", key), key, "HeadObject", 404)
        etag = there.headers.get("etag") if there.status != 404 else None
        wanted = conditions.get("If-Match")
        return etag is None if wanted is None else etag is not None and etag.strip('"') == wanted.strip('"')

    def require(self, reply: Reply, key: str, doing: str, *others: int) -> Reply:
        """Return an answer that is good, or of one of the other statuses; else raise its problem."""
        if reply.status in (200, 204, 206, *others):
            return reply
        said = reply.body.decode(errors="replace")
        raise refusal(self.address, key, status=reply.status, code=reply.code, doing=doing, said=said)

    def _tried(
        self, method: str, target: str, headers: Mapping[str, str], body: Body, sha256: str
    ) -> Reply | HTTPError:
        self._calm.wait()
        address, whole = f"{self._base.scheme}://{self._base.netloc}{target}", memoryview(body)
        slices: Any = (whole[at : at + SLICE] for at in range(0, len(whole), SLICE))
        sent = {**headers, **self._always, "Host": self._base.netloc}
        signed = self._signer.signed(method, address, sent, sha256)
        try:
            answer = self._pool.urlopen(
                method,
                address if isinstance(self._pool, urllib3.ProxyManager) else target,  # a proxy asks its host
                body=slices if body else None,
                headers={**signed, "Content-Length": str(len(body))},
                timeout=TIMEOUT,
                retries=False,
                redirect=False,
            )
            return Reply(answer.status, answer.headers, answer.data)
        except HTTPError as error:
            if any(isinstance(cause, SSLCertVerificationError) for cause in error.args):
                hint = "see AWS_ENDPOINT_URL_S3 of the app; AWS_CA_BUNDLE names certificates of your own"
                what = f"{self.address.endpoint} has no certificate that we trust"
                raise problem(self.address, "", what, hint) from error
            return error


def _base_of(address: BucketAddress) -> str:
    """Return the address of the bucket itself, in its virtual or path form."""
    parts = require_endpoint(address)
    if address.addressing == "path":
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/{quote(address.name)}"
    return f"{parts.scheme}://{address.name}.{parts.netloc}{parts.path.rstrip('/')}"


def _pool_for(base: SplitResult) -> urllib3.ProxyManager | urllib3.HTTPConnectionPool:
    proxy = proxy_for(base.scheme, base.hostname or "")
    same: dict[str, Any] = {"maxsize": CONNECTIONS, "ca_certs": os.environ.get("AWS_CA_BUNDLE")}
    if proxy is None:
        return urllib3.PoolManager(**same).connection_from_url(base.geturl())
    return through(proxy, **same)
