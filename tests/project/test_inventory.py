"""inventory.toml: what it gives, and every mistake in it with its path, its words and its hint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import Inventory, load
from maulstick.redact import Secret

SOURCE = '[source]\ndatabase = "postgresql://me:pa55@localhost/olivia_dev"\nmedia_root = "static"\n'
FLY = '[targets.production]\nhost = "fly"\napp = "gallery"\nsite = "https://gallery.example"\n'
DIRECT = '[targets.staging]\nhost = "direct"\nsite = "https://staging.example"\n'
SANDBOX = '[targets.sandbox]\nhost = "sandbox"\n'
WHOLE = 'default = "production"\n' + SOURCE + FLY + DIRECT + SANDBOX


def fly(line: str) -> str:
    """Return a whole inventory whose Fly target has one line more."""
    return 'default = "production"\n' + SOURCE + FLY + line


def source(line: str) -> str:
    """Return a whole inventory whose source has one line more."""
    return 'default = "production"\n' + SOURCE + line + "\n" + FLY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the place of an inventory."""
    return tmp_path / "inventory.toml"


def read(file: Path, text: str) -> Inventory:
    """Read an inventory of that text."""
    file.write_text(text, encoding="utf-8")
    return load(file, own_kinds())


def problem(file: Path) -> Problem:
    """Return what is wrong with an inventory."""
    with pytest.raises(Problem) as caught:
        load(file, own_kinds())
    return caught.value


def test_a_file_that_is_not_there_is_named_with_its_place(file: Path) -> None:
    found = problem(file)
    assert str(found) == (
        f"inventory.toml: does not exist\n  hint: it is looked for at {file}; --inventory FILE names another"
    )
    assert found.code == Exit.USAGE


def test_a_folder_in_its_place_cannot_be_read(file: Path) -> None:
    file.mkdir()
    assert str(problem(file)).startswith("inventory.toml: cannot be read: is a directory\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_of_somebody_else_cannot_be_read(file: Path) -> None:
    file.touch(mode=0o000)
    assert str(problem(file)).startswith("inventory.toml: cannot be read: permission denied\n")


def test_text_in_another_encoding_is_named_with_its_line(file: Path) -> None:
    file.write_bytes(b'default = "x"\n# caf\xe9\n')
    assert str(problem(file)).startswith("inventory.toml: is not UTF-8 text, line 2\n")


def test_a_byte_order_mark_and_windows_line_ends_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert load(file, own_kinds()).default == "production"


def test_the_source_is_read_with_absolute_paths(file: Path) -> None:
    whole = source('name = "studio"\ncheckout = "../olivia"\nsite = "http://localhost:4000/"')
    found = read(file, whole).target(None).source
    assert found is not None
    assert (found.name, found.site) == ("studio", "http://localhost:4000")
    assert found.database == Secret("postgresql://me:pa55@localhost/olivia_dev")
    assert found.media == file.parent / "static"
    assert (found.checkout, found.bundles) == (file.parent.parent / "olivia", file.parent / "releases")


def test_what_is_left_out_has_a_plain_value(file: Path) -> None:
    inventory = read(file, WHOLE)
    production, sandbox = inventory.target(None), inventory.target("sandbox")
    keys = production.keys
    assert (keys.database_app, keys.fly, keys.ssh) == ("", "", "console")
    assert (production.storage_quota, production.acl, production.confirm) == (None, None, False)
    assert production.addressing == "virtual"
    assert (production.database_user, production.plan_database) == (None, None)
    assert production.source is not None
    assert (production.source.name, production.source.checkout, production.source.site) == (
        "local",
        None,
        None,
    )
    assert (sandbox.source, sandbox.address, sandbox.site) == (None, "", "")


def test_a_target_is_read_whole(file: Path) -> None:
    more = [
        'database_app = "gallery-db"',
        "confirm = true",
        'ssh = "exec"',
        'addressing = "path"',
        'acl = "private"',
    ]
    target = read(file, fly("\n".join(more))).target("production")
    assert (target.host, target.address, target.keys.database_app) == ("fly", "gallery", "gallery-db")
    assert (target.confirm, target.keys.ssh) == (True, "exec")
    assert (target.addressing, target.acl) == ("path", "private")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5 GB", 5_000_000_000),
        ("5gb", 5_000_000_000),
        ("500 MiB", 524_288_000),
        ("1.5 KB", 1500),
        ("12 B", 12),
        ("2 TB", 2_000_000_000_000),
    ],
)
def test_a_quota_is_read_in_bytes(file: Path, text: str, size: int) -> None:
    assert read(file, fly(f'storage_quota = "{text}"')).target(None).storage_quota == size


@pytest.mark.parametrize("name", ["production", "staging", "sandbox"])
def test_roles_are_read_for_every_host_and_their_password_is_never_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("READER", "postgresql://reader:s3cret@db.example/gallery")
    lines = f'[targets.{name}]\ndatabase_user = "releaser"\nplan_database = "${{READER}}"\n'
    target = read(file, WHOLE.replace(f"[targets.{name}]\n", lines)).target(name)
    assert target.database_user == "releaser"
    assert target.plan_database == Secret("postgresql://reader:s3cret@db.example/gallery")
    assert "s3cret" not in repr(target)


