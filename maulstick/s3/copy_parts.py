"""A copy inside a storage, of an object of any size: it is whole, or it is not there at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

from maulstick.errors import Problem
from maulstick.s3.bucket import DIGEST, META, Bucket, Stored
from maulstick.s3.client import Refusal, asking, problem, refusal
from maulstick.s3.multipart import MOST_PARTS, joined
from maulstick.s3.unfinished import Unfinished, throw_away
from maulstick.s3.wire import Reply

ONE_COPY = 5 << 30
"""Bytes of the largest object that S3 copies in one request; a larger one goes part by part."""
COPY_PART = 64 << 20
AT_ONCE = 8
GONE = (404, 412)
"""What a storage answers where what is copied, or written over, is not what it was."""
_FOUND = {name: re.compile(f"<{name}>(.*?)</{name}>".encode(), re.DOTALL) for name in ("ETag", "UploadId")}


@dataclass(frozen=True, slots=True)
class Original:
    """An object to copy, as long as it is the one that was looked at."""

    bucket: Bucket
    key: str
    size: int
    etag: str

    @property
    def named(self) -> dict[str, str]:
        """Return the headers that name it in a request to copy."""
        return {
            "x-amz-copy-source": quote(f"/{self.bucket.address.name}/{self.key}", safe="/~"),
            "x-amz-copy-source-if-match": self.etag,
        }


def copy(
    original: Original,
    bucket: Bucket,
    key: str,
    *,
    headers: Mapping[str, str] | None = None,
    condition: Mapping[str, str] | None = None,
) -> str:
    """Copy an object to a key of a bucket of the same storage, and return its new ETag.

    It gets the headers, those of its content and its metadata if there are none, where the condition holds of
    the key.
    """
    if original.size > ONE_COPY:
        return _in_parts(original, bucket, key, headers or _own_headers(original), condition or {})
    directive = {"x-amz-metadata-directive": "REPLACE"} if headers else {}
    sent = {**(headers or {}), **directive, **(condition or {}), **original.named}
    reply = bucket.wire.ask("PUT", key, headers=sent)
    if reply.status == 412 and condition:  # the first answer may have been lost on its way
        there = bucket.head(key)
        if there is not None and _is_copy(there, original, headers or _own_headers(original)):
            return there.etag
        if there is not None:
            raise moved(bucket, key)
    return _text(_copied(original, bucket, key, reply), "ETag")


def _is_copy(there: Stored, original: Original, headers: Mapping[str, str]) -> bool:
    digest = headers.get(META + DIGEST)
    same = there.etag == original.etag or (digest is not None and there.sha256 == digest)
    return there.size == original.size and same


def moved(bucket: Bucket, key: str) -> Problem:
    """Return the problem of an object that is not any more what was looked at."""
    return problem(bucket.address, key, "was changed by somebody else just now", "run the same again")


def _in_parts(
    original: Original, bucket: Bucket, key: str, headers: Mapping[str, str], condition: Mapping[str, str]
) -> str:
    reply = bucket.wire.ask("POST", key, query={"uploads": ""}, headers=headers)
    begun = Unfinished(key, _text(bucket.wire.require(reply, key, "CreateMultipartUpload"), "UploadId"))
    if not begun.id:
        raise problem(bucket.address, key, "cannot be begun: the storage gives the upload no name")
    size = max(COPY_PART, -(-original.size // MOST_PARTS))

    def part(number: int) -> str:
        first = (number - 1) * size
        last = min(first + size, original.size) - 1
        return _part(original, bucket, begun, number, f"bytes={first}-{last}")

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            tags = list(pool.map(part, range(1, -(-original.size // size) + 1)))
        return _joined(bucket, begun, tags, original.size, condition)
    except BaseException:
        throw_away(bucket.wire, begun)
        raise


def _part(original: Original, bucket: Bucket, begun: Unfinished, number: int, piece: str) -> str:
    try:
        with asking(bucket.address, begun.key):
            copied = bucket.client.upload_part_copy(
                Bucket=bucket.address.name,
                Key=begun.key,
                UploadId=begun.id,
                PartNumber=number,
                CopySource={"Bucket": original.bucket.address.name, "Key": original.key},
                CopySourceIfMatch=original.etag,
                CopySourceRange=piece,
            )
    except Refusal as refusal:
        if refusal.status in GONE:
            raise moved(original.bucket, original.key) from refusal
        raise
    return str(copied["CopyPartResult"]["ETag"])


def _joined(
    bucket: Bucket, begun: Unfinished, tags: Sequence[str], size: int, condition: Mapping[str, str]
) -> str:
    try:
        with asking(bucket.address, begun.key):
            return joined(bucket.wire, bucket.client, begun, tags, condition)
    except Refusal as refusal:
        if refusal.status not in GONE:
            raise
        there = bucket.head(begun.key)  # the first answer may have been lost on its way
        if there is not None and (there.size, there.etag.strip('"')) == (size, _etag_of(tags)):
            return there.etag
        raise moved(bucket, begun.key) from refusal


def _etag_of(tags: Sequence[str]) -> str:
    """Return the ETag of an object of these parts, "" where they do not tell."""
    try:
        digests = b"".join(bytes.fromhex(tag.strip('"')) for tag in tags)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(tags)}"


def _copied(original: Original, bucket: Bucket, key: str, reply: Reply) -> Reply:
    if reply.status in GONE:
        raise moved(original.bucket, original.key)
    bucket.wire.require(reply, key, "CopyObject")
    if reply.code:  # some begin to answer before they know how it ends
        raise refusal(bucket.address, key, status=500, code=reply.code, doing="CopyObject")
    return reply


def _own_headers(original: Original) -> dict[str, str]:
    stored = original.bucket.head(original.key)
    if stored is None or stored.etag != original.etag:
        raise moved(original.bucket, original.key)
    return _headers_of(stored)


def _headers_of(stored: Stored) -> dict[str, str]:
    """Return the headers that an object has, as a request sends them."""
    metadata = {**stored.others, **({DIGEST: stored.sha256} if stored.sha256 else {})}
    named = {
        "Content-Type": stored.type,
        "Cache-Control": stored.cache_control,
        "Content-Disposition": stored.disposition,
        "Content-Encoding": stored.encoding,
        **{META + name: value for name, value in metadata.items()},
    }
    return {name: value for name, value in named.items() if value}


def _text(reply: Reply, name: str) -> str:
    found = _FOUND[name].search(reply.body)
    return unescape(found[1].decode()) if found else ""
