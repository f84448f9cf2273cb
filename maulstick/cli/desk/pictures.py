"""Small pictures for the desk: of files in the media folder, and of objects in the target's bucket."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from maulstick.errors import Problem
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import Host, Place
from maulstick.hosts.media import media_of
from maulstick.media.paths import is_address, keys_of
from maulstick.report.pictures import thumbnail
from maulstick.s3.bucket import Bucket, open_bucket
from maulstick.s3.client import asking

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".tif", ".tiff", ".bmp")
LARGEST = 64 << 20
"""Bytes of the largest object that is fetched to be shown."""


def is_picture(value: object) -> bool:
    """Return whether a value may be the path of a picture that is released."""
    return isinstance(value, str) and value.lower().endswith(ENDINGS) and not is_address(value)


@dataclass(slots=True)
class Pictures:
    """Thumbnails by the paths that rows hold; b"" where there is no such picture."""

    place: Place
    host: Host
    _files: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _objects: dict[str, bytes] = field(default_factory=dict)
    _bucket: Bucket | None = None
    _lock: Lock = field(default_factory=Lock)

    def local(self, path: str) -> bytes:
        """Return the picture of a file of the source."""
        if not is_picture(path):
            return b""
        with tempfile.TemporaryDirectory() as folder:
            try:
                file = media_of(self.place, self.host).local(path, Path(folder))
                version = (path, file.stat().st_mtime_ns)
                if version not in self._files:
                    self._files[version] = thumbnail(file)
            except (Problem, OSError):  # it is not there, or leads out of the media folder
                return b""
        return self._files[version]

    def production(self, path: str) -> bytes:
        """Return the picture of an object in the target's bucket, which is only read."""
        if not is_picture(path):
            return b""
        if path not in self._objects:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    small = self._of_object(path, Path(folder) / "object")
                except (Problem, OSError):  # it cannot be asked for now
                    return b""
            self._objects[path] = small
        return self._objects[path]

    def look_again(self) -> None:
        """Forget what the bucket held."""
        self._objects.clear()

    def _of_object(self, path: str, file: Path) -> bytes:
        with self._lock:  # its address may have to be asked for, once
            if self._bucket is None:
                self._bucket = open_bucket(bucket_address(self.place.target, self.host.environment))
        bucket = self._bucket
        for key in keys_of(path):
            stored = bucket.head(key)
            if stored is not None and stored.size <= LARGEST:
                with asking(bucket.address, key):
                    bucket.client.download_file(bucket.address.name, key, str(file))
                return thumbnail(file)
        return b""
