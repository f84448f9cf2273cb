"""A deploy is believed by what runs, not by what it says."""

import pytest
from clouds import FIRST_COMMIT

from maulstick.errors import Problem
from maulstick.fly.deploy import deploy, last_log_lines, wait_healthy
from maulstick.fly.machines import status
from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import SITE_APP


@pytest.fixture
def lines():
    return []


@pytest.fixture
def shipped(own_cloud, lines):
    def ship(page):
        commit = own_cloud.commit(page)
        return commit, deploy(own_cloud.fly, own_cloud.checkout, commit=commit, line=lines.append)

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
    with pytest.raises(Problem, match=r"fly deploy: release 2 is failed[\s\S]*\| .*[\s\S]*fly logs -a"):
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
    apps.delay(own_cloud.folder, "deploy", 30)
    with pytest.raises(Problem, match=r"made no release \(stopped after 1 s\)"):
        deploy(own_cloud.fly, own_cloud.checkout, commit=FIRST_COMMIT, line=lines.append, timeout=1)


def test_a_machine_that_sleeps_is_healthy(own_cloud):
    machines.stop(own_cloud.folder, SITE_APP, own_cloud.machine)
    assert wait_healthy(own_cloud.fly, timeout=0).running_commit == FIRST_COMMIT


def test_a_machine_that_stays_behind_is_told(own_cloud):
    apps.change_machine(own_cloud.folder, SITE_APP, own_cloud.machine, version=0)
    with pytest.raises(Problem, match=rf"not healthy after 0 s: {own_cloud.machine} runs release 0, not 1"):
        wait_healthy(own_cloud.fly, timeout=0)


def test_the_last_log_lines_are_what_the_machines_wrote(own_cloud):
    lines = last_log_lines(own_cloud.fly)
    assert 0 < len(lines) <= 8
    assert all(f" app[{own_cloud.machine}] lhr [" in line for line in lines)


def test_logs_that_never_come_are_not_waited_for(own_cloud, monkeypatch):
    apps.delay(own_cloud.folder, "logs", 60)
    monkeypatch.setattr("maulstick.fly.deploy.LOG_SECONDS", 0.5)
    assert last_log_lines(own_cloud.fly) == ()
