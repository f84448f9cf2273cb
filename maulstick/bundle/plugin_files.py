"""The files that plugins add to those in media columns: from the media folder, or made for the bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maulstick.errors import refused
from maulstick.media.content_types import cache_control_of, type_of
from maulstick.media.formats import HEAD
from maulstick.media.inspect import agrees, look
from maulstick.media.paths import describe_at, wrong_key
from maulstick.media.sources import Folder, Media
from maulstick.opened import open_file
from maulstick.postgres.connection import connect
from maulstick.project.declarations import File, MediaFile, Rows, Subject
from maulstick.project.inventory import LocalSource
from maulstick.project.plugins.registry import Plugins


@dataclass(frozen=True, slots=True)
class Workbench:
    """The source as a plugin that makes files sees it (`hookspecs.Source`)."""

    rows: Rows
    folder: Path
    source: LocalSource
    media: Media
    fetched: Path

    def file(self, path: str) -> Path:
        """Return the media file at a row's path; a missing file is refused (exit 3)."""
        return self.media.local(path, self.fetched)

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Query the source's database in a read-only transaction."""
        with (
            connect(self.source.database, f"source {self.source.name}", read_only=True) as database,
            database.transaction("read only"),
        ):
            return database.query(query, parameters)


@dataclass(frozen=True, slots=True)
class PluginFiles:
    """The files of plugins, and the paths of those that are not in the media folder under their keys."""

    files: tuple[MediaFile, ...]
    made: Mapping[MediaFile, Path]


def plugin_files(plugins: Plugins, subject: Subject, bench: Workbench) -> PluginFiles:
    """Ask the plugins for files, let them make theirs, and check each file."""
    named = [(one, *_proven(bench.media, one, bench.fetched)) for one in plugins.files(subject, bench.rows)]
    made = dict(
        _proven(Folder(bench.folder), _inside(bench.folder, one), bench.fetched)
        for one in plugins.made(subject, bench)
    )
    moved = {file: path for one, file, path in named if file.key != one.path.removeprefix("/")}
    return PluginFiles((*(file for _, file, _ in named), *made), {**moved, **made})


def joined(files: Iterable[MediaFile], more: Iterable[MediaFile]) -> tuple[MediaFile, ...]:
    """Return both groups of files as one; two different files with one key are refused."""
    found = {file.key: file for file in files}
    for file in sorted(more, key=lambda one: one.key):
        same = found.setdefault(file.key, file)
        if same.sha256 != file.sha256:
            raise refused(
                f"media {file.key}",
                "two files of other content want this key",
                "give one of them a key of its own",
            )
    return tuple(found.values())


def _proven(media: Media, one: File, fetched: Path) -> tuple[MediaFile, Path]:
    """Return the description of a file and its path; its type is that of its key, as browsers see it."""
    path = media.local(one.path, fetched)
    file = describe_at(one.path, one.path, path)
    key = (one.key or one.path).removeprefix("/")
    if wrong := wrong_key(key):
        raise refused(f"media {one.path}", f"its key {key!r} {wrong}", "correct the plugin that names it")
    named = replace(file, key=key, path=key, type=type_of(key), cache_control=cache_control_of(key))
    file = replace(look(path, named), replace=one.replace)
    return (_typed(file, path, one.type) if one.type else file), path


def _typed(file: MediaFile, path: Path, said: str) -> MediaFile:
    """Return a file with the type that a plugin gives it; content that contradicts it is refused."""
    with open_file(path) as source:
        if not agrees(source.read(HEAD), said):
            what = f'is {file.type}, and the plugin that names it says "{said}"'
            raise refused(f"media {file.path}", what, "correct the type, or leave it out")
    return replace(file, type=said)


def _inside(folder: Path, one: File) -> File:
    path = Path(one.path)
    if not path.is_relative_to(folder):
        return one
    return replace(one, path=path.relative_to(folder).as_posix())
