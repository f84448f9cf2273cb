"""One file to its key: all of it, as it was exported, or nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import BinaryIO

from maulstick.errors import refused
from maulstick.files import changed, unreadable
from maulstick.opened import open_file
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket, only_instead_of
from maulstick.s3.client import StorageRefusal, problem
from maulstick.s3.delete import remove
from maulstick.s3.memory import SharedMemory
from maulstick.s3.multipart import PART, Progress, send_parts

ALREADY = (404, 409, 412)
"""What a storage answers where the object is there, or its parts were joined by somebody else."""


def put(
    bucket: Bucket,
    file: Path,
    wanted: MediaFile,
    progress: Progress,
    *,
    memory: SharedMemory,
    instead_of: str = "",
) -> str | None:
    """Send a file to its key and return its ETag.

    The key must be free, or hold the object with the ETag `instead_of`. The same content that somebody else
    put there meanwhile is as good, and None is returned; other content is refused.
    """
    try:
        with open_file(file) as source:
            if wanted.bytes <= PART:
                return _whole(bucket, source, wanted, progress, memory, instead_of)
            etag, is_doubtful = send_parts(bucket, source, wanted, progress, instead_of)
            if is_doubtful:
                _require_content(bucket, wanted, etag)
            return etag
    except StorageRefusal as refusal:
        if refusal.status not in ALREADY or not arrived(bucket, wanted):
            raise
        progress(0 if wanted.bytes > PART else wanted.bytes)  # parts have counted theirs
        return None
    except OSError as error:
        raise unreadable(wanted.path, error) from error


def arrived(bucket: Bucket, wanted: MediaFile) -> bool:
    """Return whether a file is under its key by now: by another run, or by our first try.

    Other content there is refused (exit 3).
    """
    stored = bucket.head(wanted.key)
    if stored is None:
        return False
    if (stored.size, stored.sha256) != (wanted.bytes, wanted.sha256):
        hint = "upload again; what is there is compared then"
        where = f"bucket {bucket.address.name}/{wanted.key}"
        raise refused(where, "was put there by somebody else just now", hint)
    return True


def _whole(
    bucket: Bucket,
    source: BinaryIO,
    wanted: MediaFile,
    progress: Progress,
    memory: SharedMemory,
    instead_of: str,
) -> str:
    with memory.held(wanted.bytes):
        content = source.read(wanted.bytes + 1)
        if hashlib.sha256(content).hexdigest() != wanted.sha256:
            raise changed(wanted.path)
        md5 = hashlib.md5(content, usedforsecurity=False)
        headers = {
            **bucket.sent(wanted),
            # Not every storage holds the signed SHA-256 against what arrives; most do so with this.
            "Content-MD5": base64.b64encode(md5.digest()).decode(),
            **only_instead_of(instead_of),
        }
        reply = bucket.wire.ask("PUT", wanted.key, headers=headers, body=content, sha256=wanted.sha256)
    etag = bucket.wire.require(reply, wanted.key, "PutObject").headers["etag"]
    if reply.is_other_than(md5.hexdigest()):
        _require_content(bucket, wanted, etag)
    progress(len(content))
    return etag


def _require_content(bucket: Bucket, wanted: MediaFile, etag: str) -> None:
    """Read back what was sent, and remove what became something else: its own headers would vouch for it."""
    if bucket.digest(wanted.key) == wanted.sha256:
        return
    what, hint = "arrived with other bytes than were sent", "remove it by hand"
    try:
        remove(bucket, wanted.key, etag)
    except StorageRefusal as refusal:
        raise problem(bucket.address, wanted.key, f"{what}, and could not be removed", hint) from refusal
    hint = "run the same command again; if it says so each time, something on the way changes what it carries"
    raise problem(bucket.address, wanted.key, f"{what}, and was removed again", hint)
