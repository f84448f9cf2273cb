"""Bundles that are given by path, or that git says have changed: each is proved to be what it claims."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from maulstick import git
from maulstick.bundle.folder import MANIFEST, SQL
from maulstick.bundle.manifest import Manifest, read
from maulstick.bundle.names import is_folder_of
from maulstick.errors import Problem, refused, usage
from maulstick.media.content_types import UNKNOWN, cache_control_of, is_harmless, plain_type, type_of
from maulstick.media.paths import is_address, wrong_key
from maulstick.project.declarations import MediaFile, Subject

FILES = (MANIFEST, SQL)
SVG = "image/svg+xml"
PLAIN = "a bundle is a folder KIND/KEY with two plain files, as `invoke export` writes them"
WHOLE_HISTORY = "fetch it first; in a checkout of CI: fetch-depth: 0"

Folders = Mapping[Subject, Path]


@dataclass(frozen=True, slots=True)
class Changed:
    """The bundles of a folder that are new or changed according to git, and those that were deleted."""

    folders: Folders
    deleted: tuple[Path, ...]


def named(paths: Iterable[str]) -> Folders:
    """List the bundles of paths, each a bundle's folder or its manifest.json."""
    found: dict[Subject, Path] = {}
    for text in paths:
        path = Path(text).absolute()
        folder = path.parent if path.name == MANIFEST else path
        if not folder.is_dir():
            raise usage(
                f"--bundle {text}", "does not exist", "for example --bundle releases/series/embodiment"
            )
        subject = subject_of(folder)
        if found.setdefault(subject, folder) != folder:
            what = f"is {subject} again, beside {found[subject]}"
            raise usage(f"--bundle {text}", what, "name one of them")
    return found


def changed(bundles: Path, revision: str) -> Changed:
    """List the bundles of a folder that differ from a revision; paths from git are not trusted."""
    if bundles.is_symlink():
        raise _link(bundles)
    names = git.changed_since(bundles, revision)
    if names is None:
        raise usage(f"--changed-since {revision}", "is not a commit that is known here", WHOLE_HISTORY)
    parts = sorted({PurePosixPath(name).parts for name in names})
    for one in parts:
        if bundles.parent.joinpath(*one).is_symlink():
            raise _link(bundles.parent.joinpath(*one))
    folders = dict.fromkeys(one[1:3] for one in parts if len(one) == 4 and one[3] in FILES)
    there = {folder: _is_there(folder) for folder in (bundles.joinpath(*one) for one in folders)}
    whole = {subject_of(folder): folder for folder, is_there in there.items() if is_there}
    return Changed(whole, tuple(folder for folder, is_there in there.items() if not is_there))


def subject_of(folder: Path) -> Subject:
    """Return the subject of a complete bundle in its own folder; raise a problem (exit 3) otherwise."""
    for path in (folder.parent, folder, *(folder / name for name in FILES)):
        if path.is_symlink():
            raise _link(path)
    for name in FILES:
        if not (folder / name).is_file():
            raise refused(_shown(folder), f"holds no {name}", PLAIN)
    manifest = _manifest(folder / MANIFEST)
    subject = manifest.subject
    if not is_folder_of(folder, subject):
        raise refused(_shown(folder), f"its manifest is of {_shown(subject)}", PLAIN)
    if not str(subject).isprintable():
        raise refused(_shown(folder), "its name cannot be printed", "rename its key")
    _require_inside(folder, manifest)
    return subject


def _manifest(path: Path) -> Manifest:
    try:
        return read(path, _shown(path))
    except RecursionError as error:
        raise usage(_shown(path), "is not a manifest", "export again") from error


def _require_inside(folder: Path, manifest: Manifest) -> None:
    """Refuse files and pages that no export would name: a foreign bundle must not point elsewhere."""
    for file in manifest.media:
        if wrong := _wrong(file):
            raise refused(_shown(folder), f"its file {file.path!r} {wrong}", "export again")
    for page in manifest.pages:
        if not isinstance(page.path, str) or is_address(page.path):
            raise refused(_shown(folder), f"its page {page.path!r} is an address, not a path", "export again")


def _wrong(file: MediaFile) -> str:
    if not all(isinstance(text, str) for text in (file.key, file.path, file.sha256)) or file.path != file.key:
        return "is not where its key says"
    if wrong := wrong_key(file.key):
        return wrong
    well = _may_have(type_of(file.key), file.type) and file.cache_control == cache_control_of(file.key)
    return "" if well else "has headers that its name does not give it"


def _may_have(by_name: str, kind: object) -> bool:
    """Return whether a file may have a type other than its name's: only one that no browser runs."""
    if kind == by_name:
        return True
    return isinstance(kind, str) and is_harmless(kind) and (by_name == UNKNOWN or plain_type(kind) != SVG)


def _is_there(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in FILES)


def _link(path: Path) -> Problem:
    return refused(_shown(path), "is a link", PLAIN)


def _shown(named: object) -> str:
    """Return an untrusted name so that it stays on one line."""
    text = str(named)
    return text if text.isprintable() else repr(text)
