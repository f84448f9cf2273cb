"""The workflow that is shipped says what it must and nothing that is dangerous."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checkout import ROOT
from tests.docs.documents import page
from tests.report.workflow import EXPRESSION, TEXT, WORKFLOW

FILE = ROOT / "maulstick" / "report" / "maulstick.yml"
ON = WORKFLOW[True]  # YAML 1.1 takes the word `on` for true
PLAN, RELEASE = WORKFLOW["jobs"]["plan"], WORKFLOW["jobs"]["release"]
STEPS = [*PLAN["steps"], *RELEASE["steps"]]
PINS = "rules: {unpinned-uses: {config: {policies: {actions/*: ref-pin, '*': hash-pin}}}}\n"


def checked(*command: str) -> str:
    """Run a linter that is installed beside Python, and return what it says where it is not content."""
    program = Path(sys.executable).parent / command[0]
    ran = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr if ran.returncode else ""


def secrets_of(found: Any) -> set[str]:
    """Return the secrets that a part of the workflow names."""
    return set(re.findall(r"secrets\.(\w+)", str(found)))


def test_it_is_of_the_published_schema() -> None:
    assert checked("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(FILE)) == ""


def test_an_auditor_of_workflows_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "zizmor.yml").write_text(PINS)
    assert checked("zizmor", "--offline", "--config", str(tmp_path / "zizmor.yml"), str(FILE)) == ""


def test_the_workflow_with_a_matrix_in_the_docs_is_as_good(tmp_path: Path) -> None:
    [text] = re.findall(
        r"^```yaml\n(name: .*?)^```", page("github.md").read_text(encoding="utf-8"), re.M | re.S
    )
    file = tmp_path / "side-by-side.yml"
    file.write_text(text)
    (tmp_path / "zizmor.yml").write_text(PINS)
    assert checked("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)) == ""
    assert checked("zizmor", "--offline", "--config", str(tmp_path / "zizmor.yml"), str(file)) == ""
    jobs = yaml.safe_load(text)["jobs"]
    assert [
        step["run"]
        for job in jobs.values()
        for step in job["steps"]
        if EXPRESSION.search(step.get("run", ""))
    ] == []


def test_it_runs_for_bundles_only_and_never_with_a_fork_s_rights() -> None:
    assert set(ON) == {"pull_request", "push", "workflow_dispatch"}
    assert ON["pull_request"] == ON["push"] == {"branches": ["main"], "paths": ["releases/**"]}
    assert "head.repo.full_name == github.repository" in PLAN["if"]


def test_nothing_may_be_done_but_what_is_named() -> None:
    assert WORKFLOW["permissions"] == {}
    assert PLAN["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert RELEASE["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}


def test_the_secrets_of_a_plan_are_its_own() -> None:
    assert secrets_of(PLAN) == {"FLY_PLAN_TOKEN", "MAULSTICK_PLAN_DATABASE"}
    assert secrets_of(RELEASE) == {"FLY_API_TOKEN", "MAULSTICK_PLAN_DATABASE"}
    assert RELEASE["environment"] == "production"


def test_a_secret_is_handed_to_a_step_and_to_none_that_runs_others_code() -> None:
    assert secrets_of([WORKFLOW["env"], PLAN["env"], RELEASE["env"]]) == set()
    assert not any(
        "secrets." in str(step) for step in STEPS if "uses" in step or "pip" in step.get("run", "")
    )


def test_what_comes_from_outside_is_never_part_of_a_command() -> None:
    assert [step["run"] for step in STEPS if EXPRESSION.search(step.get("run", ""))] == []


def test_one_release_goes_after_the_other_and_none_is_left_out() -> None:
    assert RELEASE["concurrency"] == {
        "group": "maulstick-release",
        "cancel-in-progress": False,
        "queue": "max",
    }


@pytest.mark.parametrize("step", [step for step in STEPS if "uses" in step], ids=lambda step: step["uses"])
def test_an_action_is_pinned(step: dict[str, str]) -> None:
    owner, _, version = step["uses"].rpartition("@")
    pin = r"v\d+" if owner.startswith("actions/") else r"[0-9a-f]{40}"
    assert re.fullmatch(pin, version)


def test_it_names_no_host() -> None:
    assert re.findall(r"https?://|\.(?:org|com|io)\b", TEXT) == []
