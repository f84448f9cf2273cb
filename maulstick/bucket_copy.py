"""Objects copied inside a bucket, with no byte through this machine: mended, kept, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from maulstick.bucket import NOTHING, Bucket, Stored
from maulstick.bucket_client import problem, refusal
from maulstick.content import MediaFile
from maulstick.errors import Problem


def repair(bucket: Bucket, wanted: MediaFile, stored: Stored) -> None:
    """Give an object its right headers by a copy in place; its content must still be `stored`'s."""
    public = bucket.is_public(wanted.key)
    headers = {**bucket.sent(wanted, stored.others), "x-amz-metadata-directive": "REPLACE"}
    _copy(bucket, wanted.key, stored.etag, wanted.key, headers)
    if public is not None:  # a copy is private, to some storages even where it should not be
        _set_acl(bucket, wanted.key, bucket.address.acl or ("public-read" if public else "private"))


def keep(bucket: Bucket, key: str, etag: str, before: str) -> None:
    """Copy an object, which must still have that ETag, to a key where it outlives its replacement."""
    if bucket.head(before) is None:  # a run that broke off has kept it already
        _copy(bucket, key, etag, before)


def bring_back(bucket: Bucket, key: str, before: str) -> None:
    """Put a kept object back under its own key, and forget where it was kept."""
    kept = bucket.head(before)
    if kept is None:
        hint = "it was kept there when the object was replaced; somebody has deleted it since"
        raise problem(bucket.address, before, "is not there any more", hint)
    _copy(bucket, before, kept.etag, key)
    if bucket.address.acl:
        _set_acl(bucket, key, bucket.address.acl)
    remove(bucket, before, kept.etag)


def remove(bucket: Bucket, key: str, etag: str) -> None:
    """Delete an object that still has that ETag; one that is gone is gone."""
    reply = bucket.wire.ask("DELETE", key, headers={"If-Match": etag})
    if reply.status == 412:
        raise _moved(bucket, key)
    bucket.wire.require(reply, key, "DeleteObject", 404)


def _set_acl(bucket: Bucket, key: str, acl: str) -> None:
    if bucket.is_public(key) is not (acl == "public-read"):
        reply = bucket.wire.ask("PUT", key, query={"acl": ""}, headers={"x-amz-acl": acl})
        bucket.wire.require(reply, key, "PutObjectAcl")


def _copy(bucket: Bucket, source: str, etag: str, key: str, headers: Mapping[str, str] = NOTHING) -> None:
    named = {
        "x-amz-copy-source": quote(f"/{bucket.address.name}/{source}", safe="/~"),
        "x-amz-copy-source-if-match": etag,
    }
    reply = bucket.wire.ask("PUT", key, headers={**headers, **named})
    if reply.status in (404, 412):
        raise _moved(bucket, source)
    bucket.wire.require(reply, source, "CopyObject")
    if reply.code:  # some begin to answer before they know how it ends
        raise refusal(bucket.address, source, status=500, code=reply.code, doing="CopyObject")


def _moved(bucket: Bucket, key: str) -> Problem:
    return problem(bucket.address, key, "was changed by somebody else just now", "run the same again")
