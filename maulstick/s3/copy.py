"""Objects copied inside a storage, with no byte through this machine: mended, kept, brought back.

A copy is whole, or it does not exist at all, whatever the size of its object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import DIGEST, META, Bucket, Stored, only_instead_of
from maulstick.s3.client import StorageRefusal, problem, refusal
from maulstick.s3.delete import moved, remove
from maulstick.s3.listing import Listed, parsed
from maulstick.s3.multipart import MOST_PARTS, Parts, begin

ONE_COPY = 5 << 30
"""Bytes of the largest object that S3 copies in one request; a larger one goes part by part."""
COPY_PART = 64 << 20
AT_ONCE = 8
GONE = (404, 412)
"""What a storage answers where what is copied, or written over, is not what it was."""


@dataclass(frozen=True, slots=True)
class Original:
    """An object to copy, as long as it is the one that was looked at."""

    bucket: Bucket
    key: str
    size: int
    etag: str

    def headers(self) -> dict[str, str]:
        """List the headers of its content and its metadata, as a request sends them."""
        stored = self.bucket.head(self.key)
        if stored is None or stored.etag != self.etag:
            raise moved(self.bucket, self.key)
        metadata = {**stored.others, **({DIGEST: stored.sha256} if stored.sha256 else {})}
        headers = {
            "Content-Type": stored.type,
            "Cache-Control": stored.cache_control,
            "Content-Disposition": stored.disposition,
            "Content-Encoding": stored.encoding,
            **{META + name: value for name, value in metadata.items()},
        }
        return {name: value for name, value in headers.items() if value}


def copy_from(
    source: Bucket, key: str, stored: Stored, bucket: Bucket, wanted: MediaFile, *, instead_of: str = ""
) -> str:
    """Copy an object of another bucket, whose content must still be `stored`'s, to a file's key.

    The key must be free, or hold the object with the ETag `instead_of`. The object gets the file's headers
    and digest; its new ETag is returned.
    """
    original = Original(source, key, stored.size, stored.etag)
    etag = _copy(original, bucket, wanted.key, headers=bucket.sent(wanted), instead_of=instead_of)
    if bucket.address.acl:
        set_acl(bucket, wanted.key, bucket.address.acl)
    return etag


def repair(bucket: Bucket, wanted: MediaFile, stored: Stored) -> None:
    """Give an object its right headers by a copy in place; its content must still be `stored`'s."""
    acl = acl_of(bucket, wanted.key)
    original = Original(bucket, wanted.key, stored.size, stored.etag)
    headers = bucket.sent(wanted, stored.others)
    _copy(original, bucket, wanted.key, headers=headers, instead_of=stored.etag)
    set_acl(bucket, wanted.key, acl)  # a copy is private, to some storages even where it should not be


def keep(bucket: Bucket, key: str, there: Stored | Listed, before: str) -> None:
    """Copy an object, which must still be what is `there`, to a key where it outlives its replacement.

    A run that broke off may have done so already. Nothing that is kept is ever written over: where the key
    holds something else, the object is kept beside it.
    """
    kept = bucket.head(before)
    if kept is not None and kept.etag != there.etag:
        before += "~" + there.etag.strip('"')
        kept = bucket.head(before)
    if kept is None:
        _copy(Original(bucket, key, there.size, there.etag), bucket, before)


def bring_back(bucket: Bucket, key: str, before: str, *, instead_of: str) -> None:
    """Put a kept object back under its own key, and forget where it was kept.

    The key must be free, or still hold the object with the ETag `instead_of`.
    """
    kept, there = bucket.head(before), bucket.head(key)
    if kept is None:
        hint = "it was kept there when the object was replaced; somebody has deleted it since"
        raise problem(bucket.address, before, "does not exist any more", hint)
    if (there.etag if there else "") != instead_of:
        raise moved(bucket, key)
    acl = acl_of(bucket, key if there else before)
    _copy(Original(bucket, before, kept.size, kept.etag), bucket, key, instead_of=instead_of)
    set_acl(bucket, key, acl)
    remove(bucket, before, kept.etag)


