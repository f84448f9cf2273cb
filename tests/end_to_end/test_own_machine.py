"""Releases to a machine of one's own by SSH, with the sandbox's own servers behind it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maulstick.sandbox import databases
from tests.end_to_end.direct import values
from tests.end_to_end.projects import SERIES, Project, result, untouched
from tests.hosts.ssh_machines import SshMachine, a_client, running

INVENTORY = """
default = "vps"

[source]
database = "{database}"
media_root = "{media}"
checkout = "{checkout}"

[targets.vps]
host = "ssh"
site = "{site}"
addressing = "path"
machine = "{machine}"
ssh_config = "{config}"
environment_from = "docker exec web printenv"
directory = "{there}"
deploy = ["git fetch -q {checkout} && git reset --hard FETCH_HEAD"]
commit_from = "git rev-parse HEAD"
"""
PLUGIN = """
from maulstick import Check, hookimpl


@hookimpl
def maulstick_verify(release):
    said = release.machine.run("echo from $(basename $PWD/there)", hide=True).stdout
    yield Check("the machine", said == "from there\\n", said)
"""
OLD = ("init -q", "-c user.name=a -c user.email=a@b.example commit -q --allow-empty -m old")


@pytest.fixture
def vps(tmp_path: Path) -> Iterator[SshMachine]:
    """A machine of one's own."""
    client = a_client(tmp_path / "ssh")
    with running(tmp_path / "vps", client) as machine:
        client.know(machine)
        yield machine


@pytest.fixture
def owned(fresh: Project, other: Project, vps: SshMachine) -> Project:
    """A project whose target is that machine: its code is older than the checkout's."""
    there = vps.folder / "gallery"
    there.mkdir()
    for words in OLD:
        subprocess.run(["git", "-C", there, *words.split()], check=True)
    lines = values(other, databases.PRODUCTION.name).items()
    (vps.folder / "env").write_text("".join(f"{name}={value}\n" for name, value in lines))
    vps.program("docker", f'[ "$*" = "exec web printenv" ] && cat {vps.folder}/env')
    text = INVENTORY.format(
        database=other.address(databases.SOURCE),
        media=other.media,
        checkout=(other.sandbox / "checkout").resolve(),
        site=other.site,
        machine=vps.address,
        config=vps.folder.parent / "ssh" / "config",
        there=there,
    )
    (other.folder / "inventory.toml").write_text(text)
    return other


def test_a_release_to_a_machine_of_ones_own_and_back(
    owned: Project, vps: SshMachine, undisturbed: dict[str, Any]
) -> None:
    (owned.folder / "plugins" / "machine.py").write_text(PLUGIN)
    ran = owned.release()
    assert ran.code == 0, ran.err
    assert ran.out.startswith("release 1: vps is in step with local")
    assert ran.steps["check"][1].startswith("source, media, ssh")
    assert ran.steps["deploy"][0] == "done"
    assert f"{vps.address}$ git fetch" in ran.err
    assert result(owned) | {"ledger": 0} == undisturbed | {"ledger": 0}
    again = owned.release()
    assert again.out.startswith("nothing to release: vps is in step with local"), again.err
    assert again.steps["deploy"][0] == "unchanged"
    for secret in ("AWS_SECRET_ACCESS_KEY", "DATABASE_URL"):
        value = values(owned, databases.PRODUCTION.name)[secret]
        assert value not in ran.out + ran.err + again.err
    back = owned.invoke("rollback", "--last")
    assert back.code == 0, back.err
    assert owned.rows("select 1 from series where slug = 'embodiment'") == []


def test_the_doctor_asks_a_machine_of_ones_own(owned: Project, vps: SshMachine) -> None:
    ran = owned.invoke("doctor")
    for line in ("ok", f"{vps.address} lets us in, OpenSSH", "known_hosts has ssh-ed25519", "runs "):
        assert line in ran.out, ran.out + ran.err
    (vps.folder / "authorized_keys").write_text("")
    ran = owned.invoke("doctor")
    assert "does not let" in ran.out
    assert "waits for: machine" in ran.out


def test_a_deploy_that_fails_stops_the_release_before_any_row(owned: Project, vps: SshMachine) -> None:
    file = owned.folder / "inventory.toml"
    file.write_text(file.read_text().replace("deploy = [", 'deploy = ["echo no room on the disk; exit 9", '))
    before = untouched(owned)
    ran = owned.release()
    assert ran.code == 4
    assert "failed with exit code 9\n" in ran.err
    assert "| no room on the disk" in ran.err
    assert untouched(owned) == before


def test_an_unknown_machine_stops_the_release_before_anything(owned: Project, vps: SshMachine) -> None:
    (vps.folder.parent / "ssh" / "known_hosts").write_text("")
    ran = owned.invoke("release", *SERIES)
    assert ran.code == 4
    assert f"{vps.address}: is not known: " in ran.err
    assert "hint: connect once with `ssh " in ran.err
