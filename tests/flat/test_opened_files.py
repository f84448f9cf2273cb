"""What is read as a file is one when it is opened: a pipe in its place is refused, not waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maulstick.bundle import manifest, script_file
from maulstick.bundle.names import _holds
from maulstick.bundle.page_lines import PageLines
from maulstick.errors import Problem
from maulstick.hosts.environment import values_of_file
from maulstick.media import pack
from maulstick.media.inspect import look
from maulstick.media.paths import describe_at
from maulstick.opened import NotAFile, open_file, read_file
from maulstick.postgres.sections import Range
from maulstick.project import toml
from maulstick.project.declarations import MediaFile, Subject
from maulstick.report import store
from tests.checkout import ROOT

FILE = MediaFile("a.png", "a.png", "0" * 64, 0, "image/png", "")
ANY: Any = None
READERS: dict[str, Callable[[Path], Any]] = {
    "inventory, playbook": lambda path: toml.read(path, "inventory.toml", ""),
    "manifest": lambda path: manifest.read(path, "manifest.json"),
    "release.sql": lambda path: script_file.read(path, ANY),
    "rows": lambda path: list(Range(ANY, path, 0, 1).blocks()),
    "pages": lambda path: list(PageLines(path, 0, 1, "").lines()),
    "media": lambda path: describe_at("a.png", "a.png", path),
    "picture": lambda path: look(path, FILE),
    "pack": lambda path: pack.is_whole(path, FILE),
    "record": store.read,
    "bytes": read_file,
}
OURS = ("bundle", "media", "s3", "project", "postgres", "doctor", "report/store.py", "hosts/environment.py")
ALLOWED = {"bundle/slice/spool.py"}
"""A file of our own making, in a folder that nobody else can write to."""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe to which nobody writes."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_in_the_place_of_a_file_is_refused(pipe: Path, name: str) -> None:
    with pytest.raises((Problem, NotAFile)) as caught:
        READERS[name](pipe)
    assert "is not a" in str(caught.value)


def test_a_device_is_refused_and_a_folder_is_called_one() -> None:
    with pytest.raises(NotAFile):
        open_file(Path("/dev/zero"))
    with pytest.raises(IsADirectoryError):
        open_file(Path("/dev"))


def test_a_dotenv_file_that_became_a_pipe_is_refused(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda path: True)  # as it was a moment before
    with pytest.raises(Problem, match="cannot be read: is not a file"):
        values_of_file(pipe, "targets/live/environment")


def test_a_bundle_whose_manifest_is_a_pipe_is_of_no_subject(pipe: Path) -> None:
    pipe.rename(pipe.parent / "manifest.json")
    assert not _holds(pipe.parent, Subject("a", "b"))


def test_every_reader_of_files_opens_them_in_the_one_way() -> None:
    root = ROOT / "maulstick"
    files = [path for one in OURS for path in ([root / one] if "." in one else (root / one).rglob("*.py"))]
    others = {
        path.relative_to(root).as_posix()
        for path in files
        if any(word in path.read_text() for word in ('.open("rb")', ".read_bytes()"))
    }
    assert others <= ALLOWED
