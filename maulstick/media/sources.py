"""Where the files that rows name are: in the bundle's own pack, else where the source keeps its media."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Protocol

from maulstick.errors import Problem, refused, usage
from maulstick.media.inspect import look
from maulstick.media.pack import is_whole, packed
from maulstick.media.paths import describe_at, resolve
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket
from maulstick.s3.memory import SharedMemory
from maulstick.s3.multipart import Progress
from maulstick.s3.put import put

Decoded = Mapping[str, MediaFile]
"""Pictures that were decoded before, by the digest of their content."""
NONE: Decoded = {}
NO_TYPES: Mapping[str, str] = {}
CHANGED = "it has changed since export"


class Media(Protocol):
    """Where a source keeps its files: a folder, or a bucket of the target's own storage.

    Every path is one as rows hold it. `at_once` is how many may be asked for side by side.
    """

    at_once: ClassVar[int]

    def require(self) -> None:
        """Raise a problem (exit 2) where the place itself is not there."""

    def proven(self, path: str, decoded: Decoded = NONE, said: str = "") -> MediaFile:
        """Return the proof of a file, looked at; `said` is the type that a row gives it.

        A problem (exit 3) where it is not fit to be released.
        """

    def local(self, path: str, folder: Path) -> Path:
        """Find where a file lies on this machine; what lies elsewhere is fetched into a folder."""

    def dated(self, path: str) -> datetime | None:
        """Return when a file was last changed, None where that is not known."""

    def lacks(self, file: MediaFile) -> str:
        """Say why a file could not be sent from here, "" where one of its size is there."""

    def here(self, file: MediaFile) -> Path | None:
        """Find where a file lies on this machine, None where it does not, or has changed since export."""

    def bring(
        self,
        bucket: Bucket,
        file: MediaFile,
        progress: Progress,
        *,
        memory: SharedMemory,
        instead_of: str = "",
    ) -> str | None:
        """Bring a file to its key, as `put` does."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The media folder of this machine."""

    root: Path
    at_once: ClassVar[int] = min(8, os.cpu_count() or 1)

    def __str__(self) -> str:
        return str(self.root)

    def require(self) -> None:
        """Refuse a folder that is not there."""
        if not self.root.is_dir():
            hint = "source/media_root in the inventory names it"
            raise usage(str(self.root), "the media root does not exist", hint)

    def proven(self, path: str, decoded: Decoded = NONE, said: str = "") -> MediaFile:
        """Return the proof of a file, looked at."""
        return looked_at(path, *resolve(self.root, path), decoded, said)

    def local(self, path: str, folder: Path) -> Path:
        """Find where a file lies."""
        return resolve(self.root, path)[1]

    def dated(self, path: str) -> datetime | None:
        """Return when a file was last changed."""
        return datetime.fromtimestamp(self.local(path, self.root).stat().st_mtime, UTC)

    def lacks(self, file: MediaFile) -> str:
        """Say why a file could not be sent from here."""
        try:
            size = self.local(file.path, self.root).stat().st_size
        except (Problem, OSError):
            return f"it is not in {self}"
        return "" if size == file.bytes else CHANGED

    def here(self, file: MediaFile) -> Path | None:
        """Find where a file lies."""
        return None if self.lacks(file) else self.local(file.path, self.root)

    def bring(
        self,
        bucket: Bucket,
        file: MediaFile,
        progress: Progress,
        *,
        memory: SharedMemory,
        instead_of: str = "",
    ) -> str | None:
        """Send a file to its key; a manifest's paths are trusted no more than a row's."""
        path = self.local(file.path, self.root)
        return put(bucket, path, file, progress, memory=memory, instead_of=instead_of)


@dataclass(frozen=True, slots=True)
class Places:
    """The places in which files are looked for, the pack first; what is found is proven when it is sent."""

    media: Media
    bundle: Path | None = None

    def wrong(self, file: MediaFile) -> str:
        """Say why a file could not be sent from here, "" where one of its size lies in a place."""
        there = self._packed(file)
        if there is not None and _has_size(there, file):
            return ""
        lacks = self.media.lacks(file)
        return f"{there} is broken, and {lacks}" if there and lacks else lacks

    def here(self, file: MediaFile) -> Path | None:
        """Find where a file lies on this machine, None where it does not."""
        there = self._packed(file)
        return there if there is not None and _has_size(there, file) else self.media.here(file)

    def bring(
        self,
        bucket: Bucket,
        file: MediaFile,
        progress: Progress,
        *,
        memory: SharedMemory,
        instead_of: str = "",
    ) -> str | None:
        """Bring a file to its key and return its ETag; None where somebody else just put it there.

        Where the pack's file is broken, the one that the source keeps is as good.
        """
        there = self._packed(file)
        if there is not None and is_whole(there, file):
            return put(bucket, there, file, progress, memory=memory, instead_of=instead_of)
        if there is not None and self.media.lacks(file):
            raise Problem(str(there), "is broken: it is not what was exported", "export again, with --pack")
        return self.media.bring(bucket, file, progress, memory=memory, instead_of=instead_of)

    def _packed(self, file: MediaFile) -> Path | None:
        return packed(self.bundle, file) if self.bundle else None


def _has_size(path: Path, file: MediaFile) -> bool:
    return path.stat().st_size == file.bytes


def looked_at(value: str, key: str, path: Path, decoded: Decoded, said: str) -> MediaFile:
    """Return the proof of a media path's file that lies at `path`; what was decoded before is not again."""
    file = describe_at(value, key, path)
    return look(path, file, said=said, before=decoded.get(file.sha256))


def find(
    media: Media,
    paths: Iterable[str],
    known: Iterable[MediaFile] = (),
    said: Mapping[str, str] = NO_TYPES,
) -> tuple[MediaFile, ...]:
    """List the files of media paths, one for each key, in the order of their paths.

    Pictures that are among the `known` files with the same content were decoded before. `said` are
    the types that rows give to paths. All files that are not fit to be released are named in one problem
    (exit 3).
    """
    decoded = {file.sha256: file for file in known if file.width is not None}
    with ThreadPoolExecutor(media.at_once) as pool:
        proofs = list(
            pool.map(lambda path: _proof(media, path, decoded, said.get(path, "")), sorted(set(paths)))
        )
    problems = [proof for proof in proofs if isinstance(proof, Problem)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "".join(f"\n    {problem.where}: {problem.what}" for problem in problems)
        raise refused("media", f"{len(problems)} files cannot be released{lines}", problems[0].hint)
    return tuple({file.key: file for file in proofs if isinstance(file, MediaFile)}.values())


def _proof(media: Media, path: str, decoded: Decoded, said: str) -> MediaFile | Problem:
    try:
        return media.proven(path, decoded, said)
    except Problem as problem:
        return problem
