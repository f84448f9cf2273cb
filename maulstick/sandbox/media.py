"""The pictures and the voice note, copied to where the site keeps its media."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path


def restore(place: Path, media_root: Path) -> None:
    """Make a media folder hold what `place` holds and nothing else; do not touch equal files."""
    names = {path.relative_to(place) for path in place.rglob("*")}
    for path in sorted(_under(media_root), reverse=True):  # what is in a folder comes before the folder
        if path.relative_to(media_root) not in names:
            _remove(path)
    for name in sorted(names):
        _copy(place / name, media_root / name)


def _under(media_root: Path) -> Iterator[Path]:
    uploads = media_root / "uploads"
    return uploads.rglob("*") if uploads.exists() else iter(())


def _copy(ours: Path, target: Path) -> None:
    if target.is_symlink() or (target.exists() and target.is_dir() != ours.is_dir()):
        _remove(target)
    if ours.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists() or _stamp(target) != _stamp(ours):
        shutil.copy2(ours, target)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
