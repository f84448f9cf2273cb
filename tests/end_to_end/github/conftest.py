"""A studio whose production is a sandbox; each test has a repository of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.sandbox import lifecycle
from tests.end_to_end import saved_days
from tests.end_to_end.github.studio import Studio, founded
from tests.end_to_end.projects import Project, made


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, saved_days.Day]]:
    """The studio after its first release, and production of that day."""
    project: Project = made(tmp_path_factory.mktemp("sandbox"))
    try:
        lifecycle.up(project.folder / ".sandbox", say=lambda _: None)
        studio = founded(tmp_path_factory.mktemp("studio"), project)
        yield studio, saved_days.save(project, "released")
    finally:
        lifecycle.remove(project.sandbox)


@pytest.fixture
def studio(begun: tuple[Studio, saved_days.Day], tmp_path: Path) -> Studio:
    """The studio with a repository of its own, after its first release."""
    first, day = begun
    assert saved_days.bring_back(first.sandbox, day)
    return first.moved_to(tmp_path / "world")
