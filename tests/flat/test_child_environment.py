"""A program that runs for us gets of our environment what it needs, and nobody's secrets."""

import json
import os
import sys

import pytest

from maulstick import git
from maulstick.hosts.fly.cli import Fly
from maulstick.processes import environment
from tests.checkout import ROOT

SECRETS = {
    "DATABASE_URL": "postgres://me:marked-1@db/x",
    "AWS_SECRET_ACCESS_KEY": "marked-2",
    "GITHUB_TOKEN": "marked-3",
    "MAULSTICK_PLAN_DATABASE": "host=db password=marked-4",
    "STUDIO_LOGIN": "me:marked-5",
    "PGPASSWORD": "marked-6",
}
SHOWS = f"#!{sys.executable}\nimport json, os\nprint(json.dumps(dict(os.environ)))\n"


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """A folder first on PATH whose programs show their environment, in a shell full of secrets."""
    for name in ("fly", "git"):
        program = tmp_path / name
        program.write_text(SHOWS)
        program.chmod(0o755)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FLY_API_TOKEN", "marked-7")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def test_git_gets_no_secret(shown):
    seen = git._git(ROOT, "status")
    assert "marked-" not in seen
    assert json.loads(seen)["HOME"] == os.environ["HOME"]


def test_fly_gets_its_own_token_and_no_other_secret(shown):
    seen = Fly(str(shown / "fly"), "app").run("status").stdout
    assert seen.count("marked-") == 1
    assert json.loads(seen)["FLY_API_TOKEN"] == "marked-7"


def test_a_program_gets_what_any_program_needs(monkeypatch):
    needed = {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "x", "LC_ALL": "C", "XDG_CONFIG_HOME": "/c"}
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    assert environment("GIT_.*", MORE="1").items() >= {**needed, "MORE": "1"}.items()