def test_names_of_the_environment_are_replaced(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "studio")
    monkeypatch.setenv("OLIVIA_DATABASE", "postgresql://u:${WORD}@h/d")
    text = WHOLE.replace("postgresql://me:pa55@localhost/olivia_dev", "${OLIVIA_DATABASE}")
    found = read(file, text.replace("staging.example", "${WORD}.example"))
    assert found.target("staging").site == "https://studio.example"
    assert found.targets["production"].source is not None
    assert found.targets["production"].source.database == Secret("postgresql://u:${WORD}@h/d")


def test_the_source_may_hold_a_password_and_never_shows_it(file: Path) -> None:
    assert "pa55" not in repr(read(file, WHOLE))


@pytest.mark.parametrize(("line", "program"), [("", ""), ("flyctl", "flyctl"), ("bin/fly", "FOLDER/bin/fly")])
def test_a_program_with_a_slash_is_relative_to_the_inventory(file: Path, line: str, program: str) -> None:
    text = fly(f'fly = "{line}"') if line else fly("")
    assert read(file, text).target(None).keys.fly == program.replace("FOLDER", str(file.parent))


def test_an_environment_file_is_relative_to_the_inventory(file: Path) -> None:
    found = read(file, WHOLE.replace(DIRECT, DIRECT + 'environment = ".env.staging"\n'))
    assert found.target("staging").keys.environment == file.parent / ".env.staging"


def test_an_unknown_target_is_answered_with_the_nearest(file: Path) -> None:
    inventory = read(file, WHOLE)
    with pytest.raises(Problem) as caught:
        inventory.target("prodution")
    assert str(caught.value) == (
        'inventory.toml/targets: no target is called "prodution"\n  hint: did you mean "production"?'
    )
    assert caught.value.code == Exit.USAGE


GROUPS = '[groups]\nall = ["staging", "production"]\nlive = ["production"]\n'


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([], ["production"]),
        (["staging"], ["staging"]),
        (["staging,production"], ["staging", "production"]),
        (["production, staging"], ["production", "staging"]),
        (["staging", "sandbox"], ["staging", "sandbox"]),
        (["all"], ["staging", "production"]),
        (["live,all", "production"], ["production", "staging"]),
    ],
)
def test_targets_are_chosen_each_once_and_in_order(file: Path, texts: list[str], names: list[str]) -> None:
    chosen = read(file, WHOLE + GROUPS).chosen(texts)
    assert [target.name for target in chosen] == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("staging,", "--target: names nothing before or after a comma\n  hint: --target staging,production"),
        ("al", 'inventory.toml/targets: no target is called "al"\n  hint: did you mean "all"?'),
    ],
)
def test_targets_that_are_chosen_wrong_are_named(file: Path, text: str, says: str) -> None:
    with pytest.raises(Problem) as caught:
        read(file, WHOLE + GROUPS).chosen([text])
    assert (str(caught.value), caught.value.code) == (says, Exit.USAGE)


@pytest.mark.parametrize(
    ("texts", "limits", "names"),
    [
        ([], ["staging"], ["staging"]),
        ([], ["s*"], ["staging", "sandbox"]),
        ([], ["!sandbox"], ["production", "staging"]),
        (["all"], ["live"], ["production"]),
        (["all"], ["*,!l?ve"], ["staging"]),
        (["all"], ["sandbox", "prod*"], ["production"]),
        (["staging,production"], ["!staging", "!sandbox"], ["production"]),
    ],
)
def test_a_limit_leaves_those_that_it_matches(
    file: Path, texts: list[str], limits: list[str], names: list[str]
) -> None:
    chosen = read(file, WHOLE + GROUPS).chosen(texts, limits)
    assert [target.name for target in chosen] == names


@pytest.mark.parametrize(
    ("texts", "limit", "says"),
    [
        ([], "prodution", '--limit prodution: matches no target\n  hint: did you mean "production"?'),
        (
            [],
            "!x*",
            "--limit !x*: matches no target\n  hint: known here: all, live, production, sandbox, staging",
        ),
        (["all"], "sandbox", "--limit sandbox: leaves no target of staging, production"),
        ([], "live,!all", "--limit live,!all: leaves no target of production, staging, sandbox"),
        (
            [],
            "live,",
            "--limit: names nothing before or after a comma\n  hint: --limit 'prod*,!prod-us'",
        ),
    ],
)
def test_a_limit_that_leaves_nothing_is_refused(file: Path, texts: list[str], limit: str, says: str) -> None:
    with pytest.raises(Problem) as caught:
        read(file, WHOLE + GROUPS).chosen(texts, [limit])
    assert (str(caught.value), caught.value.code) == (says, Exit.USAGE)
