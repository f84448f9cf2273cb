"""A bucket that refuses everybody but us: what was sent is asked for with our key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from maulstick.bucket import Bucket
from maulstick.content import Check, MediaFile
from maulstick.errors import Problem
from maulstick.media import AT_ONCE
from maulstick.web import Web

SAYS = "the bucket is private: its files were asked for with its key, and visitors get them through the site"
PUBLIC = "public-read"
OTHERS = 3
"""Objects that were there before and are asked for, to tell a private bucket from a file that is refused."""
REFUSED = (401, 403)
OURS = "maulstick/"
_REFUSED = re.compile(r"\b40[13]\b")


def is_private(web: Web, bucket: Bucket, found: Mapping[str, Check]) -> bool:
    """Tell whether a bucket answers to nobody without a key, by what became of the files that were sent.

    One that the inventory wants public is not private, and neither is one that gives visitors anything else.
    """
    if bucket.address.acl == PUBLIC or not found:
        return False
    if not all(check.ok is not True and _REFUSED.search(check.answer) for check in found.values()):
        return False
    there = (key for key in bucket.first(100) if key not in found and not key.startswith(OURS))
    return all(_refuses(web, bucket.address.public(key)) for key in islice(there, OTHERS))


def with_key(bucket: Bucket, files: Sequence[MediaFile]) -> dict[str, Check]:
    """Return what the bucket gives us for each file, by its key."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda file: _asked(bucket, file), files)
        return {file.key: answer for file, answer in zip(files, answers, strict=True)}


def _asked(bucket: Bucket, file: MediaFile) -> Check:
    name, stored = f"file {file.key}", bucket.head(file.key)
    if stored is None:
        return Check(name, False, "is not in the bucket")
    if (stored.size, stored.sha256) != (file.bytes, file.sha256):
        return Check(name, False, f"has other bytes: {stored.size}, released were {file.bytes}")
    return Check(name, True, f"{file.bytes} bytes as released, asked for with the bucket's key")


def _refuses(web: Web, address: str) -> bool:
    try:
        return web.fetch(address).status in REFUSED
    except Problem:
        return False
