"""The one project whose sandbox the tests of several packages share, and its days."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from maulstick.sandbox import lifecycle
from tests.end_to_end import saved_days
from tests.end_to_end.projects import Project, made
from tests.end_to_end.saved_days import Day

Days = dict[str, Day]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Days]]:
    """The project, and its first day before anyone changed it."""
    project = made(tmp_path_factory.mktemp("project"))
    try:
        lifecycle.up(project.folder / ".sandbox", say=lambda _: None)
        yield project, {"first": saved_days.save(project, "first")}
    finally:
        lifecycle.remove(project.sandbox)


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


def make_released(project: Project, days: Days) -> Project:
    """Set the sandbox to the day after its first release."""
    _make_clean(project)
    if "released" not in days or not saved_days.bring_back(project, days["released"]):
        assert make_fresh(project, days).release().code == 0
        days["released"] = saved_days.save(project, "released")
    return project
