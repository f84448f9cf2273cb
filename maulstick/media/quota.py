"""Whether what a release sends has room in a bucket whose owner has set a limit."""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.errors import Problem, refused
from maulstick.media.compare import Item
from maulstick.s3.bucket import Bucket
from maulstick.text import size_text

NEARLY_FULL = 0.8


def quota(bucket: Bucket, items: Sequence[Item], limit: int | None) -> tuple[Problem | None, str]:
    """Return the problem of a bucket that would grow beyond `limit` bytes, and a warning where it comes near.

    What is replaced stays where it is kept. The bucket is measured only where something is sent.
    """
    new = sum(item.file.bytes for item in items if item.action in ("upload", "overwrite"))
    if limit is None or new == 0:
        return None, ""
    used = sum(listed.size for listed in bucket.list([""]).values())
    if used + new > limit:
        what = f"{size_text(used)} are there and {size_text(new)} would come; the limit is {size_text(limit)}"
        hint = "make room in the bucket, or raise storage_quota in the inventory"
        return refused("storage quota", what, hint), ""
    nearly = used + new >= NEARLY_FULL * limit
    says = f"the bucket holds {size_text(used + new)} of {size_text(limit)} then, {(used + new) / limit:.0%}"
    return None, says if nearly else ""
