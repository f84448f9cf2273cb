"""Files that come home with a pull: from the target's bucket into the media folder, and out of it again."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from maulstick.errors import refused
from maulstick.files import BLOCK, make_folders, named, unreadable, writing
from maulstick.media.paths import keys_of
from maulstick.opened import open_file
from maulstick.s3.bucket import Bucket
from maulstick.s3.client import asking
from maulstick.text import lines

HINT = "--ask asks about each; {take} keeps the local one, production in place of local replaces it"
SideOf = Callable[[str, str], str]
"""Which side is taken of a file, "local" or "production", by the path that rows name and its key; else ""."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """An object that is to become a file: its key, the file's path, what it must prove to be, its bytes.

    `replaces` is the SHA-256 of the local file that it takes the place of, "" where there is none.
    """

    key: str
    path: Path
    sha256: str
    bytes: int
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Fetches:
    """What is to be fetched, media paths whose object the bucket lacks, and keys of files that stay."""

    files: Sequence[Fetch]
    lacking: Sequence[str]
    kept: Sequence[str] = ()


def fetches(bucket: Bucket, root: Path, values: Iterable[str], side_of: SideOf) -> Fetches:
    """Find what the media folder lacks of the files that media paths name.

    A local file of other content is overwritten only where production's side is taken: all others are named
    in one problem (exit 3).
    """
    files, lacking, kept, open_ = dict[str, Fetch](), list[str](), list[str](), list[str]()
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
            side = side_of(value, key)
            if side == "production":
                files[key] = Fetch(key, path, digest, stored.size, here)
            else:
                (kept if side else open_).append(key)
    if open_:
        reasons = [
            f"{named(key)}: the media folder holds other content than the bucket"
            for key in dict.fromkeys(open_)
        ]
        hint = HINT.format(take=f"--take {quote(f'local:media/{open_[0]}')}")
        raise refused("download", f"nothing was changed: files differ{lines(reasons)}", hint)
    return Fetches([*files.values()], lacking, kept)


def fetch(bucket: Bucket, file: Fetch, keep_in: Path) -> Path | None:
    """Bring an object into the media folder: whole, proven, and in the place of no file but one meant to go.

    Where that one is kept, below `keep_in`, is returned.
    """
    fresh = file.path.with_name(f".{file.path.name[:100]}.{secrets.token_hex(4)}")
    with writing(file.path):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with asking(bucket.address, file.key):
                bucket.client.download_file(bucket.address.name, file.key, str(fresh))
            if _digest(fresh, file.key) != file.sha256:
                raise refused(named(file.key), "is not what the bucket said a moment ago", "pull again")
            if file.replaces:
                kept = _kept(file, keep_in)
                fresh.replace(file.path)
                return kept
            os.link(fresh, file.path)  # unlike a rename, refused where somebody has put a file there
        finally:
            fresh.unlink(missing_ok=True)
    return None


def kept_path(key: str, sha256: str, keep_in: Path) -> Path:
    """Return where a local file is kept that a pull replaces: by its content, under its own name."""
    return keep_in / sha256[:32] / key.rpartition("/")[2]


def _kept(file: Fetch, keep_in: Path) -> Path:
    """Keep a local file before it is replaced; one that is not what was looked at is refused (exit 3)."""
    kept = kept_path(file.key, file.replaces, keep_in)
    make_folders(kept.parent, 0o700)
    shutil.copyfile(file.path, kept)
    if {_digest(kept, file.key), _digest(file.path, file.key)} != {file.replaces}:
        raise refused(named(file.key), "was changed in the media folder a moment ago", "pull again")
    return kept


def is_there(root: Path, key: str) -> bool:
    """Return whether the media folder has a file under a key."""
    return _digest(_path(root, key, key), key) is not None


def take_out(root: Path, key: str, sha256: str, before: Path | None = None) -> str:
    """Remove a file that a pull has brought; return why it stays, "" where it is gone.

    One that was kept `before` comes back in its place.
    """
    path = _path(root, key, key)
    here = _digest(path, key)
    if here is None:
        return "it does not exist any more"
    if here != sha256:
        return "it was changed since"
    if before is None:
        path.unlink()
        return ""
    if _digest(before, key) is None:
        return "what it replaced is not kept any more"
    fresh = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    with writing(path):
        shutil.copyfile(before, fresh)
        fresh.replace(path)
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
