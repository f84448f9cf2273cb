"""The edge: always listening, waking, mending."""

import os
import shutil
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from maulstick.errors import Problem
from maulstick.sandbox import apps, edge, machines, releases
from maulstick.sandbox.apps import SITE_APP
from maulstick.sandbox.process import alive, free_port, named, wait_until


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: not alive(process), seconds=120)


def test_a_visitor_wakes_a_sleeping_machine(cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    assert (cloud.machine.state, cloud.machine.process) == ("stopped", None)
    assert cloud.page() == "first"
    assert cloud.machine.state == "started"


def test_many_visitors_at_once_wake_it_once(cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    with ThreadPoolExecutor(12) as visitors:
        pids = set(visitors.map(cloud.page, ["/pid"] * 12))
    assert pids == {str(cloud.machine.process.pid)}


def test_a_glance_at_the_port_wakes_nothing(cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    socket.create_connection(("127.0.0.1", cloud.site_port)).close()
    assert cloud.machine.state == "stopped"


def test_a_machine_is_seen_starting(cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    hold = releases.code_of(cloud.folder, SITE_APP, cloud.machine.version) / "hold"
    hold.touch()
    starting = cloud.start("machine", "start", cloud.machine.id)
    assert wait_until(lambda: cloud.machine.state == "starting", seconds=120)
    hold.unlink()
    starting.communicate()
    assert cloud.machine.state == "started"


def test_a_visitor_just_after_a_kill_is_served_by_a_new_process(cloud):
    for _ in range(5):
        os.kill(cloud.machine.process.pid, signal.SIGKILL)
        assert cloud.page() == "first"


def test_a_killed_process_of_a_started_machine_is_replaced_without_a_visitor(cloud):
    kill(cloud.machine.process)
    assert wait_until(lambda: machines.is_up(cloud.app, cloud.machine), seconds=120)


def test_a_killed_edge_comes_back_on_the_same_port(cloud):
    kill(apps.load(cloud.folder).edge)
    edge.up(cloud.folder)
    assert cloud.page() == "first"


def test_up_twice_changes_nothing(cloud):
    before = apps.load(cloud.folder)
    edge.up(cloud.folder)
    assert apps.load(cloud.folder) == before


def test_down_leaves_no_process_and_up_brings_all_back(own_cloud):
    processes = apps.processes_of(apps.load(own_cloud.folder))
    edge.down(own_cloud.folder)
    assert len(processes) == 2
    assert not any(map(alive, processes))
    edge.up(own_cloud.folder)
    assert own_cloud.page() == "first"


def test_a_process_left_by_a_killed_starter_is_ended(own_cloud):
    starter = own_cloud.start("--", "true")
    starter.communicate()
    left = own_cloud.machine.process
    owner = named(starter.pid)
    stray = apps.Stray(left, own_cloud.machine.port, 0, owner)
    apps.change(own_cloud.folder, lambda world: apps.replace(world, strays=(stray,)))
    assert wait_until(lambda: not alive(left) and not apps.load(own_cloud.folder).strays, seconds=120)


def test_a_taken_port_is_said(own_cloud, echo_server):
    edge.down(own_cloud.folder)
    apps.change_app(own_cloud.folder, SITE_APP, lambda app: apps.replace(app, port=echo_server))
    with pytest.raises(Problem, match=f"port {echo_server} is taken"):
        edge.up(own_cloud.folder)


def test_when_the_sandbox_is_gone_its_processes_go(own_cloud):
    processes = apps.processes_of(apps.load(own_cloud.folder))
    shutil.rmtree(own_cloud.folder)
    assert wait_until(lambda: not any(map(alive, processes)), seconds=120)


def test_a_new_world_ends_the_processes_of_the_old(own_cloud):
    processes = apps.processes_of(apps.load(own_cloud.folder))
    apps.create(own_cloud.folder, environment={}, hosts={}, token="other", site_port=free_port())
    assert not any(map(alive, processes))


def test_an_app_without_release_answers_502(own_cloud):
    edge.down(own_cloud.folder)
    apps.create(own_cloud.folder, environment={}, hosts={}, token="t", site_port=own_cloud.site_port)
    edge.up(own_cloud.folder)
    visitor = own_cloud.visitor()
    visitor.request("GET", "/")
    assert visitor.getresponse().status == 502
