"""The local site, asked the same as the live one, before anything is released."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.sandbox import apps, databases
from maulstick.sandbox.process import answers, free_port, wait_until
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import SERIES, Project

INVENTORY = """
default = "elsewhere"

[source]
database = "{source}"
media_root = "{media}"
site = "{site}"

[targets.elsewhere]
host = "direct"
site = "http://127.0.0.1:9"
"""


@pytest.fixture
def lies(tmp_path: Path) -> Path:
    return tmp_path / "lies.json"


@pytest.fixture
def local_site(fresh: Project, lies: Path, tmp_path: Path) -> Iterator[str]:
    """The site as it runs on its developer's own machine: local rows, local files."""
    port = free_port()
    env = {
        **os.environ,
        **apps.load(fresh.sandbox).apps[apps.SITE_APP].env,
        "DATABASE_URL": fresh.address(databases.SOURCE),
        "S3_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "maulstick.sandbox.site", "--port", str(port)]
    folders = ["--code", str(fresh.sandbox / "checkout"), "--uploads", str(fresh.media), "--lies", str(lies)]
    with (tmp_path / "site.log").open("w") as log:
        process = subprocess.Popen([*command, *folders], env=env, stdout=log, stderr=log)
    wait_until(lambda: answers(port), seconds=120)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def at_home(fresh: Project, other: Project, local_site: str) -> Project:
    """A project whose inventory names the local site."""
    text = INVENTORY.format(source=fresh.address(databases.SOURCE), media=fresh.media, site=local_site)
    (other.folder / "inventory.toml").write_text(text)
    return other


def test_the_local_site_is_proven_without_a_target(at_home: Project) -> None:
    exported = at_home.invoke("export", *SERIES)
    assert "warning" not in exported.err, exported.err
    ran = at_home.invoke("verify", *SERIES, "--source")
    assert ran.code == 0, ran.err
    assert ran.steps["verify"][1].startswith("5 pages, 4 images")


def test_what_the_local_site_shows_otherwise_is_a_warning_of_export(at_home: Project, lies: Path) -> None:
    tell(lies, {"path": "/series/embodiment", "lie": "other text", "old": "IN MOTION IV", "new": "Untitled"})
    ran = at_home.invoke("export", *SERIES)
    assert ran.code == 0
    warning = "text 'IN MOTION IV' on /series/embodiment on the local site: not on the page"
    assert f"warning: {warning}" in ran.err
    assert at_home.invoke("verify", *SERIES, "--source").code == 5


def test_without_a_local_site_in_the_inventory_that_is_said(fresh: Project) -> None:
    fresh.invoke("export", *SERIES)
    ran = fresh.invoke("verify", *SERIES, "--source")
    assert ran.code == 2
    assert "source/site: is not set" in ran.err
