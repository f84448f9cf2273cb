"""A deploy is believed by what runs, not by what it says."""

from dataclasses import replace

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.deploy import deploy, wait_healthy
from maulstick.hosts.fly.machines import status
from maulstick.sandbox import apps, launch, machines
from maulstick.sandbox.apps import SITE_APP
from tests.hosts.fly.clouds import FIRST_COMMIT


@pytest.fixture
def lines():
    return []


@pytest.fixture
def shipped(own_cloud, lines):
    def ship(page, **options):
        commit = own_cloud.commit(page)
        line = options.pop("line", lines.append)
        shipped = deploy(own_cloud.fly, own_cloud.checkout, commit=commit, line=line, **options)
        return commit, shipped.status

    return ship


def test_a_new_version_runs_with_its_commit(own_cloud, shipped, lines):
    commit, now = shipped("second")
    assert now.healthy
    assert (now.version, now.running_commit) == (2, commit)
    assert status(own_cloud.fly).running_commit == commit
    assert any("image: registry.fly.io/" in line for line in lines)
    assert own_cloud.calls("deploy") == [["deploy", "--label", f"GIT_SHA={commit}", "--yes", "-a", SITE_APP]]


def test_exit_1_of_a_deploy_that_worked(own_cloud, shipped, lines):
    apps.fault(own_cloud.folder, "deploy-exit-1-though-complete")
    commit, now = shipped("second")
    assert now.running_commit == commit
    assert any("timeout reached" in line for line in lines)


def test_exit_0_of_a_deploy_that_failed(own_cloud, shipped):
    apps.fault(own_cloud.folder, "deploy-exit-0-though-failed")
    with pytest.raises(Problem, match=r"release 2 is failed \(exit 0\)[\s\S]*\| ✖[\s\S]*fly logs -a"):
        shipped("second")
    assert status(own_cloud.fly).running_commit == FIRST_COMMIT


def test_a_version_that_does_not_start(own_cloud, shipped):
    with pytest.raises(Problem, match=r"release 2 is failed \(exit 1\)\n  \| [\s\S]*appears to be crashing"):
        shipped("broken")
    assert status(own_cloud.fly).running_commit == FIRST_COMMIT


def test_a_build_that_fails_makes_no_release(own_cloud, lines, tmp_path):
    with pytest.raises(Problem, match=r"fly deploy: "):
        deploy(own_cloud.fly, tmp_path, commit=FIRST_COMMIT, line=lines.append)
    assert status(own_cloud.fly).running_commit == FIRST_COMMIT


def test_a_deploy_before_anybody_logged_in(own_cloud, lines):
    apps.fault(own_cloud.folder, "not-logged-in")
    with pytest.raises(Problem, match=r"nobody is logged in"):
        deploy(own_cloud.fly, own_cloud.checkout, commit=FIRST_COMMIT, line=lines.append)
    assert own_cloud.calls("deploy") == []


def test_a_deploy_that_takes_too_long_is_stopped(own_cloud, lines):
    apps.delay(own_cloud.folder, "deploy", 600)
    with pytest.raises(Problem, match=r"made no release \(stopped after 1 s\)"):
        deploy(own_cloud.fly, own_cloud.checkout, commit=FIRST_COMMIT, line=lines.append, timeout=1)


def test_a_machine_that_sleeps_is_healthy(own_cloud):
    machines.stop(own_cloud.folder, SITE_APP, own_cloud.machine)
    assert wait_healthy(own_cloud.fly, timeout=0).running_commit == FIRST_COMMIT


def test_a_machine_that_stays_behind_is_told(own_cloud):
    apps.change_machine(own_cloud.folder, SITE_APP, own_cloud.machine, version=0)
    with pytest.raises(Problem, match=rf"not healthy after 0 s: {own_cloud.machine} runs release 0, not 1"):
        wait_healthy(own_cloud.fly, timeout=0)


def test_a_release_command_that_fails_is_called_so(own_cloud, shipped):
    (own_cloud.checkout / "fly.toml").write_text("[deploy]\nrelease_command = \"sh -c 'exit 7'\"\n")
    failed = r"the release_command failed with exit code 7: no machine was updated\n[\s\S]*the migrations"
    with pytest.raises(Problem, match=failed) as problem:
        shipped("second")
    assert not problem.value.harmless  # A migration may have been half done.
    assert status(own_cloud.fly).running_commit == FIRST_COMMIT


def test_a_deploy_that_another_one_follows_is_not_believed(own_cloud, shipped):
    def line(text):
        if "Visit your newly deployed app" in text:
            machines.deploy(own_cloud.folder, own_cloud.checkout, labels={"GIT_SHA": "f" * 40})

    with pytest.raises(Problem, match=rf"{SITE_APP} runs fffffff, not .*: another deploy came after"):
        shipped("second", line=line)


def test_a_token_without_rights_has_changed_nothing(own_cloud, lines):
    fly = own_cloud.with_token("FlyV1 of another app", "another-app")
    with pytest.raises(Problem, match=rf'no app "{SITE_APP}" is known to this login') as problem:
        deploy(fly, own_cloud.checkout, commit=FIRST_COMMIT, line=lines.append)
    assert problem.value.harmless


def test_what_fly_refuses_at_the_deploy_itself_is_known_too(own_cloud, lines, tmp_path):
    program = tmp_path / "fly"
    program.write_text(
        f'#!/bin/sh\ntest "$1" = deploy || exec {own_cloud.program} "$@"\n'
        "echo building >&2; echo 'Error: Not authorized to deploy this app.' >&2; exit 1\n"
    )
    program.chmod(0o700)
    fly = replace(own_cloud.fly, program=str(program))
    with pytest.raises(
        Problem, match=r"has no rights for.*\n  \| building[\s\S]*fly tokens create"
    ) as problem:
        deploy(fly, own_cloud.checkout, commit=FIRST_COMMIT, line=lines.append)
    assert problem.value.harmless


def test_no_secret_of_its_output_is_shown(own_cloud, shipped, lines):
    launch.note(own_cloud.folder, own_cloud.machine, "the password is hunter2")
    with pytest.raises(Problem) as problem:
        shipped("broken", hide=lambda text: text.replace("hunter2", "[hidden]").replace("image", "[hidden]"))
    assert "the password is [hidden]" in str(problem.value)
    assert "image" not in "".join(lines)
