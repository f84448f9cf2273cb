"""Projects with a sandbox that runs; what is typed goes through `python -m invoke`, as a user types it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maulstick.sandbox import lifecycle
from tests.end_to_end import saved_days
from tests.end_to_end.projects import Project, made, result
from tests.end_to_end.saved_days import Day

Days = dict[str, Day]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Days]]:
    """The one project whose sandbox all tests share, and its first day before anyone changed it."""
    project = made(tmp_path_factory.mktemp("project"))
    try:
        lifecycle.up(project.folder / ".sandbox", say=lambda _: None)
        yield project, {"first": saved_days.save(project, "first")}
    finally:
        lifecycle.remove(project.sandbox)


@pytest.fixture(scope="session")
def project(begun: tuple[Project, Days]) -> Project:
    """The project that all tests share; whoever changes it asks for a fresh one."""
    return begun[0]


@pytest.fixture(scope="session")
def days(begun: tuple[Project, Days]) -> Days:
    """The days that are kept: the first, and once a test has asked for it the one after a release."""
    return begun[1]


def make_fresh(project: Project, days: Days) -> Project:
    """Set the sandbox back to its first day, without a bundle."""
    _make_clean(project)
    if not saved_days.bring_back(project, days["first"]):
        lifecycle.reset(project.sandbox, say=lambda _: None)
        shutil.rmtree(project.sandbox / "releases", ignore_errors=True)
        days.clear()
        days["first"] = saved_days.save(project, "first")
    return project


def _make_clean(project: Project) -> None:
    project.git("clean", "-fdq")
    project.git("checkout", "-q", ".")


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


def make_released(project: Project, days: Days) -> Project:
    """Set the sandbox to the day after its first release."""
    _make_clean(project)
    if "released" not in days or not saved_days.bring_back(project, days["released"]):
        assert make_fresh(project, days).release().code == 0
        days["released"] = saved_days.save(project, "released")
    return project


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
