"""The pictures and the voice note: drawn once, and copied to where the site keeps its media."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from maulstick.sandbox import content


def drawn(folder: Path, edition: str) -> Path:
    """Draw all media of an edition unless they are there; return the folder that holds `uploads/`."""
    kept = folder / "media"
    place = kept / edition
    if not place.exists():
        for other in kept.glob("*"):
            shutil.rmtree(other, ignore_errors=True)
        making = kept / f"making-{secrets.token_hex(4)}"
        making.mkdir(parents=True)
        content.draw(making)
        making.rename(place)
    return place


def restore(place: Path, media_root: Path) -> None:
    """Make a media folder hold what was drawn and nothing else; files that are as drawn are not touched."""
    names = {path.relative_to(place) for path in place.rglob("*")}
    for path in sorted(_under(media_root), reverse=True):  # what is in a folder comes before the folder
        if path.relative_to(media_root) not in names:
            _remove(path)
    for name in sorted(names):
        _copy(place / name, media_root / name)


def _under(media_root: Path) -> Iterator[Path]:
    uploads = media_root / "uploads"
    return uploads.rglob("*") if uploads.exists() else iter(())


def _copy(drawn: Path, target: Path) -> None:
    if target.is_symlink() or (target.exists() and target.is_dir() != drawn.is_dir()):
        _remove(target)
    if drawn.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists() or _stamp(target) != _stamp(drawn):
        shutil.copy2(drawn, target)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
