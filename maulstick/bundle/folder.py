"""A bundle on disk: release.sql and manifest.json, written together and read as one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from maulstick.bundle import manifest as manifests
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.names import MANIFEST as MANIFEST
from maulstick.bundle.names import folder_of as folder_of
from maulstick.bundle.script import render
from maulstick.bundle.script_file import read
from maulstick.bundle.slice.spool import Blocks
from maulstick.errors import Problem, nearest, refused, usage
from maulstick.files import make_folders, write_whole, writing
from maulstick.project.declarations import MediaFile

SQL = "release.sql"


def write(folder: Path, manifest: Manifest, spool: Blocks) -> int:
    """Write both files atomically, and return the number of bytes written."""
    with writing(folder):
        make_folders(folder)
        size = write_whole(folder / SQL, render(manifest, spool.blocks))
        return size + write_whole(folder / MANIFEST, manifest.blocks())


def load(folder: Path, *, source: str) -> Bundle:
    """Read a bundle and prove that it is complete and was made from `source`; raise a problem otherwise."""
    manifest = read_manifest(folder)
    if manifest.source != source:
        says = f'was made from the source "{manifest.source}"; this target takes only "{source}"'
        raise usage(str(folder), says, "export again from the target's own source")
    return Bundle(folder, manifest, read(folder / SQL, manifest))


def read_manifest(folder: Path) -> Manifest:
    """Read a bundle's manifest and prove that nobody edited it; raise a problem otherwise."""
    path = folder / MANIFEST
    if not path.is_file():
        raise refused(str(folder), "holds no bundle", _elsewhere(folder))
    try:
        return manifests.read(path, str(path))
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise Problem(str(path), what, "see who may read it") from error


def files_of_bundles(bundles: Path) -> Mapping[Path, tuple[MediaFile, ...]]:
    """List the files of all bundles, by the bundle's folder."""
    folders = sorted(path.parent for path in bundles.glob(f"*/*/{MANIFEST}"))
    return {folder: read_manifest(folder).media for folder in folders}


def _elsewhere(folder: Path) -> str:
    """Return a hint with the bundle that was probably meant, and the command that makes this one."""
    kind, key = folder.parts[-2:]
    near = nearest(key, (other.parent.name for other in folder.parent.glob(f"*/{MANIFEST}")))
    meant = f'did you mean "{near}"? else: ' if near else ""
    return f"{meant}invoke export --{kind} {quote(key)}"
