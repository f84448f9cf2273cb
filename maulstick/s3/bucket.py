"""The one door to S3: a bucket's objects, with the settings for Tigris (docs/fly-facts.md, "Tigris")."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Lock
from typing import Any

from maulstick.files import BLOCK
from maulstick.project.declarations import MediaFile
from maulstick.s3 import listing as bucket_listing
from maulstick.s3 import unfinished as bucket_unfinished
from maulstick.s3.client import BucketAddress as BucketAddress
from maulstick.s3.client import asking, connect, silence
from maulstick.s3.listing import Listed as Listed
from maulstick.s3.wire import Reply, Wire

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

    What is asked for every file goes over `wire`; the rest is left to boto3's client, made when needed.
    """

    address: BucketAddress
    wire: Wire = field(repr=False)
    _lock: Lock = field(repr=False, default_factory=Lock)

    @cached_property
    def _client(self) -> Any:
        return connect(self.address, self.wire.attempts)

    @property
    def client(self) -> Any:
        """Return boto3's client."""
        with self._lock:
            return self._client

    def list(self, prefixes: Iterable[str]) -> dict[str, Listed]:
        """Return all objects whose keys begin with one of the prefixes; a request brings a thousand."""
        pages = (page for prefix in prefixes for page in bucket_listing.under(self.wire, prefix))
        return {key: listed for page in pages for key, listed in page.objects.items()}

    def among(self, folder: str, keys: Iterable[str]) -> dict[str, Listed]:
        """Return those of the keys of a folder that a listing shows, for as few requests as can be."""
        return bucket_listing.among(self.wire, folder, keys)

    def first(self, count: int) -> dict[str, Listed]:
        """Return the first objects, a thousand of them for one request."""
        found: dict[str, Listed] = {}
        for page in bucket_listing.under(self.wire, ""):
            found |= page.objects
            if len(found) >= count:
                break
        return dict([*found.items()][:count])

    def takes_writes(self) -> bool | None:
        """Tell whether our key may write, None where the storage does not say; nothing is ever stored.

        It sends a part of an upload that nobody began: the right to that is the right to write and is looked
        at first, and without its upload a part can become nothing. A PUT under a condition that cannot hold
        would write where a storage does not know conditions.
        """
        query = {"partNumber": "1", "uploadId": "never-begun"}
        reply = self.wire.ask("PUT", "maulstick/never-begun", query=query)
        return {401: False, 403: False, 404: True}.get(reply.status)

    def knows_conditions(self) -> bool | None:
        """Tell whether the storage writes under conditions only where they hold, None where it does not say.

        It is asked to replace what was never there. Where it writes all the same, what it wrote, an empty
        object, is removed again.
        """
        key = f"maulstick/never-there-{secrets.token_hex(8)}"
        reply = self.wire.ask("PUT", key, headers=only_instead_of(NEVER))
        if reply.status == 200:
            self.wire.ask("DELETE", key)
        return {200: False, 501: False, 404: True, 409: True, 412: True}.get(reply.status)

    def clock(self) -> datetime | None:
        """Return the storage's time; it tells it even where it refuses us because ours is another."""
        date = self.wire.ask("HEAD").headers.get("date")
        return parsedate_to_datetime(date) if date else None

    def used_bytes(self) -> int:
        """Return how many bytes the bucket holds."""
        pages = bucket_listing.under(self.wire, "")
        return sum(listed.size for page in pages for listed in page.objects.values())

    def unfinished(self) -> Iterator[str]:
        """Return the keys of uploads in parts that nobody finished: what has arrived of them is paid for."""
        return (upload.key for upload in bucket_unfinished.unfinished(self.wire))

    def throw_away(self, keys: Iterable[str]) -> frozenset[str]:
        """Throw away what arrived of the unfinished uploads of these keys; return the keys that had any."""
        wanted = set(keys)
        found = [upload for upload in bucket_unfinished.unfinished(self.wire) if upload.key in wanted]
        for upload in found:
            bucket_unfinished.throw_away(self.wire, upload)
        return frozenset(upload.key for upload in found)

    def head(self, key: str) -> Stored | None:
        """Return an object's headers, or None where nothing is under its key."""
        reply = self.wire.require(self.wire.ask("HEAD", key), key, "HeadObject", 404)
        return None if reply.status == 404 else _stored(reply)

    def digest(self, key: str) -> str:
        """Return an object's SHA-256 by reading all of it; where the line breaks off, from there on."""
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        digest, read, rest = hashlib.sha256(), 0, dict[str, str]()
        for pause in self.wire.pauses():
            with asking(self.address, key):
                answer = self.client.get_object(Bucket=self.address.name, Key=key, **rest)
            try:
                for block in answer["Body"].iter_chunks(BLOCK):
                    digest.update(block)
                    read += len(block)
                break
            except (HTTPClientError, IncompleteReadError) as error:
                if pause is None:
                    raise silence(self.address, key) from error
                rest = {"Range": f"bytes={read}-", "IfMatch": answer["ETag"]} if read else {}
                time.sleep(pause)
        return digest.hexdigest()

    def is_public(self, key: str) -> bool | None:
        """Tell whether everybody may read an object by its own ACL, None where the storage knows no ACLs."""
        reply = self.wire.ask("GET", key, query={"acl": ""})
        return EVERYBODY.encode() in reply.body if reply.status == 200 else None

    def headers(self, wanted: MediaFile) -> dict[str, str]:
        """Return what a file's object tells a browser, as it should be: type, how long to keep it, ACL."""
        acl = {"acl": self.address.acl} if self.address.acl else {}
        return {"type": wanted.type, "cache_control": wanted.cache_control, **acl}

    def sent(self, wanted: MediaFile, others: Mapping[str, str] = NOTHING) -> dict[str, str]:
        """Return the headers that give a file's object its own; `others` is metadata to keep."""
        acl = {"x-amz-acl": self.address.acl} if self.address.acl else {}
        metadata = {**others, **_proof(wanted)}
        return {
            "Content-Type": wanted.type,
            "Cache-Control": wanted.cache_control,
            **{META + name: value for name, value in metadata.items()},
            **acl,
        }

    def parameters(self, wanted: MediaFile) -> dict[str, Any]:
        """Return the same as boto3's client takes it."""
        acl = {"ACL": self.address.acl} if self.address.acl else {}
        return {
            "Bucket": self.address.name,
            "Key": wanted.key,
            "ContentType": wanted.type,
            "CacheControl": wanted.cache_control,
            "Metadata": _proof(wanted),
            **acl,
        }


def open_bucket(address: BucketAddress, *, attempts: int = ATTEMPTS) -> Bucket:
    """Return a bucket whose requests are tried up to `attempts` times; nothing is asked of it yet."""
    return Bucket(address, Wire(address, attempts))


def only_instead_of(etag: str) -> dict[str, str]:
    """Return the condition under which a key is written: it holds the object with an ETag, "" for none."""
    return {"If-Match": etag} if etag else {"If-None-Match": "*"}


def _stored(reply: Reply) -> Stored:
    headers = reply.headers
    metadata = {name.lower()[len(META) :]: value for name, value in headers.items() if _is_meta(name)}
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


def _proof(wanted: MediaFile) -> dict[str, str]:
    """Return the metadata that tells what was read of a file before it was sent."""
    pixels = {PIXELS: f"{wanted.width}x{wanted.height}"} if wanted.width is not None else {}
    return {DIGEST: wanted.sha256, **pixels}


def _is_meta(name: str) -> bool:
    return name.lower().startswith(META)
