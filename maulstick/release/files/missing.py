"""How a bucket stands to what names its files: bundles, and production's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.bundle.folder import files_of_bundles, folder_of, read_manifest
from maulstick.hosts.host import Place
from maulstick.media.audit import UNFINISHED, lacking, named_by_rows
from maulstick.media.compare import compare
from maulstick.media.ledger import proven, sent
from maulstick.media.references import shown
from maulstick.postgres.connection import Database
from maulstick.project.declarations import MediaFile, Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.s3.bucket import Bucket
from maulstick.text import amount

WORDS: Mapping[str, str] = {
    "upload": "missing",
    "conflict": "other content",
    "overwrite": "older content",
    "repair": "wrong headers",
}


@dataclass(frozen=True, slots=True)
class MediaStanding:
    """What names files, how many, and those that the bucket lacks, each with the reason.

    It `is_live` where visitors are sent to the files.
    """

    name: str
    files: int
    lacking: Mapping[str, str]
    is_live: bool = False

    def lines(self) -> list[str]:
        """Return the standing as people read it."""
        files = amount(self.files, "file")
        says = f"{len(self.lacking)} of {files} to look at" if self.lacking else f"{files} there"
        head = f"{self.name:<40} {says}"
        return [head, *(f"    {shown(name)}: {why}" for name, why in self.lacking.items())]

    def to_json(self) -> dict[str, Any]:
        """Return the standing as JSON."""
        return {"name": self.name, "files": self.files, "lacking": dict(self.lacking)}


def standings(
    subjects: Sequence[Subject] | None, place: Place, plugins: Plugins, bucket: Bucket, database: Database
) -> list[MediaStanding]:
    """Return how each subject's bundle stands.

    Without subjects that of every bundle, of production's rows, and of uploads that never ended.
    """
    bundles = place.source.bundles
    if subjects is not None:
        folders = {str(one): read_manifest(folder_of(bundles, one)).media for one in subjects}
        return [_of_files(name, files, bucket, database) for name, files in folders.items()]
    found = {_name(folder): files for folder, files in files_of_bundles(bundles).items()}
    of_bundles = [_of_files(name, files, bucket, database) for name, files in found.items()]
    return [*of_bundles, _of_rows(place.target.name, plugins, bucket, database), *_of_parts(bucket)]


def _of_files(name: str, files: Sequence[MediaFile], bucket: Bucket, database: Database) -> MediaStanding:
    known = proven(database, [file.key for file in files])
    items = compare(bucket, files, known=known, sent=sent(database, files))
    wrong = [item for item in items if item.action in WORDS]
    said = {item.file.key: _why(WORDS[item.action], item.why) for item in wrong}
    return MediaStanding(name, len(items), said)


def _why(word: str, why: str) -> str:
    return word if word == "missing" else f"{word} ({why})"


def _of_rows(target: str, plugins: Plugins, bucket: Bucket, database: Database) -> MediaStanding:
    named = named_by_rows(database, plugins)
    missing = {one.value: f"missing; {one.column} names it" for one in lacking(bucket, named)}
    return MediaStanding(f"rows of {target}", len({one.value for one in named}), missing, is_live=True)


def _of_parts(bucket: Bucket) -> list[MediaStanding]:
    parts = dict.fromkeys(sorted(bucket.unfinished()), UNFINISHED)
    return [MediaStanding("unfinished uploads", len(parts), parts)] if parts else []


def _name(folder: Path) -> str:
    return " ".join(folder.parts[-2:])
