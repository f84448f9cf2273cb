"""An object in parts, sent or copied: in the bucket it is whole, or it does not exist at all."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from maulstick.files import changed
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket
from maulstick.s3.client import StorageRefusal, asking, problem
from maulstick.s3.listing import Unfinished, parsed, unfinished

PART = 8 << 20
"""Bytes of one part, and of the largest file that goes in one piece."""
MOST_PARTS = 10_000
AT_ONCE = 4
"""Parts that are on their way at once; with one that is read they are all that is in memory."""

Progress = Callable[[int], None]
"""Gets the bytes that arrived since the last call."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An upload in parts that has begun.

    `there` are the ETag and size of the parts that had arrived before, `doubts` the numbers of those that may
    have arrived with other bytes than were sent.
    """

    bucket: Bucket
    upload: Unfinished
    there: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    doubts: list[int] = field(default_factory=list)

    def put(self, number: int, content: bytes) -> str:
        """Send a part, unless it has arrived before, and return its ETag."""
        md5 = hashlib.md5(content, usedforsecurity=False)
        etag, size = self.there.get(number, ("", 0))
        if (etag.strip('"'), size) == (md5.hexdigest(), len(content)):
            return etag
        wire, key = self.bucket.wire, self.upload.key
        reply = wire.ask(
            "PUT",
            key,
            query={"partNumber": str(number), "uploadId": self.upload.id},
            headers={"Content-MD5": base64.b64encode(md5.digest()).decode()},
            body=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        wire.require(reply, key, "UploadPart")
        if reply.is_other_than(md5.hexdigest()):
            self.doubts.append(number)
        return reply.headers["etag"]

    def copy(self, number: int, **source: Any) -> str:
        """Copy a part inside the storage and return its ETag."""
        key, upload = self.upload.key, self.upload.id
        copied = self.bucket.call("upload_part_copy", key, UploadId=upload, PartNumber=number, **source)
        return str(copied["CopyPartResult"]["ETag"])

    def join(self, tags: Sequence[str], instead_of: str | None) -> str:
        """Join the parts that have these ETags and return the object's; what may not be is thrown away.

        The key must hold the object with the ETag `instead_of`, "" for none; None where it may hold any.
        """
        key, doing = self.upload.key, "CompleteMultipartUpload"
        parts = {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]}
        try:
            given = {} if instead_of is None else self.bucket.condition(key, instead_of, doing)
            given |= {"UploadId": self.upload.id}
            done = self.bucket.call("complete_multipart_upload", key, MultipartUpload=parts, **given)
        except StorageRefusal as refusal:
            if refusal.status in (409, 412):
                self.bucket.abort(self.upload)
            raise
        return str(done["ETag"])


def begin(bucket: Bucket, key: str, headers: Mapping[str, str]) -> Parts:
    """Begin an object in parts that gets these headers."""
    wire = bucket.wire
    reply = wire.require(
        wire.ask("POST", key, query={"uploads": ""}, headers=headers), key, "CreateMultipartUpload"
    )
    name = parsed(wire, reply, lambda root, space: root.findtext(f"{space}UploadId", ""))
    if not name:
        raise problem(bucket.address, key, "cannot be begun: the storage gives the upload no name")
    return Parts(bucket, Unfinished(key, name))


def send_parts(
    bucket: Bucket, source: BinaryIO, wanted: MediaFile, progress: Progress, instead_of: str
) -> tuple[str, bool]:
    """Send a file part by part; a broken upload of it is gone on with.

    Returns its ETag, and whether some part's ETag leaves in doubt what arrived.

    The parts are joined only if what was read has the exported digest, and the key holds the object with the
    ETag `instead_of`, "" for none. Where it does not, they are thrown away; where the storage fails they stay
    for the next run to finish.
    """
    parts = _gone_on_with(bucket, wanted.key) or begin(bucket, wanted.key, bucket.sent(wanted))
    digest, tags = _sent(parts, source, wanted.bytes, progress)
    if digest != wanted.sha256:
        bucket.abort(parts.upload)
        raise changed(wanted.path)
    return parts.join(tags, instead_of), bool(parts.doubts)


def _gone_on_with(bucket: Bucket, key: str) -> Parts | None:
    """Return the unfinished upload of a key of which most has arrived; others of it are thrown away."""
    begun = [_arrived(bucket, upload) for upload in unfinished(bucket.wire, key) if upload.key == key]
    begun.sort(key=lambda parts: len(parts.there))
    for other in begun[:-1]:
        bucket.abort(other.upload)
    return begun[-1] if begun else None


def _arrived(bucket: Bucket, upload: Unfinished) -> Parts:
    there: dict[int, tuple[str, int]] = {}
    try:
        with asking(bucket.address, upload.key):
            pages = bucket.client.get_paginator("list_parts").paginate(
                Bucket=bucket.address.name, Key=upload.key, UploadId=upload.id
            )
            for page in pages:
                there |= {part["PartNumber"]: (part["ETag"], part["Size"]) for part in page.get("Parts", ())}
    except StorageRefusal as refusal:
        if refusal.status != 404:  # it was finished or thrown away a moment ago
            raise
    return Parts(bucket, upload, there)


def _sent(parts: Parts, source: BinaryIO, size: int, progress: Progress) -> tuple[str, Sequence[str]]:
    """Read the file once, in order, while its parts go side by side; return its digest and their ETags."""
    digest, tags = hashlib.sha256(), list[str]()
    sending = deque[Future[str]]()

    def send(number: int, content: bytes) -> str:
        etag = parts.put(number, content)
        progress(len(content))
        return etag

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, content in enumerate(_pieces(source, size), 1):
            digest.update(content)
            if len(sending) == AT_ONCE:
                tags.append(sending.popleft().result())
            sending.append(pool.submit(send, number, content))
        tags += [part.result() for part in sending]
    return digest.hexdigest(), tags


def _pieces(source: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the content of a file in parts; of one that grows while it is read, a byte too much."""
    part, left = max(PART, -(-size // MOST_PARTS)), size + 1
    while content := source.read(min(part, left)):
        left -= len(content)
        yield content
