"""All mistakes of a file are said at once, in its order, each with its path; and nothing secret is."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load
from maulstick.project.playbook import known_steps
from maulstick.project.playbook import load as load_playbook

SOURCE = '[source]\ndatabase = "postgresql://me:pa55@localhost/olivia_dev"\nmedia_root = "static"\n'
FLY = '[targets.production]\nhost = "fly"\napp = "gallery"\nsite = "https://gallery.example"\n'
WHOLE = 'default = "production"\n' + SOURCE + FLY

MANY = """
default = "prod"

[source]
database = 5
media = "x"
media_root = "y"
sit = "z"

[targets.production]
host = "fly"
app = "Gallery"
confirm = "yes"
storage_quota = ""
acl = ["private"]

[targets.staging]
host = "direkt"
ap = "x"
site = 1979-05-27

[groups]
all = ["production", 5, "prodution"]
"""
SAID = """\
inventory.toml/default: no target is called "prod"
  hint: known here: production, staging
inventory.toml/source/database: should be text, not 5
  hint: text goes in quotes: database = "…"
inventory.toml/source/media: stands beside media_root
  hint: files come from one of them
inventory.toml/source/sit: is not known
  hint: did you mean "site"?
inventory.toml/targets/production/app: should be a Fly app's name (a-z, 0-9 and "-"), not "Gallery"
  hint: `fly apps list` shows them
inventory.toml/targets/production/confirm: should be true or false, not "yes"
  hint: without quotes: confirm = true
inventory.toml/targets/production/storage_quota: is empty
  hint: give it a value or remove the line
inventory.toml/targets/production/acl: should be text, not a list
  hint: text goes in quotes: acl = "…"
inventory.toml/targets/production/site: is required
  hint: the address that visitors use: site = "https://oliviatew.co.uk"
inventory.toml/targets/staging/host: should be "fly", "direct", "ssh" or "sandbox", not "direkt"
  hint: did you mean "direct"?
inventory.toml/targets/staging/ap: is not known
  hint: did you mean "app"?
inventory.toml/targets/staging/site: should be text, not a date or a time
  hint: text goes in quotes: site = "…"
inventory.toml/groups/all: no target is called "prodution"
  hint: did you mean "production"?
inventory.toml/groups/all/2: should be text, not 5
  hint: text goes in quotes: 2 = "…"\
"""
BOOK = """
says = 5

[[step]]
name = "check"
wait = 5

[[step]]
name = "uplaod"

[[step]]
name = "verify"
concurrency = "4"
timeout = 0
browser = "true"

[[step]]
name = "check"

[[step]]
name = []
"""
OF_BOOK = """\
playbooks/mine.toml/says: should be text, not 5
  hint: text goes in quotes: says = "…"
playbooks/mine.toml/step/check/wait: is not known
  hint: known here: delay, name, retries, tags, targets, when
playbooks/mine.toml/step/2/name: there is no step "uplaod"
  hint: did you mean "upload"?
playbooks/mine.toml/step/verify/concurrency: should be a whole number from 1 to 64, not "4"
  hint: without quotes: concurrency = 4
playbooks/mine.toml/step/verify/timeout: should be a whole number from 1 to 3600, not 0
  hint: without quotes: timeout = 4
playbooks/mine.toml/step/verify/browser: should be true or false, not "true"
  hint: without quotes: browser = true
playbooks/mine.toml/step/4/name: "check" is there already; a step runs once
  hint: remove one of them
playbooks/mine.toml/step/5/name: should be text, not a list
  hint: text goes in quotes: name = "…"
playbooks/mine.toml/name: is required
  hint: the name of the file: name = "mine"\
"""


def said(folder: Path, text: str) -> str:
    """Return what is said of an inventory."""
    file = folder / "inventory.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load(file, own_kinds())
    assert caught.value.code == Exit.USAGE
    return str(caught.value)


def test_every_mistake_of_an_inventory_is_said_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert said(tmp_path, MANY) == SAID


def test_every_mistake_of_a_playbook_is_said_in_the_order_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "mine.toml").write_text(BOOK, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load_playbook(folder, "mine", known_steps())
    assert str(caught.value) == OF_BOOK


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("headers = []", "production/headers: should be a table, not a list"),
        ("database_app = 1979-05-27", "production/database_app: should be text, not a date or a time"),
        ("storage_quota = inf", "production/storage_quota: should be text, not inf"),
        ("confirm = 0", "production/confirm: should be true or false, not 0"),
        ("conditional_writes = 1.0", "production/conditional_writes: should be true or false, not 1.0"),
        ('although_read_only = "false"', 'although_read_only: should be true or false, not "false"'),
        ("a.b.c = 1", "production/a: is not known"),
        ('"" = 1', "production/: is not known"),
        ('"\\u001b[2J" = 1', "production/\\u001b[2J: is not known"),
        (f"{'x' * 5000} = 1", f"production/{'x' * 120}…: is not known"),
        ('ssh = "${WORD}"', 'ssh: should be "console", "exec" or "certificate", not "${WORD}"'),
        ('[targets."[key]"]\nhost = "sandbox"', "targets/[key]: a target's name is letters"),
        ('[targets."<fly>"]\nhost = "sandbox"', "targets/<fly>: a target's name is letters"),
        ('[targets.x]\nhost = ["fly"]', "targets/x/host: should be text, not a list"),
        ("[targets.x.host]\nfly = 1", "targets/x/host: should be text, not a table"),
        ("[groups]\nall = [[1]]", "groups/all/1: should be text, not a list"),
        ("[groups.all]\nproduction = true", "groups/all: should be a list of texts, not a table"),
        ('[groups]\nall = ["${NOT_SET}"]', "groups/all/1: needs ${NOT_SET}, which is not in the environment"),
    ],
)
def test_odd_values_are_named_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, says: str
) -> None:
    monkeypatch.setenv("WORD", "hidden-word")
    monkeypatch.delenv("NOT_SET", raising=False)
    found = said(tmp_path, WHOLE + more)
    assert says in found
    assert "hidden-word" not in found


def test_what_is_secret_is_not_shown_beside_other_mistakes(tmp_path: Path) -> None:
    more = 'basic_auth = "pa55"\nplan_database = "mysql://u:pa55@h"\n'
    more += '[targets.production.headers]\nHost = "pa55"\n'
    found = said(tmp_path, WHOLE.replace('"static"', '"static"\nsite = "https://me:pa55@x"') + more)
    assert found.count("\n  hint: ") == 4
    assert "pa55" not in found


def test_a_mistake_in_a_target_that_is_not_used_counts(tmp_path: Path) -> None:
    assert "targets/staging/hots: is not known" in said(tmp_path, WHOLE + '[targets.staging]\nhots = "fly"')


def test_a_choice_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAY", "exec")
    monkeypatch.setenv("HOW", "fly")
    file = tmp_path / "inventory.toml"
    file.write_text(WHOLE.replace('"fly"', '"${HOW}"') + 'ssh = "${WAY}"', encoding="utf-8")
    target = load(file, own_kinds()).target(None)
    assert (target.host, target.keys.ssh) == ("fly", "exec")
