"""Where the bytes of a bundle's files are: in the bundle's own pack, else in the source's media folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from maulstick.content import MediaFile
from maulstick.errors import Problem
from maulstick.media_root import resolve
from maulstick.pack import packed


@dataclass(frozen=True, slots=True)
class Places:
    """The places in which files are looked for; what is found is proven by whoever reads it."""

    media_root: Path
    bundle: Path | None = None

    def find(self, file: MediaFile) -> Path:
        """Return where a file is, the pack first; a problem (exit 3) where it is nowhere.

        A manifest is a file that anyone can edit: its paths are trusted no more than a row's.
        """
        there = packed(self.bundle, file) if self.bundle else None
        return there or resolve(self.media_root, file.path)[1]

    def wrong(self, file: MediaFile) -> str:
        """Return why a file could not be sent from here, "" where one of its size lies in a place."""
        try:
            size = self.find(file).stat().st_size
        except (Problem, OSError):
            return f"it is not in {self.media_root}"
        return "" if size == file.bytes else "it has changed since export"
