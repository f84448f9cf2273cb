"""Objects copied inside a storage, with no byte through this machine: mended, kept, brought back."""

from __future__ import annotations

from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket, Stored, only_instead_of
from maulstick.s3.client import problem
from maulstick.s3.copy_parts import Original, copy, moved
from maulstick.s3.listing import Listed


def copy_from(
    source: Bucket, key: str, stored: Stored, bucket: Bucket, wanted: MediaFile, *, instead_of: str = ""
) -> str:
    """Copy an object of another bucket, whose content must still be `stored`'s, to a file's key.

    The key must be free, or hold the object with the ETag `instead_of`. The object gets the file's headers
    and digest; its new ETag is returned.
    """
    original = Original(source, key, stored.size, stored.etag)
    etag = copy(
        original, bucket, wanted.key, headers=bucket.sent(wanted), condition=only_instead_of(instead_of)
    )
    if bucket.address.acl:
        set_acl(bucket, wanted.key, bucket.address.acl)
    return etag


def repair(bucket: Bucket, wanted: MediaFile, stored: Stored) -> None:
    """Give an object its right headers by a copy in place; its content must still be `stored`'s."""
    acl = acl_of(bucket, wanted.key)
    original = Original(bucket, wanted.key, stored.size, stored.etag)
    condition = only_instead_of(stored.etag)
    copy(original, bucket, wanted.key, headers=bucket.sent(wanted, stored.others), condition=condition)
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
        copy(Original(bucket, key, there.size, there.etag), bucket, before)


def bring_back(bucket: Bucket, key: str, before: str, *, instead_of: str) -> None:
    """Put a kept object back under its own key, and forget where it was kept.

    The key must be free, or still hold the object with the ETag `instead_of`.
    """
    kept, there = bucket.head(before), bucket.head(key)
    if kept is None:
        hint = "it was kept there when the object was replaced; somebody has deleted it since"
        raise problem(bucket.address, before, "is not there any more", hint)
    if (there.etag if there else "") != instead_of:
        raise moved(bucket, key)
    acl = acl_of(bucket, key if there else before)
    copy(Original(bucket, before, kept.size, kept.etag), bucket, key, condition=only_instead_of(instead_of))
    set_acl(bucket, key, acl)
    remove(bucket, before, kept.etag)


def remove(bucket: Bucket, key: str, etag: str) -> None:
    """Delete an object that still has that ETag; one that is gone is gone."""
    reply = bucket.wire.ask("DELETE", key, headers={"If-Match": etag})
    if reply.status == 412:
        raise moved(bucket, key)
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
