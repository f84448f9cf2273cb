"""A bundle's pack: its files beside it, each under its digest, whole or not there at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from maulstick.errors import refused
from maulstick.files import BLOCK, changed, make_folders, unreadable, unwritable, write_whole
from maulstick.opened import open_file
from maulstick.project.declarations import MediaFile

FOLDER = "media"
DIGEST = re.compile(r"[0-9a-f]{64}")


def packed(bundle: Path, file: MediaFile) -> Path | None:
    """Find where a bundle's pack holds a file, None where it does not; its content is not read."""
    path = bundle / FOLDER / file.sha256
    return path if DIGEST.fullmatch(file.sha256) and path.is_file() else None


def is_whole(path: Path, file: MediaFile) -> bool:
    """Return whether what lies at a path is a file, by reading all of it."""
    try:
        if path.stat().st_size != file.bytes:
            return False
        with open_file(path) as there:
            return hashlib.file_digest(there, "sha256").hexdigest() == file.sha256
    except OSError as error:
        raise unreadable(str(path), error) from error


def add(bundle: Path, files: Mapping[MediaFile, Path]) -> int:
    """Copy files into a bundle's pack, and return how many were not there.

    A file that is no longer what was read of it is refused, and nothing of it is kept.
    """
    folder = bundle / FOLDER
    if folder.is_symlink():
        raise refused(str(folder), "is a link", "a pack is a folder beside the bundle; remove the link")
    missing = {file.sha256: (file, path) for file, path in files.items() if not _holds(bundle, file)}
    try:
        if missing:
            make_folders(folder)
        for sha256, (file, path) in missing.items():
            write_whole(folder / sha256, _proven(path, file))
    except OSError as error:
        raise unwritable(str(folder), error) from error
    return len(missing)


def clear(bundle: Path, wanted: Collection[MediaFile]) -> None:
    """Remove from a bundle's pack what the bundle does not name; a pack that is empty goes as a whole."""
    folder = bundle / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return
    kept = {file.sha256 for file in wanted}
    try:
        for path in folder.iterdir():
            if DIGEST.search(path.name) and path.name not in kept:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        where = error.filename or folder
        why = (error.strerror or "unknown reason").lower()
        raise refused(str(where), f"cannot be removed: {why}", "remove it by hand") from error


def _holds(bundle: Path, file: MediaFile) -> bool:
    path = packed(bundle, file)
    return path is not None and is_whole(path, file)


def _proven(path: Path, wanted: MediaFile) -> Iterator[bytes]:
    """Yield the blocks of a file; a problem before its end counts, where it is not what was wanted."""
    digest = hashlib.sha256()
    try:
        with open_file(path) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                yield block
    except OSError as error:
        raise unreadable(wanted.path, error) from error
    if digest.hexdigest() != wanted.sha256:
        raise changed(wanted.path)
