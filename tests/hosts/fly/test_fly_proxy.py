"""A port to the private network, for as long as it is needed."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.proxy import proxy
from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import DATABASE_APP
from maulstick.sandbox.process import answers, wait_until
from tests.hosts.fly.clouds import CLUSTER, DATABASE_HOST, TOKEN


def echoed(port, text=b"through the proxy"):
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := client.recv(4096):
            received += chunk
        return received


@pytest.fixture
def database_machine(cloud):
    return apps.load(cloud.folder).apps[DATABASE_APP].machines[0].id


def test_bytes_go_both_ways(cloud):
    with proxy(cloud.fly, DATABASE_HOST, 5432) as port:
        assert echoed(port) == b"through the proxy"


def test_a_server_that_waits_for_its_client_is_fine_on_any_port(cloud):
    with proxy(cloud.fly, DATABASE_HOST, 7) as port:
        assert echoed(port) == b"through the proxy"


def test_another_app_lends_its_rights(cloud):
    with proxy(cloud.fly, DATABASE_HOST, 5432, app=DATABASE_APP):
        assert cloud.calls("proxy")[-1][-2:] == ["-a", DATABASE_APP]


def test_it_ends_with_its_block(cloud):
    with proxy(cloud.fly, DATABASE_HOST, 5432) as port:
        pass
    assert not answers(port)


def test_it_ends_with_an_exception(cloud):
    opened = proxy(cloud.fly, DATABASE_HOST, 5432)
    port = opened.__enter__()
    assert answers(port)
    assert not opened.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not answers(port)


@pytest.mark.parametrize(
    "opened", [f"proxy(fly, {DATABASE_HOST!r}, 5432)", f"managed_proxy(fly, {CLUSTER!r}, 0)"]
)
def test_it_ends_when_we_are_killed(cloud, opened):
    code = (
        "import sys, time; from maulstick.hosts.fly.cli import Fly; from maulstick.hosts.fly.proxy import *\n"
        f"fly = Fly({str(cloud.program)!r}, {cloud.fly.app!r})\n"
        f"with {opened} as port:\n"
        "    print(port, flush=True); time.sleep(600)"
    )
    environment = {**os.environ, **cloud.fly.environment}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        port = int(parent.stdout.readline())
        assert answers(port)
        parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not answers(port), seconds=120)


def test_a_connection_that_is_closed_at_once_is_tried_again(cloud):
    apps.fault(cloud.folder, "proxy-refuses", 2)
    with proxy(cloud.fly, DATABASE_HOST, 5432) as port:
        assert echoed(port) == b"through the proxy"


def test_a_target_that_never_answers_is_named(cloud):
    apps.fault(cloud.folder, "proxy-refuses", 1000)
    answer = rf"nothing answers at {DATABASE_HOST}:5432\n.*-a {DATABASE_APP}`"
    with pytest.raises(Problem, match=answer), proxy(cloud.fly, DATABASE_HOST, 5432, patience=1):
        pytest.fail("it was ready")
    apps.fault(cloud.folder, "proxy-refuses", 0)


def test_a_database_that_sleeps_is_told_from_one_that_is_missing(cloud, database_machine):
    machines.stop(cloud.folder, DATABASE_APP, database_machine)
    answer = rf"fly proxy: {DATABASE_HOST} has no started machine\n.*machine start"
    with pytest.raises(Problem, match=answer), proxy(cloud.fly, DATABASE_HOST, 5432):
        pytest.fail("it was ready")


def test_nobody_logged_in(cloud):
    apps.fault(cloud.folder, "not-logged-in")
    with pytest.raises(Problem, match=r"nobody is logged in"), proxy(cloud.fly, DATABASE_HOST, 5432):
        pytest.fail("it was ready")


def test_no_secret_is_in_its_arguments(cloud):
    with proxy(cloud.fly, DATABASE_HOST, 5432):
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
        assert any(b"--watch-stdin" in line for line in lines)
        assert not any(TOKEN.encode() in line for line in lines)


def readable(path):
    try:
        return path.read_bytes() is not None
    except OSError:
        return False
