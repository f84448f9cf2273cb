"""The workflow comes into a site's repository, and what was changed in it stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.github.studio import git
from tests.end_to_end.projects import Project, made
from tests.report.workflow import TEXT

FILE = ".github/workflows/maulstick.yml"
BY_SSH = """
default = "sandbox"
[source]
database = "postgresql://127.0.0.1:1/nowhere"
media_root = "nowhere"
[targets.sandbox]
host = "sandbox"
[targets.live]
host = "ssh"
site = "https://gallery.example"
machine = "deploy@gallery.example"
environment_from = "cat ${GALLERY}/.env"
basic_auth = "visitor:${SITE_PASSWORD}"
"""


@pytest.fixture
def site(tmp_path: Path) -> Project:
    """A site's repository."""
    git(tmp_path, "init", "--quiet")
    return made(tmp_path)


def test_the_workflow_is_written_and_what_comes_next_is_said(site: Project) -> None:
    ran = site.invoke("github.init")
    assert (ran.code, (site.folder / FILE).read_text()) == (0, TEXT)
    assert ran.out.startswith(f"{FILE}: written\nnext, each step by step in docs/github.md:\n")
    for name in ("MAULSTICK_PLAN_DATABASE", "FLY_PLAN_TOKEN", "FLY_API_TOKEN", "requirements.txt"):
        assert name in ran.out
    assert site.invoke("github.init").out.startswith(f"{FILE}: unchanged\n")


def test_a_workflow_that_was_changed_stays_unless_it_is_forced(site: Project) -> None:
    (site.folder / FILE).parent.mkdir(parents=True)
    (site.folder / FILE).write_text("name: mine\n")
    ran = site.invoke("github.init")
    assert (ran.code, ran.out, (site.folder / FILE).read_text()) == (2, "", "name: mine\n")
    assert ran.err.startswith(f"{FILE}: exists and was changed")
    assert site.invoke("github.init", "--force").code == 0
    assert (site.folder / FILE).read_text() == TEXT


def test_it_fits_the_target_and_the_playbook(site: Project) -> None:
    (site.folder / "inventory.toml").write_text(BY_SSH)
    site = replace(site, environment={**site.environment, "SITE_PASSWORD": "known"})
    ran = site.invoke("github.init", "--playbook", "media")
    text = (site.folder / FILE).read_text()
    assert (ran.code, "TARGET: live\n" in text, "--playbook media " in text, "flyctl" in text) == (
        0,
        True,
        True,
        False,
    )
    assert "SSH_KNOWN_HOSTS" in ran.out
    assert "SITE_PASSWORD: inventory.toml reads it\n" in ran.out
    assert (text.count("SITE_PASSWORD: ${{"), "GALLERY" in text) == (3, False)
    for words, says in (
        (("--playbook", "release"), "deploys code, which the workflow does not check out"),
        (("--target", "sandbox"), "is on this machine alone"),
        (("--target", "live,sandbox"), "takes one target"),
    ):
        ran = site.invoke("github.init", *words)
        assert (ran.code, says in ran.err, (site.folder / FILE).read_text()) == (2, True, text)


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    ran = made(tmp_path).invoke("github.init")
    assert (ran.code, ran.out) == (2, "")
    assert "is not the root of a git repository" in ran.err
