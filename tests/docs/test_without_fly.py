"""docs/without-fly.md: each target is an inventory's, and the file beside it holds all that it needs."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from dotenv import dotenv_values

from maulstick.hosts.direct_host import DirectHost, environment_file, open_direct
from maulstick.hosts.environment import NAMES, bucket_address, database_url
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load
from tests.docs.documents import Block, blocks, page, table

PAGE = page("without-fly.md")
BEFORE = """
default = "production"
[source]
database = "postgresql://localhost/olivia_dev"
media_root = "static"
"""
SECTIONS = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
TOML = blocks(PAGE, "toml")
DIRECT = [block for block in TOML if 'host = "direct"' in block.text]
BY_SSH = [block for block in TOML if 'host = "ssh"' in block.text]
PLACES = list(zip(SECTIONS, DIRECT, blocks(PAGE, "dotenv"), strict=False))


@pytest.fixture(params=PLACES, ids=[place for place, _, _ in PLACES])
def reached(request: pytest.FixtureRequest, tmp_path: Path) -> DirectHost:
    """The way to the target of one section, its file saved beside the inventory."""
    _, inventory, values = request.param
    (tmp_path / "inventory.toml").write_text(BEFORE + inventory.text, encoding="utf-8")
    (tmp_path / ".env.production").write_text(values.text, encoding="utf-8")
    target = load(tmp_path / "inventory.toml", own_kinds()).target("production")
    return open_direct(target, ExitStack(), print)


def test_each_place_has_all_that_a_release_needs(reached: DirectHost) -> None:
    address = bucket_address(reached.target, reached.environment)
    assert database_url(reached.environment, reached.target).reveal().startswith("postgresql://")
    assert address.public_url.startswith("https://")
    assert (address.addressing == "path") == ("minio" in address.endpoint)
    assert (address.region == "auto") == ("amazonaws" not in address.endpoint)


def test_each_file_holds_known_names_only(reached: DirectHost) -> None:
    file = environment_file(reached.target)
    assert file is not None
    assert set(dotenv_values(file)) <= set(NAMES)


def test_every_name_has_its_line() -> None:
    lines = [row[0] for row in table(PAGE, "Without Fly")]
    assert set(re.findall(r"\w+", " ".join(lines).replace(" or ", " "))) == set(NAMES)


@pytest.mark.parametrize("block", BY_SSH, ids=["VPS", "Kamal", "Dokku"])
def test_each_machine_of_ones_own_is_a_target(block: Block, tmp_path: Path) -> None:
    (tmp_path / "inventory.toml").write_text(BEFORE + block.text, encoding="utf-8")
    target = load(tmp_path / "inventory.toml", own_kinds()).target("production")
    assert (target.host, target.confirm) == ("ssh", True)
    assert target.address.endswith("@gallery.example")


def test_every_place_is_shown() -> None:
    assert len(DIRECT) == len(PLACES) == 3
    assert len(TOML) == len(DIRECT) + len(BY_SSH)
    assert [*(place for place, _, _ in PLACES), "A machine of your own"] == SECTIONS
