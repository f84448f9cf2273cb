"""Projects with a sandbox that runs; what is typed goes through `python -m invoke`, as a user types it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.fixtures import Days, make_fresh, make_released
from tests.end_to_end.projects import Project, made, result


@pytest.fixture(scope="session")
def project(begun: tuple[Project, Days]) -> Project:
    """The project that all tests share; whoever changes it asks for a fresh one."""
    return begun[0]


@pytest.fixture
def fresh(project: Project, days: Days) -> Project:
    """The project with its sandbox as on the first day, and no bundle."""
    return make_fresh(project, days)


@pytest.fixture(scope="module")
def fresh_once(project: Project, days: Days) -> Project:
    """A fresh project for tests that change nothing."""
    return make_fresh(project, days)


@pytest.fixture
def released(project: Project, days: Days) -> Project:
    """The project as after its first release."""
    return make_released(project, days)


@pytest.fixture(scope="module")
def released_once(project: Project, days: Days) -> Project:
    """The project as after its first release, for tests that change nothing."""
    return make_released(project, days)


@pytest.fixture
def other(project: Project, tmp_path: Path) -> Project:
    """A project with files of its own beside the sandbox that all share."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".sandbox").symlink_to(project.sandbox)
    return made(tmp_path / "other")


@pytest.fixture(scope="session")
def undisturbed(project: Project, days: Days) -> dict[str, Any]:
    """What a release that nobody disturbs leaves."""
    return result(make_released(project, days))
