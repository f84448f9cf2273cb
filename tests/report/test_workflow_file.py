"""The workflow says what it must and nothing that is dangerous, for each kind of host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.documents import blocks, page
from tests.report.workflow import EXPRESSION, SHIPPED, TEXT, WORKFLOW

KINDS = {
    "fly": SHIPPED,
    "browser": replace(SHIPPED, browser=True),
    "ssh": replace(SHIPPED, host="ssh", playbook="patient", bundles="content/releases"),
    "direct": replace(SHIPPED, host="direct", target="live"),
    "file": replace(SHIPPED, host="direct", environment=".env.production"),
    "other": replace(SHIPPED, host="heron", variables=("STAGING_PASSWORD",), told=("CHAT_URL",)),
}
SECRETS = {
    "fly": ({"FLY_PLAN_TOKEN"}, {"FLY_API_TOKEN"}),
    "browser": ({"FLY_PLAN_TOKEN"}, {"FLY_API_TOKEN"}),
    "ssh": ({"SSH_PLAN_KEY"}, {"SSH_KEY"}),
    "direct": (set(), {"DATABASE_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}),
    "file": (set(), {"MAULSTICK_ENVIRONMENT"}),
    "other": ({"STAGING_PASSWORD"}, {"STAGING_PASSWORD", "CHAT_URL"}),
}
"""What the plan and the release of each are handed, beside the address to plan by."""
EVERY = {kind: yaml.safe_load(one.text()) for kind, one in KINDS.items()}
ON = WORKFLOW[True]  # YAML 1.1 takes the word `on` for true
PLAN, RELEASE = WORKFLOW["jobs"]["plan"], WORKFLOW["jobs"]["release"]
STEPS = [step for one in EVERY.values() for job in one["jobs"].values() for step in job["steps"]]
PINS = "rules: {unpinned-uses: {config: {policies: {actions/*: ref-pin, '*': hash-pin}}}}\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The workflow of each kind as a file, and that with a matrix from the docs."""
    folder = tmp_path_factory.mktemp("workflows")
    for kind, one in KINDS.items():
        (folder / f"{kind}.yml").write_text(one.text())
    [matrix] = [one for one in blocks(page("github.md"), "yaml") if one.text.startswith("name:")]
    (folder / "matrix.yml").write_text(matrix.text)
    return [str(path) for path in sorted(folder.iterdir())]


def checked(*command: str) -> str:
    """Run a linter that is installed beside Python, and return what it says where it is not content."""
    program = Path(sys.executable).parent / command[0]
    ran = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr if ran.returncode else ""


def secrets_of(found: Any) -> set[str]:
    """Return the secrets that a part of the workflow names."""
    return set(re.findall(r"secrets\.(\w+)", str(found)))


def test_each_is_of_the_published_schema(written: list[str]) -> None:
    assert checked("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *written) == ""


def test_an_auditor_of_workflows_finds_nothing(written: list[str], tmp_path: Path) -> None:
    (tmp_path / "zizmor.yml").write_text(PINS)
    assert checked("zizmor", "--offline", "--config", str(tmp_path / "zizmor.yml"), *written) == ""


def test_it_runs_for_bundles_only_and_never_with_a_fork_s_rights() -> None:
    assert set(ON) == {"pull_request", "push", "workflow_dispatch"}
    assert ON["pull_request"] == ON["push"] == {"branches": ["main"], "paths": ["releases/**"]}
    assert "head.repo.full_name == github.repository" in PLAN["if"]


def test_nothing_may_be_done_but_what_is_named() -> None:
    assert WORKFLOW["permissions"] == {}
    assert PLAN["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert RELEASE["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_job_is_handed_what_its_host_needs_and_no_more(kind: str) -> None:
    plan, release = EVERY[kind]["jobs"]["plan"], EVERY[kind]["jobs"]["release"]
    for job, own in zip((plan, release), SECRETS[kind], strict=True):
        assert secrets_of(job) == {"MAULSTICK_PLAN_DATABASE", *own}
        assert secrets_of([EVERY[kind]["env"], job["env"]]) == set()
        assert ("setup-flyctl" in str(job)) == (KINDS[kind].host == "fly")
    assert release["environment"] == "production"
    said = KINDS[kind].next_steps()
    assert all(name in said for name in secrets_of(EVERY[kind]))


def test_it_follows_the_project() -> None:
    ssh, text = EVERY["ssh"], KINDS["ssh"].text()
    assert ssh[True]["push"]["paths"] == ["content/releases/**"]
    assert '"$PULL_HEAD" --staged --worktree -- content/releases\n' in text
    assert '--playbook patient --yes "$@"' in text
    assert EVERY["direct"]["env"] == {"TARGET": "live"}
    assert "> .env.production" in KINDS["file"].text()
    assert '--playbook content --yes --browser "$@"' in KINDS["browser"].text()
    assert ("actions/cache" in KINDS["browser"].text(), "actions/cache" in TEXT) == (True, False)


def test_a_secret_is_handed_to_a_step_and_to_none_that_runs_others_code() -> None:
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


def test_an_earlier_run_is_never_shown_as_this_one(tmp_path: Path) -> None:
    steps = {step.get("name"): step.get("run") for step in EVERY["browser"]["jobs"]["release"]["steps"]}
    note, forget = steps["note the earlier runs"], steps["forget the earlier runs if this one left no record"]
    (tmp_path / ".maulstick" / "runs" / "1").mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(tmp_path)}
    for command, left in (
        (f"{note} && mkdir .maulstick/runs/2 && {forget}", True),
        (f"{note} && {forget}", False),
    ):
        subprocess.run(["bash", "-ec", command], cwd=tmp_path, env=environment, check=True)
        assert (tmp_path / ".maulstick" / "runs").exists() is left


@pytest.mark.parametrize("uses", sorted({step["uses"] for step in STEPS if "uses" in step}))
def test_an_action_is_pinned(uses: str) -> None:
    owner, _, version = uses.rpartition("@")
    pin = r"v\d+" if owner.startswith("actions/") else r"[0-9a-f]{40}"
    assert re.fullmatch(pin, version)


def test_it_names_no_host() -> None:
    assert [re.findall(r"https?://|\.(?:org|com|io)\b", one.text()) for one in KINDS.values()] == [[]] * 6
