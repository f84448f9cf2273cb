"""A bucket beside the target's that holds the source's files: they are copied inside the storage.

It is asked with the target's own key, which a copy from the one into the other needs anyway.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from maulstick.errors import Problem, refused
from maulstick.files import ELSEWHERE, changed, named, temporary_folder, writing
from maulstick.media.content_types import UNKNOWN, cache_control_of, type_of
from maulstick.media.inspect import is_decoded
from maulstick.media.paths import NAMER, keys_of
from maulstick.media.sources import CHANGED, NONE, Decoded, looked_at
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import PIXELS, Bucket, Stored
from maulstick.s3.client import CONNECTIONS, StorageRefusal, asking
from maulstick.s3.copy import copy_from
from maulstick.s3.memory import SharedMemory
from maulstick.s3.multipart import Progress
from maulstick.s3.put import arrived

DIGEST, SIZE = re.compile(r"[0-9a-f]{64}"), re.compile(r"([0-9]+)x([0-9]+)")
HINT = "source/media in the inventory names it; the target's own key must be able to read it"


@dataclass(frozen=True, slots=True)
class SourceBucket:
    """The source's files in a bucket, each under `prefix` and the key that it will have.

    An object that Maulstick has sent carries what was read of it then, and is not read again: its digest, and
    of a picture that was decoded its size. Any other is read.
    """

    bucket: Bucket
    prefix: str
    at_once: ClassVar[int] = CONNECTIONS

    def __str__(self) -> str:
        return f"s3://{self.bucket.address.name}/{self.prefix}".rstrip("/")

    def require(self) -> None:
        """Refuse a bucket that does not answer, or that the target's key may not list."""
        try:
            self.bucket.list((f"{self.prefix}maulstick/",))
        except StorageRefusal as refusal:
            refusal.hint = HINT
            raise

    def proven(self, path: str, decoded: Decoded = NONE, said: str = "") -> MediaFile:
        """Return the proof of a file."""
        key, stored = self._lying(path)
        known = _known(key, stored)
        if known is not None:
            return known
        with temporary_folder() as folder:
            return looked_at(path, key, self._fetched(key, folder), decoded, said)

    def local(self, path: str, folder: Path) -> Path:
        """Fetch a file into a folder, under a name that any key can have."""
        return self._fetched(self._lying(path)[0], folder)

    def _fetched(self, key: str, folder: Path) -> Path:
        there = folder / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        with writing(folder, ELSEWHERE), asking(self.bucket.address, self.prefix + key):
            self.bucket.client.download_file(self.bucket.address.name, self.prefix + key, str(there))
        return there

    def dated(self, path: str) -> datetime | None:
        """Return when a file was put there."""
        return self._lying(path)[1].modified

    def lacks(self, file: MediaFile) -> str:
        """Say why a file could not be copied from here."""
        stored = self._head(file.key)
        if stored is None:
            return f"it is not in {self}"
        return "" if stored.size == file.bytes and _digest_of(stored) in (None, file.sha256) else CHANGED

    def here(self, file: MediaFile) -> Path | None:
        """Return None: a report does without small pictures rather than fetch every file."""
        return None

    def bring(
        self,
        bucket: Bucket,
        file: MediaFile,
        progress: Progress,
        *,
        memory: SharedMemory,
        instead_of: str = "",
    ) -> str | None:
        """Copy a file to its key, with no byte through this machine where it carries its digest."""
        stored, source = self._head(file.key), self.prefix + file.key
        if stored is None:
            raise self._missing(file.path)
        digest = _digest_of(stored) or self.bucket.digest(source)
        if (stored.size, digest) != (file.bytes, file.sha256):
            raise changed(file.path)
        etag = None
        if instead_of or not arrived(bucket, file):
            etag = copy_from(self.bucket, source, stored, bucket, file, instead_of=instead_of)
        progress(file.bytes)
        return etag

    def _lying(self, path: str) -> tuple[str, Stored]:
        """Return the key under which a path's file lies, and what lies there."""
        for key in keys_of(path):
            if (stored := self._head(key)) is not None:
                return key, stored
        raise self._missing(path)

    def _missing(self, path: str) -> Problem:
        return refused(named(path), f"is missing in {self}", f"put it there, or {NAMER}")

    def _head(self, key: str) -> Stored | None:
        try:
            return self.bucket.head(self.prefix + key)
        except StorageRefusal as refusal:
            refusal.hint = HINT
            raise


def _known(key: str, stored: Stored) -> MediaFile | None:
    """Return the proof that an object carries, None where it carries none."""
    digest, pixels = _digest_of(stored), SIZE.fullmatch(stored.others.get(PIXELS, ""))
    by_name = type_of(key)
    kind = (stored.type or by_name) if by_name == UNKNOWN else by_name  # its content showed it
    file = MediaFile(key, key, digest or "", stored.size, kind, cache_control_of(key))
    if digest is None or (pixels is None and is_decoded(file)):
        return None
    return replace(file, width=int(pixels[1]), height=int(pixels[2])) if pixels else file


def _digest_of(stored: Stored) -> str | None:
    return stored.sha256 if stored.sha256 and DIGEST.fullmatch(stored.sha256) else None
