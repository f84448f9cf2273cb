"""The one door to S3: a bucket's objects, with the settings for Tigris (docs/fly-facts.md, "Tigris")."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Lock
from typing import Any

from maulstick.errors import Problem
from maulstick.files import BLOCK
from maulstick.project.declarations import MediaFile
from maulstick.retry import until
from maulstick.s3 import listing
from maulstick.s3.client import BucketAddress as BucketAddress
from maulstick.s3.client import StorageRefusal, asking, connect, refusal, silence
from maulstick.s3.listing import Listed as Listed
from maulstick.s3.listing import Unfinished
from maulstick.s3.wire import FIRST_PAUSE, LONGEST_PAUSE, UNMET, Reply, Wire

DIGEST = "sha256"
"""The name of the metadata that holds an object's SHA-256."""
PIXELS = "pixels"
"""The name of the metadata that holds a picture's width and height, once it was decoded."""
META = "x-amz-meta-"
ATTEMPTS = 10
NOTHING: Mapping[str, str] = {}
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
NEVER = f'"{hashlib.md5(b"never there", usedforsecurity=False).hexdigest()}"'
"""An ETag that no object has that anybody would store."""
UNKNOWN_DATE = "Thu, 01 Jan 1970 00:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as its headers show it; `sha256` and `others` are its metadata."""

    size: int
    type: str
    cache_control: str
    sha256: str | None
    etag: str
    modified: datetime
    disposition: str = ""
    encoding: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """A bucket that is open; several threads may use it at once.

    What is asked for each file, and what carries an object's headers, goes over `wire`; all else is left to
    boto3's client, which is imported once it is needed.
    """

    address: BucketAddress
    wire: Wire = field(repr=False)
    _lock: Lock = field(repr=False, default_factory=Lock)

    @cached_property
    def _client(self) -> Any:
        return connect(self.address, self.wire.attempts)

    @property
    def client(self) -> Any:
        """Boto3's client."""
        with self._lock:
            return self._client

    def call(self, operation: str, key: str, **given: Any) -> dict[str, Any]:
        """Return what boto3's client answers to an operation on a key; a refusal is a problem."""
        with asking(self.address, key):
            answer: dict[str, Any] = getattr(self.client, operation)(
                Bucket=self.address.name, Key=key, **given
            )
            return answer

    def list(self, prefixes: Iterable[str]) -> dict[str, Listed]:
        """List all objects whose keys begin with one of the prefixes; a request brings a thousand."""
        pages = (page for prefix in prefixes for page in listing.under(self.wire, prefix))
        return {key: listed for page in pages for key, listed in page.objects.items()}

    def among(self, folder: str, keys: Iterable[str]) -> dict[str, Listed]:
        """Return those of the keys of a folder that a listing shows, for as few requests as can be."""
        return listing.among(self.wire, folder, keys)

    def first(self, count: int) -> dict[str, Listed]:
        """Find the first objects, a thousand of them for one request."""
        objects: dict[str, Listed] = {}
        for page in listing.under(self.wire, ""):
            objects |= page.objects
            if len(objects) >= count:
                break
        return dict([*objects.items()][:count])

    def takes_writes(self) -> bool | None:
        """Return whether our key may write, None where the storage does not say; nothing is ever stored.

        It sends a part of an upload that nobody began: the right to that is the right to write and is looked
        at first, and without its upload a part can become nothing. A PUT under a condition that cannot hold
        would write where a storage does not know conditions.
        """
        key = "maulstick/never-begun"
        status = self._status("upload_part", key, PartNumber=1, UploadId="never-begun")
        return {401: False, 403: False, 404: True}.get(status)

    def knows_conditions(self) -> bool | None:
        """Return whether the storage keeps to the conditions of a write, None where it does not say.

        It is asked to replace what was never there. Where it writes all the same, what it wrote, an empty
        object, is removed again.
        """
        key = f"maulstick/never-there-{secrets.token_hex(8)}"
        status = self._status("put_object", key, IfMatch=NEVER)
        if status == 200:
            self._status("delete_object", key)
        return {200: False, 501: False, 404: True, 409: True, 412: True}.get(status)

    def clock(self) -> datetime | None:
        """Return the storage's time, which it gives even where it refuses us because ours is another."""
        date = self.wire.ask("HEAD").headers.get("date")
        return parsedate_to_datetime(date) if date else None

    def unfinished(self) -> Iterator[str]:
        """List the keys of uploads in parts that nobody finished: what has arrived of them is paid for."""
        return (upload.key for upload in listing.unfinished(self.wire))

    def throw_away(self, keys: Iterable[str]) -> frozenset[str]:
        """Throw away what arrived of the unfinished uploads of these keys; return the keys that had any."""
        wanted = set(keys)
        uploads = [upload for upload in listing.unfinished(self.wire) if upload.key in wanted]
        for upload in uploads:
            self.abort(upload)
        return frozenset(upload.key for upload in uploads)

    def abort(self, upload: Unfinished) -> None:
        """Throw away what arrived of an upload; what went wrong before is what a person should read."""
        with suppress(Problem):
            self.call("abort_multipart_upload", upload.key, UploadId=upload.id)

    def head(self, key: str) -> Stored | None:
        """List an object's headers, or None where nothing is under its key."""
        reply = self.wire.require(self.wire.ask("HEAD", key), key, "HeadObject", 404)
        return None if reply.status == 404 else _stored(reply)

    def digest(self, key: str) -> str:
        """Return an object's SHA-256 by reading all of it; where the line breaks off, from there on."""
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        digest, read, rest = hashlib.sha256(), 0, dict[str, str]()

        def read_on() -> Exception | None:
            nonlocal read, rest
            answer = self.call("get_object", key, **rest)
            try:
                for block in answer["Body"].iter_chunks(BLOCK):
                    digest.update(block)
                    read += len(block)
                return None
            except (HTTPClientError, IncompleteReadError) as error:
                rest = {"Range": f"bytes={read}-", "IfMatch": answer["ETag"]} if read else {}
                return error  # type: ignore[no-any-return]  # botocore has no types

        broken: Exception | None = until(
            lambda broken: broken is None,
            read_on,
            attempts=self.wire.attempts,
            pause=FIRST_PAUSE,
            longest=LONGEST_PAUSE,
        )
        if broken is not None:
            raise silence(self.address, key) from broken
        return digest.hexdigest()

    def is_public(self, key: str) -> bool | None:
        """Return whether an object's own ACL lets everybody read it, None where the storage knows no ACLs."""
        try:
            acl = self.call("get_object_acl", key)
        except StorageRefusal:
            return None
        return any(grant["Grantee"].get("URI") == EVERYBODY for grant in acl.get("Grants", ()))

    def headers(self, wanted: MediaFile) -> dict[str, str]:
        """Return what a file's object tells a browser, as it should be: type, how long to keep it, ACL."""
        acl = {"acl": self.address.acl} if self.address.acl else {}
        return {"type": wanted.type, "cache_control": wanted.cache_control, **acl}

    def sent(self, wanted: MediaFile, others: Mapping[str, str] = NOTHING) -> dict[str, str]:
        """List the headers that give a file's object its own; `others` is metadata to keep.

        Its digest and size are what was read of it before it was sent.
        """
        acl = {"x-amz-acl": self.address.acl} if self.address.acl else {}
        pixels = {PIXELS: f"{wanted.width}x{wanted.height}"} if wanted.width is not None else {}
        metadata = {**others, DIGEST: wanted.sha256, **pixels}
        return {
            "Content-Type": wanted.type,
            "Cache-Control": wanted.cache_control,
            **{META + name: value for name, value in metadata.items()},
            **acl,
        }

    def condition(self, key: str, etag: str, doing: str) -> dict[str, str]:
        """Return how boto3's client is told that a key must hold the object with an ETag, "" for none.

        Where the storage knows no conditions we look: what does not hold is refused as it would do.
        """
        headers = only_instead_of(etag)
        if self.address.conditional_writes:
            return {name.replace("-", ""): value for name, value in headers.items()}
        if not self.wire.holds(key, headers):
            raise refusal(self.address, key, status=UNMET, code="PreconditionFailed", doing=doing)
        return {}

    def _status(self, operation: str, key: str, **given: Any) -> int:
        """Return the HTTP status of an answer, also where it refuses."""
        try:
            return int(self.call(operation, key, **given)["ResponseMetadata"]["HTTPStatusCode"])
        except StorageRefusal as refusal:
            return refusal.status


def open_bucket(address: BucketAddress, *, attempts: int = ATTEMPTS) -> Bucket:
    """Return a bucket whose requests are tried up to `attempts` times; nothing is asked of it yet."""
    return Bucket(address, Wire(address, attempts))


def only_instead_of(etag: str) -> dict[str, str]:
    """Compose the condition under which a key is written: it holds the object with an ETag, "" for none."""
    return {"If-Match": etag} if etag else {"If-None-Match": "*"}


def _stored(reply: Reply) -> Stored:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    metadata = {name[len(META) :]: value for name, value in headers.items() if name.startswith(META)}
    return Stored(
        size=int(headers.get("content-length", 0)),
        type=headers.get("content-type", ""),
        cache_control=headers.get("cache-control", ""),
        sha256=metadata.pop(DIGEST, None),
        etag=headers.get("etag", ""),
        modified=parsedate_to_datetime(headers.get("last-modified", UNKNOWN_DATE)),
        disposition=headers.get("content-disposition", ""),
        encoding=headers.get("content-encoding", ""),
        others=metadata,
    )
