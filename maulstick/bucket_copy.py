"""Objects copied inside a storage, with no byte through this machine: mended, kept, brought back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import quote

from maulstick.bucket import NOTHING, Bucket, Stored
from maulstick.bucket_client import asking, problem, refusal
from maulstick.content import MediaFile
from maulstick.errors import Problem

ONE_COPY = 5 << 30
"""Bytes of the largest object that S3 copies in one request; a larger one goes part by part."""
COPY_PART = 64 << 20
_ETAG = re.compile(rb"<ETag>(.*?)</ETag>", re.DOTALL)


def copy_from(
    source: Bucket, key: str, stored: Stored, bucket: Bucket, wanted: MediaFile, *, instead_of: str = ""
) -> str:
    """Copy an object of another bucket, whose content must still be `stored`'s, to a file's key.

    The key must be free, or hold the object with the ETag `instead_of`. The object gets the file's headers
    and digest; its new ETag is returned.
    """
    if stored.size > ONE_COPY:
        etag = _copy_in_parts(source, key, stored, bucket, wanted)
    else:
        condition = {"If-Match": instead_of} if instead_of else {"If-None-Match": "*"}
        headers = {**bucket.sent(wanted), "x-amz-metadata-directive": "REPLACE", **condition}
        etag = _copy(bucket, key, stored.etag, wanted.key, headers, of=source)
    if bucket.address.acl:
        set_acl(bucket, wanted.key, bucket.address.acl)
    return etag


def _copy_in_parts(source: Bucket, key: str, stored: Stored, bucket: Bucket, wanted: MediaFile) -> str:
    """Copy a large object: in the bucket it is whole, or it is not there at all."""
    from boto3.s3.transfer import TransferConfig

    headers = bucket.parameters(wanted)
    place = {name: headers.pop(name) for name in ("Bucket", "Key")}
    with asking(bucket.address, wanted.key):
        bucket.client.copy(
            {"Bucket": source.address.name, "Key": key},
            **place,
            ExtraArgs={**headers, "MetadataDirective": "REPLACE", "CopySourceIfMatch": stored.etag},
            Config=TransferConfig(multipart_threshold=ONE_COPY, multipart_chunksize=min(ONE_COPY, COPY_PART)),
        )
    there = bucket.head(wanted.key)
    return there.etag if there else ""


def repair(bucket: Bucket, wanted: MediaFile, stored: Stored) -> None:
    """Give an object its right headers by a copy in place; its content must still be `stored`'s."""
    acl = acl_of(bucket, wanted.key)
    headers = {**bucket.sent(wanted, stored.others), "x-amz-metadata-directive": "REPLACE"}
    _copy(bucket, wanted.key, stored.etag, wanted.key, headers)
    set_acl(bucket, wanted.key, acl)  # a copy is private, to some storages even where it should not be


def keep(bucket: Bucket, key: str, etag: str, before: str) -> None:
    """Copy an object, which must still have that ETag, to a key where it outlives its replacement.

    A run that broke off may have done so already. Nothing that is kept is ever written over: where the key
    holds something else, the object is kept beside it.
    """
    kept = bucket.head(before)
    if kept is not None and kept.etag != etag:
        before += "~" + etag.strip('"')
        kept = bucket.head(before)
    if kept is None:
        _copy(bucket, key, etag, before)


def bring_back(bucket: Bucket, key: str, before: str, *, instead_of: str) -> None:
    """Put a kept object back under its own key, and forget where it was kept.

    The key must be free, or still hold the object with the ETag `instead_of`.
    """
    kept, there = bucket.head(before), bucket.head(key)
    if kept is None:
        hint = "it was kept there when the object was replaced; somebody has deleted it since"
        raise problem(bucket.address, before, "is not there any more", hint)
    if (there.etag if there else "") != instead_of:
        raise _moved(bucket, key)
    acl = acl_of(bucket, key if there else before)
    condition = {"If-Match": instead_of} if instead_of else {"If-None-Match": "*"}
    _copy(bucket, before, kept.etag, key, condition)
    set_acl(bucket, key, acl)
    remove(bucket, before, kept.etag)


def remove(bucket: Bucket, key: str, etag: str) -> None:
    """Delete an object that still has that ETag; one that is gone is gone."""
    reply = bucket.wire.ask("DELETE", key, headers={"If-Match": etag})
    if reply.status == 412:
        raise _moved(bucket, key)
    bucket.wire.require(reply, key, "DeleteObject", 404)


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
        reply = bucket.wire.ask("PUT", key, query={"acl": ""}, headers={"x-amz-acl": acl})
        bucket.wire.require(reply, key, "PutObjectAcl")


def _copy(
    bucket: Bucket,
    source: str,
    etag: str,
    key: str,
    headers: Mapping[str, str] = NOTHING,
    *,
    of: Bucket | None = None,
) -> str:
    """Copy an object that still has that ETag, of another bucket where `of` is given; return its new ETag."""
    whence = of or bucket
    named = {
        "x-amz-copy-source": quote(f"/{whence.address.name}/{source}", safe="/~"),
        "x-amz-copy-source-if-match": etag,
    }
    reply = bucket.wire.ask("PUT", key, headers={**headers, **named})
    if reply.status in (404, 412):
        raise _moved(whence, source)
    bucket.wire.require(reply, source, "CopyObject")
    if reply.code:  # some begin to answer before they know how it ends
        raise refusal(whence.address, source, status=500, code=reply.code, doing="CopyObject")
    found = _ETAG.search(reply.body)
    return unescape(found[1].decode()) if found else ""


def _moved(bucket: Bucket, key: str) -> Problem:
    return problem(bucket.address, key, "was changed by somebody else just now", "run the same again")
