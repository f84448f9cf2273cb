"""A release that reaches its machine by real SSH, and a plugin that puts a file there."""

from __future__ import annotations

import pytest

from maulstick.sandbox import apps
from tests.end_to_end.projects import SERIES, Project, untouched

PLUGIN = """
from maulstick import Check, hookimpl


@hookimpl
def maulstick_verify(release):
    release.machine.put({local!r}, remote={there!r})
    said = release.machine.run("cat {there}", hide=True).stdout
    yield Check("the note on the machine", said == "from here", said)
"""


@pytest.fixture
def with_a_note(fresh: Project, other: Project) -> Project:
    """A fresh project with a plugin that puts a note on the machine."""
    (other.folder / "note").write_text("from here")
    text = PLUGIN.format(local=str(other.folder / "note"), there=str(other.folder / "there"))
    (other.folder / "plugins" / "note.py").write_text(text)
    return other


def by_certificate(project: Project) -> Project:
    with (project.folder / "inventory.toml").open("a") as file:
        file.write('ssh = "certificate"\n')
    return project


def test_a_plugin_puts_a_file_and_runs_a_command_in_one_login(with_a_note: Project) -> None:
    before = len(with_a_note.fly_calls())
    ran = by_certificate(with_a_note).release()
    assert ran.code == 0, ran.err
    assert (with_a_note.folder / "there").read_text() == "from here"
    calls = with_a_note.fly_calls()[before:]
    assert [call[:2] for call in calls] == [
        ["status", "--json"],
        ["ssh", "issue"],
        ["proxy", "0:22"],
        ["proxy", "0:5432"],
    ]


def test_a_file_without_the_certificate_names_the_way_to_it(with_a_note: Project) -> None:
    ran = with_a_note.release()
    assert "`fly ssh console` runs commands only: no files, no shell" in ran.err + ran.out
    assert 'hint: ssh = "certificate" in inventory.toml brings put, get and sftp' in ran.err + ran.out
    assert ran.code != 0


def test_a_certificate_that_is_refused_stops_the_release_before_it_changes_anything(
    fresh: Project, other: Project
) -> None:
    before = untouched(fresh)
    apps.fault(fresh.sandbox, "ssh-issue-refused")
    ran = by_certificate(other).invoke("release", *SERIES)
    assert "fly ssh issue: this login may not issue SSH certificates" in ran.err
    assert 'ssh = "console" in the inventory does without' in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(fresh) == before
