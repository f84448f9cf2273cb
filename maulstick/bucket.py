"""The one door to S3: a bucket's objects, with the settings that Tigris asks for (fly.md §7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from maulstick.bucket_client import BucketAddress as BucketAddress
from maulstick.bucket_client import asking, connect, problem, status_of
from maulstick.bucket_parts import PART, send_parts
from maulstick.content import MediaFile
from maulstick.errors import refused
from maulstick.media_root import BLOCK, changed, unreadable

DIGEST = "sha256"
"""The name of the metadata that holds an object's SHA-256."""
ATTEMPTS = 5

Progress = Callable[[int], None]
"""Told the bytes that arrived since the last call."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it."""

    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as its headers show it; `sha256` and `others` are its metadata."""

    size: int
    type: str
    cache_control: str
    sha256: str | None
    etag: str
    modified: datetime
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket that is open; several threads may use it at once."""

    address: BucketAddress
    client: Any = field(repr=False)

    def list(self, prefixes: Iterable[str]) -> dict[str, Listed]:
        """Return all objects whose keys begin with one of the prefixes; a request brings a thousand."""
        return {
            found["Key"]: Listed(found["Size"], found["ETag"], found["LastModified"])
            for prefix in prefixes
            for found in self._under(prefix)
        }

    def used_bytes(self) -> int:
        """Return how many bytes the bucket holds."""
        return sum(found["Size"] for found in self._under(""))

    def head(self, key: str) -> Stored | None:
        """Return an object's headers, or None where nothing is under its key."""
        with asking(self.address, key):
            try:
                return _stored(self.client.head_object(Bucket=self.address.name, Key=key))
            except self.client.exceptions.ClientError as error:
                if status_of(error) == 404:
                    return None
                raise

    def digest(self, key: str) -> str:
        """Return an object's SHA-256 by reading all of it."""
        digest = hashlib.sha256()
        with asking(self.address, key):
            body = self.client.get_object(Bucket=self.address.name, Key=key)["Body"]
            for block in body.iter_chunks(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def put(self, file: Path, wanted: MediaFile, progress: Progress) -> None:
        """Send a file to its key, which must be free: all of it, as it was exported, or nothing.

        The same content that somebody else put there meanwhile is as good; other content is refused.
        """
        with asking(self.address, wanted.key):
            try:
                with file.open("rb") as source:
                    self._send(source, wanted, progress)
            except self.client.exceptions.ClientError as error:
                if not self._is_there(wanted, error):
                    raise
                progress(0 if wanted.bytes > PART else wanted.bytes)  # parts have told theirs
            except OSError as error:
                raise unreadable(wanted.path, error) from error

    def repair(self, wanted: MediaFile, stored: Stored) -> None:
        """Give an object its right headers by a copy in place; its content must still be `stored`'s."""
        source = {"Bucket": self.address.name, "Key": wanted.key}
        headers = self._headers(wanted, stored.others)
        with asking(self.address, wanted.key):
            try:
                self.client.copy_object(
                    CopySource=source, CopySourceIfMatch=stored.etag, MetadataDirective="REPLACE", **headers
                )
            except self.client.exceptions.ClientError as error:
                if status_of(error) in (404, 412):
                    what = "was changed by somebody else just now"
                    raise problem(self.address, wanted.key, what, "upload again") from error
                raise

    def _send(self, source: BinaryIO, wanted: MediaFile, progress: Progress) -> None:
        headers = self._headers(wanted, {})
        if wanted.bytes > PART:
            send_parts(self.client, source, wanted, headers, progress)
            return
        content = source.read(PART + 1)
        if hashlib.sha256(content).hexdigest() != wanted.sha256:
            raise changed(wanted.path)
        self.client.put_object(Body=content, IfNoneMatch="*", **headers)
        progress(len(content))

    def _is_there(self, wanted: MediaFile, error: Any) -> bool:
        """Tell whether a refusal only means that the object is there: by another run, or by our first try."""
        stored = self.head(wanted.key) if status_of(error) in (404, 409, 412) else None
        if stored is None:
            return False
        if (stored.size, stored.sha256) != (wanted.bytes, wanted.sha256):
            hint = "upload again; what is there is compared then"
            where = f"bucket {self.address.name}/{wanted.key}"
            raise refused(where, "was put there by somebody else just now", hint) from error
        return True

    def _headers(self, wanted: MediaFile, others: Mapping[str, str]) -> dict[str, Any]:
        headers: dict[str, Any] = {
            "Bucket": self.address.name,
            "Key": wanted.key,
            "ContentType": wanted.type,
            "CacheControl": wanted.cache_control,
            "Metadata": {**others, DIGEST: wanted.sha256},
        }
        return {**headers, "ACL": self.address.acl} if self.address.acl else headers

    def _under(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        with asking(self.address):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.address.name, Prefix=prefix):
                yield from page.get("Contents", ())


def open_bucket(address: BucketAddress, *, attempts: int = ATTEMPTS) -> Bucket:
    """Return a bucket whose requests are tried up to `attempts` times; nothing is asked of it yet."""
    return Bucket(address, connect(address, attempts))


def _stored(found: Mapping[str, Any]) -> Stored:
    metadata = found.get("Metadata", {})
    return Stored(
        size=found["ContentLength"],
        type=found.get("ContentType", ""),
        cache_control=found.get("CacheControl", ""),
        sha256=metadata.get(DIGEST),
        etag=found["ETag"],
        modified=found["LastModified"],
        others={name: value for name, value in metadata.items() if name != DIGEST},
    )
