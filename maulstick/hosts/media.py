"""The files of a source, opened: a folder as it is, a bucket with the key of the target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import Host, Place
from maulstick.media.sources import Folder, Media


def media_of(place: Place, host: Host) -> Media:
    """Find where a source keeps its files; the target is asked for its key only for a bucket."""
    there = place.source.media
    if isinstance(there, Path):
        return Folder(there)
    from maulstick.media.bucket_source import SourceBucket
    from maulstick.s3.bucket import open_bucket

    address = bucket_address(place.target, host.environment)
    return SourceBucket(open_bucket(replace(address, name=there.bucket)), there.prefix)
