"""Files that come home with a pull: from the target's bucket into the media folder, and out of it again."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.errors import refused
from maulstick.files import BLOCK, named, unreadable, writing
from maulstick.media.paths import keys_of
from maulstick.opened import open_file
from maulstick.s3.bucket import Bucket
from maulstick.s3.client import asking
from maulstick.text import lines

HINT = "give one of both another name, or move the local file away and pull again"


@dataclass(frozen=True, slots=True)
class Fetch:
    """An object that is to become a file: its key, the file's path, what it must prove to be, its bytes."""

    key: str
    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Fetches:
    """What is to be fetched, and media paths whose object the bucket lacks."""

    files: Sequence[Fetch]
    lacking: Sequence[str]


def fetches(bucket: Bucket, root: Path, values: Iterable[str]) -> Fetches:
    """Find what the media folder lacks of the files that media paths name.

    A local file of other content is never overwritten: all of them are named in one problem (exit 3).
    """
    files, lacking, taken = dict[str, Fetch](), list[str](), list[str]()
    for value in sorted({*values}):
        found = next(((key, at) for key in keys_of(value) if (at := bucket.head(key))), None)
        if found is None:
            lacking.append(value)
            continue
        key, stored = found
        path = _path(root, value, key)
        here = _digest(path, value)
        digest = stored.sha256 or bucket.digest(key)
        if here is None:
            files[key] = Fetch(key, path, digest, stored.size)
        elif here != digest:
            taken.append(f"{key}: the media folder holds other content than the bucket")
    if taken:
        raise refused("download", f"nothing was changed: files differ{lines(taken)}", HINT)
    return Fetches([*files.values()], lacking)


def fetch(bucket: Bucket, file: Fetch) -> None:
    """Bring an object into the media folder: whole, proven, and never in the place of another file."""
    fresh = file.path.with_name(f".{file.path.name[:100]}.{secrets.token_hex(4)}")
    with writing(file.path):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with asking(bucket.address, file.key):
                bucket.client.download_file(bucket.address.name, file.key, str(fresh))
            if _digest(fresh, file.key) != file.sha256:
                raise refused(named(file.key), "is not what the bucket said a moment ago", "pull again")
            os.link(fresh, file.path)  # unlike a rename, refused where somebody has put a file there
        finally:
            fresh.unlink(missing_ok=True)


def take_out(root: Path, key: str, sha256: str) -> str:
    """Remove a file that a pull has brought; return why it stays, "" where it is gone."""
    path = _path(root, key, key)
    here = _digest(path, key)
    if here is None:
        return "it does not exist any more"
    if here != sha256:
        return "it was changed since"
    path.unlink()
    return ""


def _path(root: Path, value: str, key: str) -> Path:
    """Find where an object's file lies, or will; no path leaves the media folder, by a link either."""
    path = root.joinpath(*(part for part in key.split("/") if part))
    if not path.resolve().is_relative_to(root.resolve()):
        raise refused(named(value), "leads out of the media folder", "replace the link by the folder itself")
    return path


def _digest(path: Path, value: str) -> str | None:
    """Compute a file's SHA-256, None where there is none."""
    digest = hashlib.sha256()
    try:
        with open_file(path) as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(value, error) from error
    return digest.hexdigest()
