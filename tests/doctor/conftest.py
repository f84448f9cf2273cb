"""A project whose sandbox all of the doctor's tests share, and what each of them may spoil in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctor.patients import git
from tests.end_to_end.fixtures import Days, make_released
from tests.end_to_end.projects import Project, made


@pytest.fixture(scope="module")
def project(begun: tuple[Project, Days]) -> Project:
    """A project with a sandbox after its first release; whoever spoils something puts it right."""
    return make_released(*begun)


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
