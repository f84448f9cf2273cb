"""A large file in parts: in the bucket it is whole, or it is not there at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, BinaryIO

from maulstick.files import changed
from maulstick.project.declarations import MediaFile
from maulstick.s3.client import refusal, status_of
from maulstick.s3.unfinished import Unfinished, throw_away, unfinished
from maulstick.s3.wire import Wire

PART = 8 << 20
"""Bytes of one part, and of the largest file that goes in one piece."""
MOST_PARTS = 10_000
AT_ONCE = 4
"""Parts that are on their way at once; with one that is read they are all that is in memory."""


Progress = Callable[[int], None]
"""Told the bytes that arrived since the last call."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that has begun; `there` are the ETag and size of the parts that have arrived."""

    key: str
    id: str
    there: Mapping[int, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Sending:
    """What all parts of one file need."""

    wire: Wire
    upload: Upload
    progress: Progress
    doubts: list[int] = field(default_factory=list)

    def part(self, number: int, content: bytes) -> str:
        """Send a part, unless it has arrived before, and return its ETag."""
        md5 = hashlib.md5(content, usedforsecurity=False)
        etag, size = self.upload.there.get(number, ("", 0))
        if (etag.strip('"'), size) != (md5.hexdigest(), len(content)):
            etag = self._put(number, content, md5.digest())
        self.progress(len(content))
        return etag

    def _put(self, number: int, content: bytes, md5: bytes) -> str:
        key = self.upload.key
        reply = self.wire.ask(
            "PUT",
            key,
            query={"partNumber": str(number), "uploadId": self.upload.id},
            headers={"Content-MD5": base64.b64encode(md5).decode()},
            body=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        etag = self.wire.require(reply, key, "UploadPart").headers["etag"]
        if reply.is_other_than(md5.hex()):
            self.doubts.append(number)
        return etag


@dataclass(frozen=True, slots=True)
class SentParts:
    """A file that was sent part by part; `is_doubtful` where a part's ETag does not show what was sent."""

    etag: str
    is_doubtful: bool


def send_parts(
    wire: Wire,
    client: Any,
    source: BinaryIO,
    wanted: MediaFile,
    *,
    headers: Mapping[str, Any],
    condition: Mapping[str, str],
    progress: Progress,
) -> SentParts:
    """Send a file part by part; a broken upload of it is gone on with.

    The parts are joined only if what was read has the exported digest and the condition holds. Where it does
    not, they are thrown away; where the storage fails they stay for the next run to finish.
    """
    where = {"Bucket": headers["Bucket"], "Key": wanted.key}
    upload = _begun(wire, client, where) or _begin(client, headers)
    sending = Sending(wire, upload, progress)
    digest, tags = _sent(sending, source, wanted.bytes)
    if digest != wanted.sha256:
        throw_away(wire, Unfinished(upload.key, upload.id))
        raise changed(wanted.path)
    etag = joined(wire, client, Unfinished(upload.key, upload.id), tags, condition)
    return SentParts(etag, bool(sending.doubts))


def joined(
    wire: Wire, client: Any, upload: Unfinished, tags: Sequence[str], condition: Mapping[str, str]
) -> str:
    """Join the parts that have these ETags and return the object's; what may not be joined is thrown away.

    Where the storage knows no conditions we look whether they hold.
    """
    named, doing = {"Bucket": wire.address.name, "Key": upload.key}, "CompleteMultipartUpload"
    if not wire.address.conditional_writes:
        if not wire.holds(upload.key, condition):
            throw_away(wire, upload)
            raise refusal(wire.address, upload.key, status=412, code="PreconditionFailed", doing=doing)
        condition = {}
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    conditions = {name.replace("-", ""): value for name, value in condition.items()}
    try:
        done = client.complete_multipart_upload(
            UploadId=upload.id, MultipartUpload={"Parts": parts}, **named, **conditions
        )
    except client.exceptions.ClientError as error:
        if status_of(error) in (409, 412):
            throw_away(wire, upload)
        raise
    return str(done["ETag"])


def _begin(client: Any, headers: Mapping[str, Any]) -> Upload:
    started = client.create_multipart_upload(**headers)
    return Upload(str(headers["Key"]), str(started["UploadId"]), {})


def _begun(wire: Wire, client: Any, where: Mapping[str, str]) -> Upload | None:
    """Return the unfinished upload of a key of which most has arrived; others of it are thrown away."""
    found = [
        _with_parts(client, {**where, "UploadId": one.id})
        for one in unfinished(wire, where["Key"])
        if one.key == where["Key"]
    ]
    found.sort(key=lambda upload: len(upload.there))
    for other in found[:-1]:
        throw_away(wire, Unfinished(other.key, other.id))
    return found[-1] if found else None


def _with_parts(client: Any, named: Mapping[str, str]) -> Upload:
    there: dict[int, tuple[str, int]] = {}
    try:
        for page in client.get_paginator("list_parts").paginate(**named):
            there |= {one["PartNumber"]: (one["ETag"], one["Size"]) for one in page.get("Parts", ())}
    except client.exceptions.ClientError as error:
        if status_of(error) != 404:  # it was finished or thrown away a moment ago
            raise
    return Upload(named["Key"], named["UploadId"], there)


def _sent(sending: Sending, source: BinaryIO, size: int) -> tuple[str, Sequence[str]]:
    """Read the file once, in order, while its parts go side by side; return its digest and their ETags."""
    digest, room = hashlib.sha256(), BoundedSemaphore(AT_ONCE)
    tags: list[Future[str]] = []
    failed: list[Future[str]] = []

    def ended(tag: Future[str]) -> None:
        if tag.cancelled() or tag.exception() is not None:
            failed.append(tag)
        room.release()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for content in _pieces(source, size):
            digest.update(content)
            room.acquire()
            if failed:
                break
            tags.append(pool.submit(sending.part, len(tags) + 1, content))
            tags[-1].add_done_callback(ended)
    return digest.hexdigest(), [tag.result() for tag in tags]


def _pieces(source: BinaryIO, size: int) -> Iterator[bytes]:
    """Return the content of a file in parts; of one that grows while it is read, a byte too much."""
    part, left = max(PART, -(-size // MOST_PARTS)), size + 1
    while content := source.read(min(part, left)):
        left -= len(content)
        yield content
