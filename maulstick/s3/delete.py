"""Objects deleted only while they are the ones that were seen."""

from __future__ import annotations

from maulstick.errors import Problem
from maulstick.s3.bucket import Bucket
from maulstick.s3.client import StorageRefusal, problem


def remove(bucket: Bucket, key: str, etag: str) -> None:
    """Delete an object that still has that ETag; one that is gone is gone."""
    try:
        bucket.call("delete_object", key, **bucket.condition(key, etag, "DeleteObject"))
    except StorageRefusal as refusal:
        if refusal.status == 412:
            raise moved(bucket, key) from refusal
        if refusal.status != 404:
            raise


def moved(bucket: Bucket, key: str) -> Problem:
    """Describe the problem of an object that is not any more what was looked at."""
    return problem(bucket.address, key, "was changed by somebody else just now", "run the same again")
