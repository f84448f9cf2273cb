"""The JSON schemas are what the models say, and editors find them from the files that we write."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, validators

from tests.docs.documents import ROOT, blocks, page
from tests.docs.reference_pages import REGENERATE, schemas

EXAMPLES = [*ROOT.glob("*.toml"), *(ROOT / "playbooks").glob("*.toml"), *ROOT.glob("examples/**/*.toml")]
WRITTEN = sorted(path for path in EXAMPLES if path.name != "pyproject.toml")
INVENTORIES = blocks(page("inventory.md"), "toml")
PLAYBOOKS = blocks(page("playbooks.md"), "toml")
HEAD = 'default = "live"\n[source]\ndatabase = "x"\nmedia_root = "x"\n'
LIVE = '[targets.live]\nhost = "fly"\napp = "x"\nsite = "x"\n'
BOOK = 'name = "x"\nsays = "x"\n'


def wrong(name: str, text: str) -> list[str]:
    """Return what an editor says of a file."""
    found: dict[str, Any] = json.loads((ROOT / "maulstick" / "schemas" / f"{name}.json").read_text("utf-8"))
    return [error.message for error in Draft7Validator(found).iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("path", schemas(), ids=lambda path: path.name)
def test_a_schema_is_what_its_model_says(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8")) == schemas()[path], f"to write it again: {REGENERATE}"


@pytest.mark.parametrize("path", schemas(), ids=lambda path: path.name)
def test_a_schema_is_one(path: Path) -> None:
    schema = schemas()[path]
    validators.validator_for(schema).check_schema(schema)


@pytest.mark.parametrize("name", ["doctor", "plan", "report"])
def test_the_schemas_of_what_is_printed_are_shipped_too(name: str) -> None:
    shipped = ROOT / "maulstick" / "schemas" / f"{name}.json"
    assert shipped.read_bytes() == (ROOT / "docs" / f"{name}.schema.json").read_bytes()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_names_its_schema_on_its_first_line_and_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.match(r"#:schema (\S+/(\w+)\.json)\n", text)
    assert named, "an editor finds no schema"
    assert (path.parent / named[1]).resolve().is_relative_to(ROOT / "maulstick" / "schemas")
    assert wrong(named[2], text) == []


@pytest.mark.parametrize("block", INVENTORIES, ids=lambda block: block.text[:30])
def test_editors_let_every_inventory_of_the_docs_pass(block: Any) -> None:
    assert wrong("inventory", block.text) == []


@pytest.mark.parametrize("block", PLAYBOOKS, ids=lambda block: block.text[:30])
def test_editors_let_every_playbook_of_the_docs_pass(block: Any) -> None:
    assert wrong("playbook", block.text) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD + LIVE.replace("app", "ap"),
        HEAD + LIVE.replace('app = "x"\n', ""),
        HEAD + LIVE + 'environment = "x"\n',
        HEAD + LIVE + 'confirm = "yes"\n',
        HEAD + LIVE + 'ssh = "telnet"\n',
        HEAD + 'media = "s3://x"\n' + LIVE,
        HEAD + LIVE + "[groups]\nall = 5\n",
        LIVE,
    ],
)
def test_editors_mark_a_mistake_in_an_inventory(text: str) -> None:
    assert wrong("inventory", HEAD + LIVE) == []
    assert wrong("inventory", text)


def test_editors_let_a_host_of_a_plugin_pass() -> None:
    assert wrong("inventory", HEAD + LIVE.replace('"fly"', '"heron"') + 'pond = "x"\n') == []


def test_editors_let_a_word_of_the_environment_pass() -> None:
    assert wrong("inventory", HEAD + LIVE + 'ssh = "${WAY}"\n') == []


@pytest.mark.parametrize(
    "step",
    [
        'name = "verify"\nconcurency = 4',
        'name = "verify"\nconcurrency = "4"',
        'name = "upload"\nconcurrency = 65',
        'name = "check"\nwait = 1',
        'name = "warm"\ntimes = 2.5',
        "wait = 1",
    ],
)
def test_editors_mark_a_mistake_in_a_playbook(step: str) -> None:
    assert wrong("playbook", BOOK + "[[step]]\n" + step)


def test_editors_let_a_step_of_a_plugin_pass() -> None:
    assert wrong("playbook", BOOK + '[[step]]\nname = "warm"\ntimes = 2\n[[step]]\nname = "verify"') == []
