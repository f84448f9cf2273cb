"""Projects with a sandbox that runs; what is typed goes through `python -m invoke`, as a user types it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import saved_days
from projects import Project, made, reset, result
from saved_days import Day

from maulstick.sandbox import lifecycle


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The one project whose sandbox all tests share; whoever changes it asks for a fresh one."""
    project = made(tmp_path_factory.mktemp("project"))
    lifecycle.up(project.folder / ".sandbox", say=lambda _: None)
    yield project
    lifecycle.remove(project.sandbox)


@pytest.fixture
def fresh(project: Project) -> Project:
    """The project with its sandbox as on the first day, and no bundle."""
    reset(project)
    return project


@pytest.fixture(scope="session")
def days() -> list[Day]:
    """The day after the first release, once a test has asked for it."""
    return []


@pytest.fixture
def released(project: Project, days: list[Day]) -> Project:
    """The project as after its first release."""
    saved_days.released(project, days)
    return project


@pytest.fixture
def other(project: Project, tmp_path: Path) -> Project:
    """A project with files of its own beside the sandbox that all share."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".sandbox").symlink_to(project.sandbox)
    return made(tmp_path / "other")


@pytest.fixture(scope="session")
def undisturbed(project: Project) -> dict[str, Any]:
    """What a release that nobody disturbs leaves."""
    reset(project)
    assert project.release().code == 0
    return result(project)


@pytest.fixture(scope="module")
def fresh_once(project: Project) -> Project:
    """A fresh project for tests that change nothing."""
    reset(project)
    return project
