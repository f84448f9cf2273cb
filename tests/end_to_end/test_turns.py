"""How often a release as it is typed waits for the database of a direct target, files, pages and all."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from maulstick.sandbox import databases
from tests.databases.wire import LOGGING_IN, Wire, counted
from tests.end_to_end.direct import without_fly
from tests.end_to_end.projects import SERIES, Project


@pytest.fixture
def far(fresh: Project, other: Project) -> Iterator[tuple[Wire, Project]]:
    """A project whose live database is reached over a wire that counts."""
    direct = without_fly(other)
    port = urlsplit(direct.address(databases.PRODUCTION)).port or 0
    file = direct.folder / ".env.live"
    with counted(port) as wire:
        file.write_text(file.read_text().replace(f":{port}/", f":{wire.port}/"))
        yield wire, direct


WAITS = {
    ("release", "--yes"): LOGGING_IN
    + 16,  # every step: four files sent and proven, four questions of a plugin
    ("plan",): LOGGING_IN + 2,
    ("verify",): LOGGING_IN + 6,
    ("rollback", "--yes", "--last"): LOGGING_IN
    + 35,  # three, and what names the subject's pages before and after: a question for each table
}
"""The most that a command may wait, on the site's own schema."""


def test_each_command_opens_one_connection_and_waits_seldom(far: tuple[Wire, Project]) -> None:
    wire, project = far
    for words, most in WAITS.items():
        wire.forget()
        ran = project.invoke(*words, *(() if "--last" in words else SERIES))
        assert ran.code == 0, ran.err
        assert (words, wire.connections, wire.turns <= most) == (words, 1, True), wire.turns


def test_rows_alone_wait_five_times_behind_the_login(far: tuple[Wire, Project]) -> None:
    wire, project = far
    assert project.invoke("release", "--yes", *SERIES).code == 0
    assert project.invoke("rollback", "--yes", "--last").code == 0
    wire.forget()
    steps = [f"--only={step}" for step in ("export", "plan", "apply")]
    ran = project.invoke("release", "--yes", "--without-media", *steps, *SERIES)
    assert ran.code == 0, ran.err
    assert (wire.connections, wire.turns) == (1, LOGGING_IN + 5)
