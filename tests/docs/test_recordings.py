"""What the documents show on a terminal is what is printed there, command by command."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.sandbox import lifecycle
from tests.docs.documents import page, table
from tests.docs.recordings import made, replayed, settled


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose sandbox all recordings share."""
    project = made(tmp_path_factory.mktemp("recordings"))
    try:
        lifecycle.up(project / ".sandbox", say=lambda _: None)
        yield project
    finally:
        lifecycle.remove(project / ".sandbox")


@pytest.fixture
def first_day(shared: Path) -> Path:
    """The project as a reader begins: no bundle, the sandbox as on its first day."""
    shutil.rmtree(shared / "plugins")
    shutil.rmtree(shared / ".sandbox" / "releases", ignore_errors=True)
    lifecycle.reset(shared / ".sandbox", say=lambda _: None)
    return made(shared)


def compare(name: str, project: Path) -> None:
    """Hold each command of a page against what it prints."""
    for one, printed in replayed(page(name), project):
        assert f"$ {one.command}\n{settled(printed)}" == f"$ {one.command}\n{settled(one.printed)}"


def test_the_readme_shows_what_two_releases_print(first_day: Path) -> None:
    compare("README.md", first_day)
    sql = (first_day / ".sandbox/releases/series/embodiment/release.sql").read_text(encoding="utf-8")
    said = [row[0].strip("`") for row in table(page("architecture.md"), "release.sql")]
    assert re.findall(r"^-- maulstick: (.+)$", sql, re.MULTILINE) == said


def test_rows_made_by_hand_are_adopted_as_the_guide_shows(first_day: Path) -> None:
    compare("rows-made-by-hand.md", first_day)


def test_the_plugin_that_the_docs_write_releases_a_row(first_day: Path) -> None:
    compare("writing-plugins.md", first_day)


def test_the_tutorial_prints_what_it_shows(first_day: Path) -> None:
    compare("tutorial.md", first_day)


def test_the_doctor_says_of_a_sandbox_what_it_shows(first_day: Path) -> None:
    compare("doctor.md", first_day)


def test_the_way_from_an_empty_folder_prints_what_it_shows(tmp_path: Path) -> None:
    try:
        compare("starting.md", tmp_path)
    finally:
        lifecycle.remove(tmp_path / ".sandbox")
