"""A machine that stops while somebody works on it, and one of several."""

from dataclasses import replace

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.connection import AppConnection
from maulstick.hosts.fly.environment import read_environment
from maulstick.hosts.fly.machines import wake
from maulstick.redact import Secret
from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import SITE_APP


@pytest.fixture
def connection(cloud):
    """A way to a machine that is woken when it must be, as a release has it."""
    opened = []

    def connect(way):
        woken = lambda: wake(cloud.fly, cloud.site, lambda _: None).id  # noqa: E731
        ours = {"organization": apps.ORGANIZATION, "wake": woken}
        opened.append(AppConnection(cloud.fly, cloud.machine, way=way, **ours))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def two_machines(cloud):
    def doubled(app):
        return replace(app, machines=(app.machines[0], replace(app.machines[0], id="second")))

    apps.change_app(cloud.folder, SITE_APP, doubled)
    yield cloud
    apps.change_app(cloud.folder, SITE_APP, lambda app: replace(app, machines=app.machines[:1]))


@pytest.mark.parametrize("way", ["console", "exec"])
def test_a_machine_that_stops_in_between_is_woken(connection, cloud, way):
    apps.fault(cloud.folder, "machine-stops")
    assert connection(way).run("echo here", hide=True).stdout == "here\n"
    assert apps.load(cloud.folder).faults["machine-stops"] == 0


def test_a_session_that_finds_its_machine_asleep_is_opened_all_the_same(connection, cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine)
    assert connection("certificate").run("echo here", hide=True).stdout == "here\n"


def test_one_that_stops_each_time_is_a_problem(connection, cloud):
    apps.fault(cloud.folder, "machine-stops", 2)
    with pytest.raises(Problem, match=rf'no machine of "{SITE_APP}" answers'):
        connection("console").run("echo here")


@pytest.mark.parametrize("way", ["console", "exec"])
def test_with_two_machines_nothing_but_the_output_comes(two_machines, way):
    connection = two_machines.connection(way)
    assert connection.run("printenv FLY_MACHINE_ID", hide=True).stdout == f"{two_machines.machine}\n"


def test_a_choice_that_is_said_all_the_same_corrupts_no_value(cloud):
    apps.fault(cloud.folder, "ssh-says-its-choice")
    assert read_environment(cloud.connection(), ["PHX_HOST"]) == {"PHX_HOST": Secret("localhost")}
