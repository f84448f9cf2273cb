"""A project whose sandbox all of the doctor's tests share, and what each of them may spoil in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.sandbox import lifecycle
from tests.doctor.patients import git
from tests.end_to_end.projects import Project, made


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a sandbox after its first release; whoever spoils something puts it right."""
    project = made(tmp_path_factory.mktemp("doctor"))
    try:
        lifecycle.up(project.folder / ".sandbox", say=lambda _: None)
        assert project.release().code == 0
        yield project
    finally:
        lifecycle.remove(project.sandbox)


@pytest.fixture
def own(project: Project, tmp_path: Path) -> Project:
    """A project with files of its own, in git, in a folder of an odd name; its sandbox is the shared one."""
    folder = tmp_path / "o'project (ä)"
    folder.mkdir()
    (folder / ".sandbox").symlink_to(project.sandbox)
    own = made(folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "tasks.py", "inventory.toml", "plugins")
    git(folder, "commit", "--quiet", "--message", "as it came")
    return own
