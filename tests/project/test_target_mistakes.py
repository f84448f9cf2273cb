"""Mistakes in the targets of an inventory: each with its path, its words and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load

SOURCE = '[source]\ndatabase = "postgresql://me:pa55@localhost/olivia_dev"\nmedia_root = "static"\n'
FLY = '[targets.production]\nhost = "fly"\napp = "gallery"\nsite = "https://gallery.example"\n'
DIRECT = '[targets.staging]\nhost = "direct"\nsite = "https://staging.example"\n'
SANDBOX = '[targets.sandbox]\nhost = "sandbox"\n'

KNOWN_HOSTS = '"fly", "direct", "ssh" or "sandbox"'
ADDRESS = 'an address such as "https://oliviatew.co.uk"'
SIZE = 'a size such as "5 GB" or "500 MiB"'
APP = 'a Fly app\'s name (a-z, 0-9 and "-")'
PRODUCTION = "inventory.toml/targets/production"


def fly(line: str) -> str:
    """Return a whole inventory whose Fly target has one line more."""
    return 'default = "production"\n' + SOURCE + FLY + line


MISTAKES = [
    # The targets.
    (
        '[targets]\n"a/b" = {}',
        'inventory.toml/targets/a/b: a target\'s name is letters, digits, "-" and "_"',
        "rename it",
    ),
    (
        "[targets]\nx = 1979-05-27",
        "inventory.toml/targets/x: should be a table, not a date or a time",
        "write [targets.x] on a line of its own",
    ),
    (
        "[[targets.x]]",
        "inventory.toml/targets/x: should be a table, not a list",
        "write [targets.x] on a line of its own",
    ),
    (
        "[targets.x]",
        "inventory.toml/targets/x/host: is required",
        "how the target is reached: fly, direct, ssh, sandbox",
    ),
    ('[targets.x]\nhots = "fly"', "inventory.toml/targets/x/hots: is not known", 'did you mean "host"?'),
    (
        '[targets.x]\nhost = "sandbx"',
        f'inventory.toml/targets/x/host: should be {KNOWN_HOSTS}, not "sandbx"',
        'did you mean "sandbox"?',
    ),
    (
        "[targets.x]\nhost = 4.5",
        "inventory.toml/targets/x/host: should be text, not 4.5",
        'text goes in quotes: host = "…"',
    ),
    (
        '[targets.production]\nhost = "fly"\nsite = "https://gallery.example"',
        f"{PRODUCTION}/app: is required",
        'the Fly app\'s name, as in fly.toml: app = "olivia-art-portfolio"',
    ),
    (
        '[targets.production]\nhost = "fly"\napp = "gallery"',
        f"{PRODUCTION}/site: is required",
        'the address that visitors use: site = "https://oliviatew.co.uk"',
    ),
    (
        '[targets.production]\nhost = "direct"',
        f"{PRODUCTION}/site: is required",
        'the address that visitors use: site = "https://oliviatew.co.uk"',
    ),
    (
        '[targets.production]\nhost = "fly"\napp = "Gallery"',
        f'{PRODUCTION}/app: should be {APP}, not "Gallery"',
        "`fly apps list` shows them",
    ),
    (
        fly('database_app = "-a"'),
        f'{PRODUCTION}/database_app: should be {APP}, not "-a"',
        "`fly apps list` shows them",
    ),
    (fly('databse_app = "x"'), f"{PRODUCTION}/databse_app: is not known", 'did you mean "database_app"?'),
    (
        fly('confirm = "\\u001b[2J"'),
        f'{PRODUCTION}/confirm: should be true or false, not "\\u001b[2J"',
        "without quotes: confirm = true",
    ),
    (
        fly(f'confirm = "{"y" * 200}"'),
        f'{PRODUCTION}/confirm: should be true or false, not "{"y" * 120}…"',
        "without quotes: confirm = true",
    ),
    (
        fly('confirm = "yes"'),
        f'{PRODUCTION}/confirm: should be true or false, not "yes"',
        "without quotes: confirm = true",
    ),
    (
        fly("confirm = 1"),
        f"{PRODUCTION}/confirm: should be true or false, not 1",
        "without quotes: confirm = true",
    ),
    (
        fly("storage_quota = 5"),
        f"{PRODUCTION}/storage_quota: should be text, not 5",
        'text goes in quotes: storage_quota = "…"',
    ),
    *[
        (fly(f'storage_quota = "{text}"'), f'{PRODUCTION}/storage_quota: should be {SIZE}, not "{text}"', "")
        for text in ("5", "5 gigs", "-5 GB", "1e3 GB", "0 GB", "5 iB", "five GB", "٥ GB")
    ],
    (
        fly('ssh = "certificat"'),
        f'{PRODUCTION}/ssh: should be "console", "exec" or "certificate", not "certificat"',
        'did you mean "certificate"?',
    ),
    (
        fly(f'database_user = "{"r" * 64}"'),
        f'{PRODUCTION}/database_user: should be a role\'s name, 63 bytes at most, not "{"r" * 64}"',
        r"`\du` in psql lists them",
    ),
    (
        fly('plan_database = "olivia_dev"'),
        f'{PRODUCTION}/plan_database: should be an address such as "postgresql://localhost/olivia_dev"',
        "user, host and name in one",
    ),
    (
        fly('plan_database = "${NOWHERE_SET}"'),
        f"{PRODUCTION}/plan_database: needs ${{NOWHERE_SET}}, which is not in the environment",
        "set it first: export NOWHERE_SET=…",
    ),
    (
        fly('addressing = "Path"'),
        f'{PRODUCTION}/addressing: should be "virtual" or "path", not "Path"',
        'did you mean "path"?',
    ),
    (
        fly('acl = "public"'),
        f'{PRODUCTION}/acl: should be "private" or "public-read", not "public"',
        'did you mean "public-read"?',
    ),
    (
        fly('environment = ".env"'),
        f'{PRODUCTION}/environment: does not go with host = "fly"',
        "it goes with: direct",
    ),
    (
        SANDBOX + 'app = "x"',
        'inventory.toml/targets/sandbox/app: does not go with host = "sandbox"',
        "it goes with: fly",
    ),
    (
        SANDBOX + 'basic_auth = "x"',
        'inventory.toml/targets/sandbox/basic_auth: does not go with host = "sandbox"',
        "it goes with: fly, direct, ssh",
    ),
    (
        DIRECT + 'ssh = "exec"',
        'inventory.toml/targets/staging/ssh: does not go with host = "direct"',
        "it goes with: fly, sandbox",
    ),
    *[
        (
            f'[targets.production]\nhost = "direct"\nsite = "{site}"',
            f'{PRODUCTION}/site: should be {ADDRESS}, not "{site}"',
            "",
        )
        for site in (
            "gallery",
            "ftp://gallery.example",
            "https://",
            "https://a b",
            "https://a?b",
            "https://a:x",
            "https://[",
        )
    ],
    (
        '[targets.production]\nhost = "direct"\nsite = "https://me:pa55#@gallery.example"',
        f"{PRODUCTION}/site: should be {ADDRESS}, not [hidden]",
        "",
    ),
]


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_a_mistake_is_named_with_its_path(tmp_path: Path, text: str, message: str, hint: str) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load(file, own_kinds())
    found = caught.value
    assert (f"{found.where}: {found.what}", found.hint, found.code) == (message, hint, Exit.USAGE)
    assert "pa55" not in str(found)
