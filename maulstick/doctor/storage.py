"""Questions about the bucket: does it answer, may we write, do visitors get its objects, is there room?"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from maulstick.doctor.context import FIRST, DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places, skipped, warn
from maulstick.media.content_types import type_of
from maulstick.media.references import shown
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Listed
from maulstick.s3.client import LOOK_FIRST, NO_CONDITIONS, StorageRefusal
from maulstick.text import amount, size_text
from maulstick.verify.barriers import hint_of, refusal
from maulstick.verify.proof.addresses import PATH_STYLE
from maulstick.verify.proof.likeness import likeness
from maulstick.verify.proof.private_bucket import PUBLIC, REFUSED
from maulstick.verify.response import OK

NEARLY_FULL = 0.8
LARGEST_SAMPLE = 32 << 20
"""Bytes of the largest picture that is read to be compared."""


def bucket(context: DoctorContext) -> Finding:
    """Check that the bucket accepts our key."""
    bucket = context.bucket
    clock = bucket.clock()
    if clock is not None:
        context.clocks["the bucket"] = clock.timestamp() - time.time()
    count = len(context.objects)
    more = " or more" if count == FIRST and not context.target.storage_quota else ""
    return ok(f"{bucket.address.name} at {bucket.address.endpoint}, {amount(count, 'object')}{more}")


def writable(context: DoctorContext) -> Finding:
    """Check that our key may write and that the storage honours conditional writes; write nothing."""
    bucket = context.bucket
    allowed = bucket.takes_writes()
    if allowed is False:
        hint = "AWS_ACCESS_KEY_ID of the app names a key that only reads; make one that writes"
        return fail("the key may read and not write", hint)
    if not bucket.address.conditional_writes:
        return ok("before each write we look what is there, as conditional_writes = false says")
    keeps = bucket.knows_conditions()
    if keeps is False:
        what = f"the key may write, but {bucket.address.endpoint} {NO_CONDITIONS}"
        return fail(f"{what}: nothing there keeps one upload from replacing another's file", LOOK_FIRST)
    if allowed is None and keeps is None:
        return warn("could not be checked: the storage gave an unexpected answer")
    return ok("the key may write; nothing was written")


def public_address(context: DoctorContext) -> Finding:
    """Check that visitors get, at the public address, what the bucket holds."""
    bucket = context.bucket
    address = bucket.address.public_url
    if urlsplit(address).hostname in PATH_STYLE:
        hint = f"set S3_PUBLIC_URL to https://{bucket.address.name}.{urlsplit(address).hostname}"
        return fail(f"{address} is path-style, which Tigris refuses", hint)
    sample = _smallest(context)
    if sample is None:
        return skipped("the bucket holds nothing to ask for")
    key, size = sample
    answer = context.web.fetch(bucket.address.public(key))
    if answer.status in REFUSED and bucket.address.acl != PUBLIC:
        says = f"{address} answers {answer.status} for {key}"
        means = "the bucket is private: visitors get what it holds through the site only"
        return warn(f"{says}; {means}", _why(answer.status))
    if answer.status != OK and refusal(answer.status, answer.headers) and answer.status != 403:
        return warn(f"{address} answers {answer.status} for {key}", hint_of(answer.status))
    if answer.status != OK:
        return fail(f"{address} answers {answer.status} for {key}", _why(answer.status))
    if answer.size != size:
        says = f"{address} gives {answer.size} bytes for {key}, and the bucket holds {size}"
        same = _is_packed_anew(context, key, size)
        if same:
            return ok(f"{address} serves what the bucket holds; pictures are recompressed on the way")
        hint = "S3_PUBLIC_URL leads to another bucket, or to a cache that is behind"
        return fail(says, hint) if same is False else warn(f"{says}; it may be recompressed on the way", hint)
    return ok(f"{address} serves what the bucket holds")


def unfinished(context: DoctorContext) -> Finding:
    """Look for parts of uploads that never ended; they cost money, and no listing of objects shows them."""
    try:
        keys = [*context.bucket.unfinished()]
    except StorageRefusal as refusal:
        return warn(f"could not be checked: {refusal.what}", refusal.hint)
    if not keys:
        return ok("none")
    hint = "unless somebody uploads just now: invoke media.orphans --remove KEY --yes throws the parts away"
    return warn(f"{len(keys)}, whose parts are paid for{places(map(shown, sorted(set(keys))))}", hint)


def quota(context: DoctorContext) -> Finding:
    """Compare the size of all objects with `storage_quota`."""
    limit = context.target.storage_quota
    if limit is None:
        return ok("no storage_quota in the inventory; nothing is counted")
    used = sum(listed.size for listed in context.objects.values())
    says = f"{size_text(used)} of {size_text(limit)}, {used / limit:.0%}"
    if used >= limit:
        return fail(says, "make room in the bucket, or raise storage_quota in the inventory")
    return warn(says, "make room before it is full") if used >= NEARLY_FULL * limit else ok(says)


def _smallest(context: DoctorContext) -> tuple[str, int] | None:
    """Find the smallest picture in the bucket, or else its smallest object, as key and size."""

    def rank(item: tuple[str, Listed]) -> tuple[bool, int]:
        return not type_of(item[0]).startswith("image/"), item[1].size

    smallest = min(context.objects.items(), key=rank, default=None)
    return (smallest[0], smallest[1].size) if smallest else None


def _is_packed_anew(context: DoctorContext, key: str, size: int) -> bool | None:
    """Return whether visitors get the same picture, compressed again; None where it is not certain."""
    answer = context.web.whole(context.bucket.address.public(key))
    if not (type_of(key).startswith("image/") and answer.type.startswith("image/")) or size > LARGEST_SAMPLE:
        return False
    there, name = context.scratch / "sample", context.bucket.address.name
    there.write_bytes(context.bucket.client.get_object(Bucket=name, Key=key)["Body"].read())
    return likeness(answer.body, MediaFile(key, key, "", size, type_of(key), ""), there)[0]


def _why(status: int) -> str:
    if status in REFUSED:
        return "if they should not: is the bucket public, and S3_PUBLIC_URL its own host name?"
    return "does S3_PUBLIC_URL name this bucket?"
