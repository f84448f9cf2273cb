"""The list of all that is ever said to flyctl."""

from pathlib import Path

import pytest

import maulstick.hosts.fly
from maulstick.hosts.fly.calls import CALLS, complete
from maulstick.sandbox import fly_flags

DOOR = Path(maulstick.hosts.fly.__file__).parent
DOCS = DOOR.parents[2] / "docs"


def test_the_door_runs_nothing_that_is_not_listed(cloud):
    for words in (
        ["apps", "destroy", "site"],
        ["status", "--all"],
        ["ssh", "issue", "o", "p", "--overwrite"],
    ):
        with pytest.raises(ValueError, match=r"calls.py does not list `fly "):
            cloud.fly.run(*words)
    assert not (cloud.folder / "fly" / "calls.jsonl").exists()


def test_a_value_may_look_like_a_flag():
    words = ["ssh", "console", "--machine", "m1", "-q", "-C", "--not-a-flag"]
    assert complete(words, "site") == [*words, "-a", "site"]


@pytest.mark.parametrize("command", [name for name, call in CALLS.items() if not call.of_app])
def test_some_commands_know_no_app(command):
    assert complete(command.split(), "site") == command.split()


@pytest.mark.parametrize("command", CALLS)
def test_all_that_is_listed_is_known_to_the_stand_in(command):
    known = f"{fly_flags.COMMANDS[command].flags} {fly_flags.EVERYWHERE}".split()
    forms = {form + "=" * spec.endswith("=") for spec in known for form in spec.removesuffix("=").split("/")}
    assert set(CALLS[command].flags.split()) <= forms
    assert CALLS[command].of_app == ("-a=" in forms)


@pytest.mark.parametrize("command", CALLS)
def test_all_that_is_listed_is_used(command):
    files = [*DOOR.glob("*.py"), *(DOOR.parents[1] / "doctor").glob("*.py")]
    text = "".join(file.read_text() for file in files if file.name != "calls.py")
    for word in (*command.split(), *CALLS[command].flags.replace("=", "").split()):
        assert f'"{word}"' in text


@pytest.mark.parametrize("command", CALLS)
def test_all_that_is_listed_is_in_the_docs(command):
    assert f"`fly {command}`" in (DOCS / "fly.md").read_text()


@pytest.mark.parametrize("command", CALLS)
def test_all_that_is_listed_says_where_it_is_known_from(command):
    assert f"\n## {CALLS[command].section}\n" in (DOCS / "fly-facts.md").read_text()
