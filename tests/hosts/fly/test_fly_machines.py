"""What is known of machines, and waking one."""

from dataclasses import replace

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.machines import FlyMachine, FlyStatus, machines, newest_release, status, wake
from maulstick.sandbox import machines as cloud_machines
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from tests.hosts.fly.clouds import FIRST_COMMIT

WELL = FlyMachine("m1", "started", "lhr", 3, {"GIT_SHA": "abc"}, {"http": "passing"})
APP = FlyStatus("site", (WELL,), 3, True, "site.fly.dev", "acme")


def app_with(*members):
    return replace(APP, machines=members)


def test_status_of_a_healthy_app(cloud):
    now = status(cloud.fly)
    assert (now.version, now.deployed, now.organization) == (1, True, "sandbox")
    assert now.hostname == f"{SITE_APP}.fly.dev"
    assert now.healthy
    assert now.running_commit == FIRST_COMMIT
    (machine,) = machines(cloud.fly)
    assert (machine.id, machine.state, machine.region) == (cloud.machine, "started", "lhr")
    assert list(machine.checks.values()) == ["passing"]
    assert newest_release(cloud.fly).status == "complete"


@pytest.mark.parametrize(
    ("machine", "trouble"),
    [
        (replace(WELL, version=2), "m1 runs release 2, not 3"),
        (replace(WELL, checks={"http": "critical"}), "m1: http is critical"),
        (replace(WELL, checks={"http": "warning"}), "m1: http is warning"),
        (replace(WELL, state="failed"), "m1: is failed"),
        (replace(WELL, state="starting"), "m1: is starting"),
        (replace(WELL, host="unreachable"), "m1: its host is unreachable"),
    ],
)
def test_what_makes_an_app_unhealthy(machine, trouble):
    assert app_with(machine).troubles == [trouble]


@pytest.mark.parametrize(
    "machine", [replace(WELL, checks={}), replace(WELL, state="stopped", checks={"http": "critical"})]
)
def test_sleep_and_no_checks_are_healthy(machine):
    assert app_with(machine).healthy


def test_a_standby_does_not_count():
    standby = replace(WELL, id="m2", version=1, state="created", standby=True, labels={})
    assert app_with(WELL, standby).healthy
    assert app_with(WELL, standby).running_commit == "abc"
    assert app_with(standby).troubles == ["site has no machine"]


def test_machines_of_two_commits_run_none():
    assert app_with(WELL, replace(WELL, labels={"GIT_SHA": "def"})).running_commit is None
    assert app_with(replace(WELL, labels={"GH_SHA": "def"})).running_commit == "def"
    assert app_with(replace(WELL, labels={})).running_commit is None


def test_a_healthy_machine_is_chosen_first():
    unwell = replace(WELL, id="m0", checks={"http": "critical"})
    assert app_with(unwell, WELL).started == WELL
    assert app_with(unwell).started == unwell


def test_one_that_is_awake_is_left_alone(cloud):
    said = []
    assert wake(cloud.fly, cloud.site, said.append).id == cloud.machine
    assert said == []
    assert len(cloud.calls()) == 1


def test_a_sleeping_machine_is_woken_by_a_request(cloud):
    cloud_machines.stop(cloud.folder, SITE_APP, cloud.machine)
    said = []
    machine = wake(cloud.fly, cloud.site, said.append)
    assert machine.started
    assert said[0] == f"{SITE_APP} sleeps: waking it"
    assert said[1].startswith(f"{SITE_APP} is awake (")
    assert cloud.calls("machine", "start") == []


def test_one_that_no_request_reaches_is_started_by_hand(cloud):
    cloud_machines.stop(cloud.folder, SITE_APP, cloud.machine)
    assert wake(cloud.fly, "http://127.0.0.1:1/", lambda _: None).started
    assert len(cloud.calls("machine", "start")) == 1


def test_an_app_without_machines_asks_for_a_deploy(tmp_path):
    program = tmp_path / "fly"
    program.write_text("#!/bin/sh\necho '{\"Machines\": null}'\n")
    program.chmod(0o700)
    with pytest.raises(Problem, match=r"site has no machine\n  hint: deploy it first: `fly deploy -a site`"):
        wake(Fly(str(program), "site"), "http://127.0.0.1:1/", lambda _: None)


def test_another_app_is_asked_by_its_name(cloud):
    assert status(cloud.fly.of(DATABASE_APP)).healthy
