"""A bucket that refuses everybody but us: what was sent is asked for with our key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from urllib.parse import unquote, urlsplit

from maulstick.errors import Problem
from maulstick.media.compare import AT_ONCE
from maulstick.project.declarations import Check, MediaFile
from maulstick.s3.bucket import Bucket
from maulstick.verify.http import Web
from maulstick.verify.live import Live

SAYS = "the bucket is private: its files were asked for with its key, and visitors get them through the site"
PUBLIC = "public-read"
OTHERS = 3
"""Objects that were there before and are asked for: a private bucket refuses them too."""
REFUSED = (401, 403)
OURS = "maulstick/"
_REFUSED = re.compile(r"\b40[13]\b(?! with a challenge)")


def is_private(web: Web, bucket: Bucket, answers: Mapping[str, Check]) -> bool:
    """Return whether a bucket answers to nobody without a key, by what became of the files that were sent.

    One that the inventory wants public is not private, and neither is one that gives visitors anything else.
    """
    if bucket.address.acl == PUBLIC or not answers:
        return False
    if not all(check.ok is not True and _REFUSED.search(check.answer) for check in answers.values()):
        return False
    there = (key for key in bucket.first(100) if key not in answers and not key.startswith(OURS))
    return all(_refuses(web, bucket.address.public(key)) for key in islice(there, OTHERS))


def with_key(bucket: Bucket, files: Sequence[MediaFile]) -> dict[str, Check]:
    """Return what the bucket gives us for each file, by its key."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda file: _asked(bucket, file), files)
        return {file.key: answer for file, answer in zip(files, answers, strict=True)}


def settled(live: Live, bucket: Bucket, checks: Sequence[Check]) -> list[Check]:
    """Return what a site answered, with those files asked for by key that a private bucket refused.

    What a page shows visitors from there stays wrong: they do not see it.
    """
    files = [file for file in live.manifest.media if not _is_shown(live, bucket.address.public(file.key))]
    # What the questions to a released file are called, as a file and as a picture.
    names = {f"file {file.key}": file for file in files}
    names |= {f"image {unquote(urlsplit(bucket.address.public(file.key)).path)}": file for file in files}
    refused = {names[check.name].key: check for check in checks if check.name in names and not check.ok}
    if not is_private(live.web, bucket, refused):
        return [*checks]
    answers = with_key(bucket, [file for file in files if file.key in refused])
    return [
        check
        if check.ok or check.name not in names
        else replace(answers[names[check.name].key], name=check.name)
        for check in checks
    ]


def _is_shown(live: Live, address: str) -> bool:
    there = unquote(address)
    return any(
        there in unquote(parsed.html)
        or there in map(unquote, (*parsed.images, *parsed.social, *parsed.sounds))
        for parsed in live.seen.values()
    )


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