def acl_of(bucket: Bucket, key: str) -> str:
    """Return the ACL that what comes to a key must have: the inventory's, else that of what is there.

    It is "" where the inventory has none and the storage knows none.
    """
    public = bucket.is_public(key)
    if public is None:
        return ""
    return bucket.address.acl or ("public-read" if public else "private")


def set_acl(bucket: Bucket, key: str, acl: str) -> None:
    """Give an object an ACL, unless it has it; "" leaves it alone."""
    if acl and bucket.is_public(key) is not (acl == "public-read"):
        bucket.call("put_object_acl", key, ACL=acl)


def _copy(
    original: Original,
    bucket: Bucket,
    key: str,
    *,
    headers: Mapping[str, str] | None = None,
    instead_of: str | None = None,
) -> str:
    """Copy an object to a key of a bucket of the same storage, and return its new ETag.

    It gets the headers, those of its content and its metadata if there are none. The key must hold the object
    with the ETag `instead_of`, "" for none; None where it may hold any.
    """
    if original.size > ONE_COPY:
        return _in_parts(original, bucket, key, headers or original.headers(), instead_of)
    sent = {
        **({**headers, "x-amz-metadata-directive": "REPLACE"} if headers else {}),
        **({} if instead_of is None else only_instead_of(instead_of)),
        "x-amz-copy-source": quote(f"/{original.bucket.address.name}/{original.key}", safe="/~"),
        "x-amz-copy-source-if-match": original.etag,
    }
    reply = bucket.wire.ask("PUT", key, headers=sent)
    if reply.status == 412 and instead_of is not None:  # the first answer may have been lost on its way
        there = bucket.head(key)
        if there is not None and _is_copy(there, original, headers or original.headers()):
            return there.etag
        if there is not None:
            raise moved(bucket, key)
    if reply.status in GONE:
        raise moved(original.bucket, original.key)
    bucket.wire.require(reply, key, "CopyObject")
    if reply.code:  # some begin to answer before they know how it ends
        raise refusal(bucket.address, key, status=500, code=reply.code, doing="CopyObject")
    return parsed(bucket.wire, reply, lambda root, space: root.findtext(f"{space}ETag", ""))


def _is_copy(there: Stored, original: Original, headers: Mapping[str, str]) -> bool:
    digest = headers.get(META + DIGEST)
    same = there.etag == original.etag or (digest is not None and there.sha256 == digest)
    return there.size == original.size and same


def _in_parts(
    original: Original, bucket: Bucket, key: str, headers: Mapping[str, str], instead_of: str | None
) -> str:
    parts = begin(bucket, key, headers)
    size = max(COPY_PART, -(-original.size // MOST_PARTS))
    source = {
        "CopySource": {"Bucket": original.bucket.address.name, "Key": original.key},
        "CopySourceIfMatch": original.etag,
    }

    def part(number: int) -> str:
        first = (number - 1) * size
        last = min(first + size, original.size) - 1
        try:
            return parts.copy(number, CopySourceRange=f"bytes={first}-{last}", **source)
        except StorageRefusal as refusal:
            if refusal.status in GONE:
                raise moved(original.bucket, original.key) from refusal
            raise

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            tags = list(pool.map(part, range(1, -(-original.size // size) + 1)))
        return _joined(parts, tags, original.size, instead_of)
    except BaseException:
        bucket.abort(parts.upload)
        raise


def _joined(parts: Parts, tags: Sequence[str], size: int, instead_of: str | None) -> str:
    try:
        return parts.join(tags, instead_of)
    except StorageRefusal as refusal:
        if refusal.status not in GONE:
            raise
        bucket, key = parts.bucket, parts.upload.key
        there = bucket.head(key)  # the first answer may have been lost on its way
        if there is not None and (there.size, there.etag.strip('"')) == (size, _etag_of(tags)):
            return there.etag
        raise moved(bucket, key) from refusal


def _etag_of(tags: Sequence[str]) -> str:
    """Return the ETag of an object of these parts, "" where they do not say."""
    try:
        digests = b"".join(bytes.fromhex(tag.strip('"')) for tag in tags)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(tags)}"
