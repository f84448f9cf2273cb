"""Tasks that only list something; they start no sandbox and import little."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import ROOT
from tests.end_to_end.projects import Project, made

TASKS = (
    "apply",
    "check",
    "deploy",
    "export",
    "history",
    "plan",
    "playbooks",
    "plugins.check",
    "plugins.list",
    "release",
    "targets",
)
HEAVY = ("pydantic", "boto3", "botocore", "fabric", "psycopg", "PIL", "flask", "rich", "urllib3")
TABLES = "artworks|series|media|media_analyses|media_images|annotations|page_sections|voice_notes"
NAMED = re.compile(
    rf"^({TABLES.replace('media|', '')})$|\b(from|join|into|update|table) \"?({TABLES})\b", re.IGNORECASE
)
"""A text that is the name of a table, or SQL that holds one; `media` is a word of the core's own."""


MINE = """
name = "mine"
says = "x"
[[step]]
name = "plan"
[[step]]
name = "upload"
targets = ["production"]
tags = ["pictures"]
[[step]]
name = "apply"
when = "rows_changed"
[[step]]
name = "verify"
tags = ["slow"]
[[step]]
name = "tell"
step = "webhook"
url = "${CHAT}"
on_failure = true
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose sandbox is never started."""
    return made(tmp_path_factory.mktemp("alone"))


def test_every_task_is_listed_with_a_line_of_help(alone: Project) -> None:
    ran = alone.invoke("--list")
    print(f"invoke --list: {ran.seconds:.2f} s")
    assert ran.code == 0
    listed = dict(re.findall(r"^  (\S+) +(\S.*)$", ran.out, re.MULTILINE))
    assert {*TASKS, "upload", "verify", "sandbox.up", "sandbox.down", "sandbox.reset", "sandbox.open"} <= {
        *listed
    }
    assert all(says.endswith(".") for says in listed.values())


def test_nothing_heavy_is_imported_to_list_the_tasks(alone: Project) -> None:
    code = "import sys, tasks; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=alone.folder, text=True)
    assert set(said.split()) & {*HEAVY} == set()


def test_the_steps_of_a_release_are_listed_without_touching_anything(alone: Project) -> None:
    (alone.folder / "playbooks" / "mine.toml").write_text(MINE)
    ran = alone.invoke("release", "--playbook", "mine", "--list-steps", "--skip-tags", "slow")
    assert ran.out == (
        "mine to sandbox\n"
        "  plan\n"
        "  upload         skipped, only for production; tags pictures\n"
        "  apply          when rows_changed\n"
        "  tell           webhook; after a failure\n"
    )
    ran = alone.invoke("release", "--playbook", "mine", "--list-steps", "--json", "--tags", "pictures")
    ((step,),) = (record["steps"] for record in json.loads(ran.out)["records"])
    assert (step["name"], step["left_out"], step["tags"]) == ("upload", "only for production", ["pictures"])
    for typed, says in (
        (
            ["--tags", "picture"],
            '--tags picture: is not a tag of this playbook\n  hint: did you mean "pictures"?',
        ),
        (["--confirm-each"], "--confirm-each: asks before each step, and nobody is there to answer"),
        (
            ["--start-at", "aply"],
            '--start-at aply: is not a step of this playbook\n  hint: did you mean "apply"?',
        ),
    ):
        ran = alone.release("--playbook", "mine", *typed, "--skip", "tell")
        assert (ran.code, says in ran.err) == (2, True), ran.err
    assert not alone.sandbox.exists()


def test_playbooks_are_listed_with_their_steps(alone: Project) -> None:
    ran = alone.invoke("playbooks")
    assert ran.code == 0
    assert "classic    code, then rows, then pictures, then proof" in ran.out
    assert "check export plan deploy upload apply publish verify" in ran.out


def test_targets_are_listed_and_the_default_is_marked(alone: Project) -> None:
    ran = alone.invoke("targets")
    assert ran.code == 0
    assert re.search(r"^sandbox .* default$", ran.out, re.MULTILINE)
    assert re.search(
        r"^production +fly +olivia-art-portfolio +https://oliviatew.co.uk", ran.out, re.MULTILINE
    )


def test_plugins_are_listed_with_their_hooks(alone: Project) -> None:
    ran = alone.invoke("plugins")
    assert ran.code == 0
    assert re.search(r"^annotations +plugins/annotations.py +.*maulstick_tables", ran.out, re.MULTILINE)


def test_each_listing_is_json_too(alone: Project) -> None:
    def records(listing: str) -> dict[str, dict[str, Any]]:
        ran = alone.invoke(listing, "--json")
        said = json.loads(ran.out)
        assert (ran.code, said["version"]) == (0, 1)
        return {record["name"]: record for record in said["records"]}

    targets, playbooks, plugins = map(records, ("targets", "playbooks", "plugins"))
    assert (targets["sandbox"]["default"], targets["production"]["default"]) == (True, False)
    assert targets["production"]["site"] == "https://oliviatew.co.uk"
    assert {"name": "check", "options": {}} in playbooks["classic"]["steps"]
    assert "maulstick_tables" in plugins["annotations"]["hooks"]
    assert plugins["annotations"]["failure"] == ""


def test_no_listing_starts_a_sandbox(alone: Project) -> None:
    assert alone.invoke("release", "--help").code == 0
    assert not (alone.folder / ".sandbox").exists()


def test_help_of_a_task_shows_its_options_and_runs_nothing(alone: Project) -> None:
    ran = alone.invoke("--help", "release")
    assert ran.code == 0
    assert all(option in ran.out for option in ("--series", "--artwork", "--page", "--target", "--yes"))


def test_history_of_a_target_without_releases_says_so(fresh_once: Project) -> None:
    ran = fresh_once.invoke("history")
    assert ran.code == 0
    assert ran.out == "sandbox: nothing was released yet\n"


def test_the_core_names_none_of_the_site_s_tables() -> None:
    core = [path for path in (ROOT / "maulstick").rglob("*.py") if "sandbox" not in path.parts]
    named = {path.name: [text for text in _texts(path) if NAMED.search(text)] for path in core}
    assert len(core) > 40
    assert {name: texts for name, texts in named.items() if texts} == {}


def _texts(path: Path) -> list[str]:
    return [
        str(node.value) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
    ]
