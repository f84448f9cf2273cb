"""What lets a visitor into a site behind a login is read from the inventory, and is hidden."""

from pathlib import Path

import pytest

from maulstick.errors import Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load

START = """
default = "live"
[source]
database = "postgresql:///dev"
media_root = "media"
[targets.live]
host = "direct"
"""
SITE = 'site = "https://gallery.example"\n'


def target_of(folder: Path, text: str):
    file = folder / "inventory.toml"
    file.write_text(START + text, encoding="utf-8")
    return load(file, own_kinds()).target(None)


def told(target):
    return {name: value.reveal() for name, value in target.headers.items()}


def test_headers_come_from_the_environment_and_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("ACCESS", "s3cret")
    target = target_of(
        tmp_path, SITE + '[targets.live.headers]\nCF-Access-Client-Secret = "${ACCESS}"\nX-A = "b"\n'
    )
    assert told(target) == {"CF-Access-Client-Secret": "s3cret", "X-A": "b"}
    assert "s3cret" not in repr(target)


@pytest.mark.parametrize(
    "text",
    [
        SITE + 'basic_auth = "me:pa:55"',
        'site = "https://me:pa%3A55@gallery.example"',
        SITE + 'basic_auth = "${WHO}"',
    ],
)
def test_a_user_and_a_password_are_basic_auth(tmp_path, monkeypatch, text):
    monkeypatch.setenv("WHO", "me:pa:55")
    target = target_of(tmp_path, text)
    assert target.site == "https://gallery.example"
    assert told(target) == {"Authorization": "Basic bWU6cGE6NTU="}
    assert "bWU6" not in repr(target)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SITE + 'basic_auth = "me"', "live/basic_auth: should be a user, a colon and a password"),
        (
            'site = "https://a:b@g.example"\nbasic_auth = "me:x"',
            "live/basic_auth: stands beside a user in site",
        ),
        (SITE + 'headers = "x"', 'live/headers: should be a table, not "x"'),
        (SITE + '[targets.live.headers]\n"a b" = "x"', "live/headers/a b: is not a header's name"),
        (SITE + '[targets.live.headers]\nHost = "x"', "live/headers/Host: is sent by itself"),
        (SITE + '[targets.live.headers]\nX-A = "é"', "live/headers/X-A: holds a letter that no header may"),
        (SITE + "[targets.live.headers]\nX-A = 5", "live/headers/X-A: should be text, not 5"),
        (
            SITE + '[targets.live.headers]\nX-A = "${NOT_SET}"',
            "live/headers/X-A: needs ${NOT_SET}, which is not in the environment",
        ),
        (
            SITE + 'basic_auth = "me:x"\n[targets.live.headers]\nauthorization = "Bearer x"',
            "live/basic_auth: says twice who we are",
        ),
    ],
)
def test_a_mistake_is_named_without_the_secret(tmp_path, text, says):
    with pytest.raises(Problem) as caught:
        target_of(tmp_path, text)
    assert f"inventory.toml/targets/{says}" in str(caught.value)
    assert caught.value.code == 2
