"""A plugin's kind of host in what is typed: it is listed, and a plugin that is broken is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """
default = "production"
[source]
database = "postgresql:///gallery"
media_root = "static"
[targets.production]
host = "heron"
pond = "gallery"
site = "https://gallery.example"
[targets.vps]
host = "ssh"
machine = "deploy@gallery.example"
environment_from = "docker exec ${WEB} printenv"
deploy = ["TOKEN=${TOKEN} ./deploy"]
site = "https://gallery.example"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the example's plugin."""
    shutil.copytree(ROOT / "examples" / "hosts" / "plugins", tmp_path / "plugins")
    shutil.copy(ROOT / "tasks.py", tmp_path / "tasks.py")
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    return tmp_path


def typed(project: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return how a command ended."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_targets_on_every_kind_of_host_are_listed(project: Path) -> None:
    ran = typed(project, "targets")
    assert ran.returncode == 0, ran.stderr
    assert [line.split() for line in ran.stdout.splitlines()] == [
        ["production", "heron", "gallery", "https://gallery.example", "default"],
        ["vps", "ssh", "deploy@gallery.example", "https://gallery.example"],
    ]


def test_a_plugin_that_cannot_be_loaded_is_named_where_its_host_is_missing(project: Path) -> None:
    (project / "plugins" / "heron.py").write_text("import herons\n")
    ran = typed(project, "targets")
    assert ran.returncode == 6
    assert (
        "plugins/heron.py: could not be loaded: ModuleNotFoundError: No module named 'herons'" in ran.stderr
    )


def test_tasks_are_listed_without_what_only_hosts_need(project: Path) -> None:
    script = (
        "import sys; sys.argv = ['invoke', '--list']\n"
        "from pathlib import Path\n"
        "from maulstick.tasks import tasks_of\n"
        "tasks_of(Path('.'))\n"
        "print({'pydantic', 'fabric', 'paramiko', 'psycopg', 'boto3'} & {*sys.modules})\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True)
    assert ran.stdout == "set()\n", ran.stderr
