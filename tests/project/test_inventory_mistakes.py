"""Mistakes in an inventory as a whole and in its source: each with its path, its words and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load

SOURCE = '[source]\ndatabase = "postgresql://me:pa55@localhost/olivia_dev"\nmedia_root = "static"\n'
FLY = '[targets.production]\nhost = "fly"\napp = "gallery"\nsite = "https://gallery.example"\n'
SANDBOX = '[targets.sandbox]\nhost = "sandbox"\n'
WHOLE = 'default = "production"\n' + SOURCE + FLY + SANDBOX

ADDRESS = 'an address such as "https://oliviatew.co.uk"'
DATABASE = 'an address such as "postgresql://localhost/olivia_dev"'
PASSWORD = "in a password write %23 for #, %2F for /, %3F for ?, %40 for @"
IN_SOURCE = "inventory.toml/source"


def source(line: str) -> str:
    """Return a whole inventory whose source has one line more."""
    return 'default = "production"\n' + SOURCE + line + "\n" + FLY


TARGETS = 'default = "production"\n' + SOURCE + FLY + SANDBOX
GROUPS = "inventory.toml/groups"
EXAMPLE = 'a group lists targets: all = ["staging", "production"]'

MISTAKES = [
    # The file as such.
    (
        WHOLE + "x = fly",
        "inventory.toml: invalid value, line 11, column 5",
        'text goes in quotes: key = "value"',
    ),
    (
        WHOLE + SANDBOX,
        "inventory.toml: cannot declare targets.sandbox twice, line 11, column 17",
        "fix that line",
    ),
    (
        'default = "x"\ndefault = "y"\n',
        "inventory.toml: cannot overwrite a value, line 2, column 14",
        "fix that line",
    ),
    (
        'a = [\n"x",\n',
        "inventory.toml: invalid value, line 2, the last",
        'text goes in quotes: key = "value"',
    ),
    (
        "a = " + "9" * 5000,
        "inventory.toml: has a number that is too long, or lists that are nested too deep",
        "fix that value",
    ),
    ("", "inventory.toml/targets: is required", 'one at least: [targets.sandbox] with host = "sandbox"'),
    (
        "[targets]",
        "inventory.toml/targets: is required",
        'one at least: [targets.sandbox] with host = "sandbox"',
    ),
    ("targets = 5", "inventory.toml/targets: should be a table, not 5", "write a target as [targets.NAME]"),
    ("[target.x]", "inventory.toml/target: is not known", 'did you mean "targets"?'),
    ('zzz = "x"', "inventory.toml/zzz: is not known", "known here: default, groups, source, targets, vars"),
    # The default.
    (
        SANDBOX,
        "inventory.toml/default: is required",
        'the target to release to unless --target names another: default = "…"',
    ),
    (
        'default = "sandbok"\n' + SANDBOX,
        'inventory.toml/default: no target is called "sandbok"',
        'did you mean "sandbox"?',
    ),
    (
        "default = true\n" + SANDBOX,
        "inventory.toml/default: should be text, not true",
        'text goes in quotes: default = "…"',
    ),
    # The source.
    (
        'default = "production"\n' + FLY,
        "inventory.toml/source: is required",
        '"production" is released to from it: database and media_root',
    ),
    (
        'source = "x"\n',
        'inventory.toml/source: should be a table, not "x"',
        "write [source] on a line of its own",
    ),
    (source('chekout = ".."'), f"{IN_SOURCE}/chekout: is not known", 'did you mean "checkout"?'),
    (
        '[source]\nmedia_root = "x"',
        f"{IN_SOURCE}/database: is required",
        'the local database that releases are made from: database = "postgresql://localhost/olivia_dev"',
    ),
    (
        '[source]\ndatabase = "postgresql:///x"',
        f"{IN_SOURCE}/media_root: is required",
        'a folder, relative to the inventory: media_root = "../olivia/priv/static"',
    ),
    (
        source('media = "s3://olivia-staging"'),
        f"{IN_SOURCE}/media: stands beside media_root",
        "files come from one of them",
    ),
    (
        '[source]\ndatabase = "postgresql:///x"\nmedia = "../static"',
        f"{IN_SOURCE}/media: should be a bucket and what its keys begin with, such as"
        ' "s3://olivia-staging/uploads", not "../static"',
        "a folder of this machine goes under media_root",
    ),
    (
        '[source]\ndatabase = "olivia_dev"',
        f"{IN_SOURCE}/database: should be {DATABASE}",
        "user, host and name in one",
    ),
    (
        '[source]\ndatabase = "host=localhost"',
        f"{IN_SOURCE}/database: should be {DATABASE}",
        "user, host and name in one",
    ),
    (
        '[source]\ndatabase = "mysql://u:pa55@h/d"',
        f"{IN_SOURCE}/database: should be {DATABASE}",
        "user, host and name in one",
    ),
    (
        '[source]\ndatabase = "postgresql://[u:pa55@h/d"',
        f"{IN_SOURCE}/database: should be {DATABASE}",
        "user, host and name in one",
    ),
    *[
        (
            f'[source]\ndatabase = "postgresql://u:{password}@h/d"',
            f"{IN_SOURCE}/database: holds one of # / ? @ where it means something else",
            PASSWORD,
        )
        for password in ("pa#55", "pa/55", "pa?55", "pa@55")
    ],
    (
        '[source]\ndatabase = ["pa55"]',
        f"{IN_SOURCE}/database: should be text, not a list",
        'text goes in quotes: database = "…"',
    ),
    ('[source]\ndatabase = ""', f"{IN_SOURCE}/database: is empty", "give it a value or remove the line"),
    (
        source('bundles = "a\\nb"'),
        f"{IN_SOURCE}/bundles: contains a line break or a control character",
        "write it on one line",
    ),
    (
        source('checkout = "~nobody-of-that-name/x"'),
        f'{IN_SOURCE}/checkout: should be a path that can be followed, not "~nobody-of-that-name/x"',
        "~ alone is your own home folder",
    ),
    (
        source('name = "my source"'),
        f'{IN_SOURCE}/name: should be letters, digits, "-" and "_", not "my source"',
        "",
    ),
    (
        source('name = "sandbox"'),
        f'{IN_SOURCE}/name: "sandbox" is the sandbox\'s own',
        "choose another, or leave it out",
    ),
    (source('site = "localhost:4000"'), f'{IN_SOURCE}/site: should be {ADDRESS}, not "localhost:4000"', ""),
    # The environment.
    (
        source('site = "${OLIVIA_SITE}"'),
        f"{IN_SOURCE}/site: needs ${{OLIVIA_SITE}}, which is not in the environment",
        "set it first: export OLIVIA_SITE=…",
    ),
    (source('site = "${NOTHING}"'), f"{IN_SOURCE}/site: is empty", "give it a value or remove the line"),
    (source('site = "${WORD}"'), f'{IN_SOURCE}/site: should be {ADDRESS}, not "${{WORD}}"', ""),
    *[
        (
            source(f'site = "{text}"'),
            f'{IN_SOURCE}/site: holds "${{" without a name and "}}"',
            "write it as ${NAME}",
        )
        for text in ("${}", "${a b}", "${WORD", "${1A}")
    ],
    # The groups.
    ("groups = 1\n" + TARGETS, f"{GROUPS}: should be a table, not 1", "write [groups] on a line of its own"),
    (
        TARGETS + '[groups]\nall = "production"',
        f'{GROUPS}/all: should be a list of texts, not "production"',
        EXAMPLE,
    ),
    (
        TARGETS + "[groups]\nall = [1]",
        f"{GROUPS}/all/1: should be text, not 1",
        'text goes in quotes: 1 = "…"',
    ),
    (TARGETS + "[groups]\nall = []", f"{GROUPS}/all: is empty", EXAMPLE),
    (
        TARGETS + '[groups]\nall = ["sandbox", "prodution"]',
        f'{GROUPS}/all: no target is called "prodution"',
        'did you mean "production"?',
    ),
    (
        TARGETS + '[groups]\nall = ["sandbox", "sandbox"]',
        f'{GROUPS}/all: "sandbox" is there twice',
        "remove one of them",
    ),
    (
        TARGETS + '[groups]\nall = ["sandbox"]\nmore = ["all", "production"]',
        f'{GROUPS}/more: "all" is a group, and a group holds targets',
        "name its targets here",
    ),
    (
        TARGETS + '[groups]\nsandbox = ["production"]',
        f"{GROUPS}/sandbox: is the name of a target too",
        "give the group another name",
    ),
    (
        TARGETS + '[groups]\n"a,b" = ["production"]',
        f'{GROUPS}/a,b: a group\'s name is letters, digits, "-" and "_"',
        "rename it",
    ),
    (
        'default = "all"\n' + SOURCE + FLY + '[groups]\nall = ["production"]',
        'inventory.toml/default: "all" is a group',
        "name one target",
    ),
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the environment that the table speaks of."""
    monkeypatch.delenv("OLIVIA_SITE", raising=False)
    monkeypatch.setenv("NOTHING", "")
    monkeypatch.setenv("WORD", "hidden-word")


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_a_mistake_is_named_with_its_path(tmp_path: Path, text: str, message: str, hint: str) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load(file, own_kinds())
    found = caught.value
    assert (f"{found.where}: {found.what}", found.hint, found.code) == (message, hint, Exit.USAGE)
    assert "pa55" not in str(found)
    assert "hidden-word" not in str(found)
