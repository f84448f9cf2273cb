"""Kinds of host by the hook `maulstick_hosts`: a plugin's own, and what is said of one that is wrong."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts import kinds
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import open_host
from maulstick.project.inventory import Inventory, load
from maulstick.project.plugins.registry import load as load_plugins

ROOT = Path(__file__).resolve().parents[2]
HERON = '#!/bin/sh\n[ "$*" = "config gallery" ] || {{ echo "no pond $2" >&2; exit 1; }}\ncat {file}\n'
PRINTED = """\
DATABASE_URL=postgresql://heron:pa55@db.heron.example/gallery
AWS_ACCESS_KEY_ID=key
AWS_SECRET_ACCESS_KEY=s3cret
AWS_ENDPOINT_URL_S3=https://s3.heron.example
BUCKET_NAME=gallery
S3_PUBLIC_URL=https://media.gallery.example
PORT=4000
"""
INVENTORY = """
default = "production"
[source]
database = "postgresql:///gallery"
media_root = "static"
[targets.production]
host = "heron"
pond = "gallery"
site = "https://gallery.example"
"""
KEYS = """
from dataclasses import dataclass
from maulstick import HostKind, hookimpl, key

{keys}

@hookimpl
def maulstick_hosts():
    yield HostKind("{name}", "made up", print, {kind})
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the example's plugin, and the program that Heron gives its users."""
    shutil.copytree(ROOT / "examples" / "hosts" / "plugins", tmp_path / "plugins")
    (tmp_path / "bin").mkdir()
    (tmp_path / "printed").write_text(PRINTED)
    program = tmp_path / "bin" / "heron"
    program.write_text(HERON.format(file=tmp_path / "printed"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path


def read(project: Path, text: str = INVENTORY) -> Inventory:
    """Read an inventory with all kinds of host that the project has."""
    (project / "inventory.toml").write_text(text)
    return load(project / "inventory.toml", load_plugins(project / "plugins", kinds).hosts())


def refused(project: Path, text: str = INVENTORY) -> Problem:
    with pytest.raises(Problem) as caught:
        read(project, text)
    return caught.value


def test_the_example_is_under_forty_lines() -> None:
    lines = (ROOT / "examples" / "hosts" / "plugins" / "heron.py").read_text().splitlines()
    assert len(lines) < 40


def test_a_plugin_adds_a_kind_of_host(project: Path) -> None:
    target = read(project).target(None)
    assert (target.host, target.address, target.keys.pond) == ("heron", "gallery", "gallery")
    with ExitStack() as stack:
        host = open_host(target, stack, print)
        assert host.database.reveal() == "postgresql://heron:pa55@db.heron.example/gallery"
        assert bucket_address(target, host.environment).name == "gallery"
        assert "PORT" not in host.environment
        assert (host.code, host.look()) == (None, "")
        with pytest.raises(Problem, match='host = "heron" has no machine to run commands on'):
            host.machine  # noqa: B018 - asking is the test


def test_its_own_problem_is_said_as_it_is(project: Path) -> None:
    target = read(project, INVENTORY.replace('"gallery"', '"puddle"')).target(None)
    with ExitStack() as stack, pytest.raises(Problem) as caught:
        open_host(target, stack, print).environment  # noqa: B018 - asking is the test
    assert str(caught.value) == (
        "heron config: no pond puddle\n  hint: `heron config puddle` must work by itself"
    )


def test_what_is_not_set_there_is_named_with_the_target_s_address(project: Path) -> None:
    (project / "printed").write_text("PORT=4000\n")
    target = read(project).target(None)
    with ExitStack() as stack, pytest.raises(Problem) as caught:
        open_host(target, stack, print).database  # noqa: B018 - asking is the test
    assert str(caught.value) == (
        "gallery/DATABASE_URL: is not set in the environment\n  hint: set DATABASE_URL where the site runs"
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('pond = "gallery"\n', "", 'pond: is required\n  hint: the app\'s name on Heron: pond = "gallery"'),
        ("pond =", "pnd =", 'pnd: is not known\n  hint: did you mean "pond"?'),
        ('"gallery"', "5", 'pond: should be text, not 5\n  hint: text goes in quotes: pond = "…"'),
        ('pond = "gallery"', 'app = "x"', 'app: does not go with host = "heron"\n  hint: it goes with: fly'),
        (
            '"heron"',
            '"hern"',
            'host: should be "fly", "direct", "ssh", "sandbox" or "heron", not "hern"\n'
            '  hint: did you mean "heron"?',
        ),
    ],
)
def test_mistakes_in_its_keys_are_named_with_their_place(
    project: Path, before: str, after: str, says: str
) -> None:
    problem = refused(project, INVENTORY.replace(before, after, 1))
    assert f"inventory.toml/targets/production/{says}" in str(problem)
    assert problem.code == Exit.USAGE


@pytest.mark.parametrize(
    ("keys", "kind", "says"),
    [
        ("class Keys: pass", "Keys", "HostKind.keys is not a dataclass"),
        ("@dataclass\nclass Keys:\n    pond: str = ''", "Keys", "Keys.pond is not made by key(…)"),
        ("@dataclass\nclass Keys:\n    pond: bytes = key('x')", "Keys", "Keys.pond is of a type that no key"),
        ("@dataclass\nclass Keys:\n    site: str = key('x')", "Keys", "Keys.site is a key of every target"),
        ("", "5", "HostKind.keys is 5, not a type"),
    ],
)
def test_a_plugin_whose_keys_are_wrong_is_named(project: Path, keys: str, kind: str, says: str) -> None:
    (project / "plugins" / "heron.py").write_text(KEYS.format(keys=keys, kind=kind, name="heron"))
    problem = refused(project)
    assert str(problem).startswith(f"plugins/heron.py maulstick_hosts: {says}")
    assert problem.code == Exit.PLUGIN


def test_a_host_of_a_name_that_is_taken_names_both(project: Path) -> None:
    text = (project / "plugins" / "heron.py").read_text().replace('HostKind("heron"', 'HostKind("fly"')
    (project / "plugins" / "heron.py").write_text(text)
    problem = refused(project)
    assert str(problem) == (
        "host fly: is declared by hosts/kinds.py maulstick_hosts and by plugins/heron.py maulstick_hosts\n"
        "  hint: keep one of them"
    )
