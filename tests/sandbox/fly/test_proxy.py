"""`fly proxy`: the line means only that the port is bound."""

import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import DATABASE_APP
from maulstick.sandbox.process import alive, named, wait_until

HOST = f"{DATABASE_APP}.internal"


@pytest.fixture
def proxy(cloud):
    started = []

    def start(*words):
        process = cloud.start("proxy", *words)
        started.append(process)
        line = process.stdout.readline()
        process.port = int(re.fullmatch(r"Proxying localhost:(\d+) to remote \[(.+)\]:\d+\n", line)[1])
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def answer_of(port, message=b"hello"):
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        try:
            client.sendall(message)
            return client.recv(100)
        except ConnectionError:
            return b""


def test_a_free_port_is_chosen_and_said(proxy):
    assert answer_of(proxy("0:5432", HOST).port) == b"hello"


def test_each_name_of_the_database_leads_there(proxy, cloud):
    for name in (f"{DATABASE_APP}.flycast", f"top2.nearest.of.{HOST}", cloud.database_machine.address):
        assert answer_of(proxy("0:5432", name, "-q", "-b", "127.0.0.1").port) == b"hello"


def test_the_app_asked_for_is_the_default_host(proxy):
    assert answer_of(proxy("0:5432", "-a", DATABASE_APP).port) == b"hello"


def test_a_hundred_megabytes_cost_less_than_two_seconds(proxy, cloud):
    total, chunk, received, process = 100 << 20, bytes(1 << 20), 0, proxy("0:5432", HOST)
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        for _ in range(total // len(chunk)):
            client.sendall(chunk)
            goal = received + len(chunk)
            while received < goal:
                received += len(client.recv(1 << 20))
        # There and back: two hundred megabytes through the proxy.
        cost = psutil.Process(process.pid).cpu_times()
        assert cost.user + cost.system < 2


def test_the_client_ending_its_side_still_gets_the_rest(proxy):
    with socket.create_connection(("127.0.0.1", proxy("0:5432", HOST).port)) as client:
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read() == b"last words"


def test_a_taken_port_is_refused(cloud, echo_server):
    answer = cloud.fly("proxy", f"{echo_server}:5432", HOST)
    told = f"Error: listen tcp 127.0.0.1:{echo_server}: bind: address already in use\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", told)


def test_an_unknown_name_is_not_found(cloud):
    answer = cloud.fly("proxy", "0:5432", "nope.internal")
    assert (answer.returncode, answer.stderr) == (1, "Error: nope.internal: host was not found in DNS\n")


def test_a_sleeping_database_has_no_name(cloud):
    machines.stop(cloud.folder, DATABASE_APP, cloud.database_machine.id)
    assert cloud.fly("proxy", "0:5432", HOST).stderr == f"Error: {HOST}: host was not found in DNS\n"


def test_connections_close_while_the_target_is_down(proxy, cloud):
    port = proxy("0:5432", HOST).port
    machines.stop(cloud.folder, DATABASE_APP, cloud.database_machine.id)
    assert answer_of(port) == b""
    machines.start(cloud.folder, DATABASE_APP, cloud.database_machine.id)
    assert answer_of(port) == b"hello"


def test_a_port_where_nothing_listens_accepts_then_closes(proxy):
    assert answer_of(proxy("0:9999", HOST).port) == b""


def test_the_proxy_can_refuse_some_times(proxy, cloud):
    apps.fault(cloud.folder, "proxy-refuses", times=2)
    port = proxy("0:5432", HOST).port
    assert [answer_of(port) for _ in range(3)] == [b"", b"", b"hello"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_0(proxy, number):
    process = proxy("0:5432", HOST)
    process.send_signal(number)
    assert process.wait(120) == 0


def test_it_dies_with_its_parent_when_it_watches_stdin(proxy):
    process = proxy("0:5432", HOST, "--watch-stdin")
    assert answer_of(process.port) == b"hello"
    process.stdin.close()
    process.stdin = None
    assert process.wait(120) == 0


def test_it_leaves_no_orphan_when_its_parent_is_killed(cloud):
    words = [sys.executable, "-m", "maulstick.sandbox.fly", "proxy", "0:5432", HOST, "--watch-stdin"]
    script = f"import subprocess as s; p = s.Popen({words}, stdin=s.PIPE); print(p.pid, flush=True); p.wait()"
    pipe = subprocess.PIPE
    parent = subprocess.Popen([sys.executable, "-c", script], env=cloud.environment, stdout=pipe, text=True)
    said = {parent.stdout.readline(), parent.stdout.readline()}
    child = named(int(next(line for line in said if line.strip().isdigit())))
    parent.kill()
    parent.communicate()
    assert wait_until(lambda: not alive(child), seconds=120)


def test_it_outlives_stdin_when_it_does_not(proxy):
    process = proxy("0:5432", HOST)
    process.stdin.close()
    process.stdin = None
    time.sleep(0.2)
    assert process.poll() is None


def test_a_slow_name_is_waited_for(cloud):
    machines.stop(cloud.folder, DATABASE_APP, cloud.database_machine.id)
    apps.delay(cloud.folder, "dns", 600)
    process = cloud.start("proxy", "0:5432", HOST)
    machines.start(cloud.folder, DATABASE_APP, cloud.database_machine.id)
    assert process.stdout.readline().startswith("Proxying localhost:")
    apps.delay(cloud.folder, "dns", 0.3)
    process.kill()
    process.communicate()


def test_a_name_that_is_there_can_be_lost(cloud, proxy):
    apps.fault(cloud.folder, "dns-not-found")
    assert "host was not found in DNS" in cloud.fly("proxy", "0:5432", HOST).stderr
    assert answer_of(proxy("0:5432", HOST).port) == b"hello"


def test_a_managed_database_has_a_proxy_of_its_own(managed):
    process = managed.start("mpg", "proxy", "abc123", "-p", "0")
    line = process.stdout.readline()
    port = int(
        re.fullmatch(r"Proxying localhost:(\d+) to remote \[direct.abc123.flympg.net\]:5432\n", line)[1]
    )
    assert answer_of(port) == b"hello"
    process.stdin.close()
    process.stdin = None
    time.sleep(0.2)
    assert process.poll() is None  # it watches no stdin
    process.kill()
    process.communicate()


def test_a_managed_database_may_be_unknown_or_want_another_login(managed):
    told = "Error: failed retrieving cluster nope: not found\n"
    assert managed.fly("mpg", "proxy", "nope").stderr == told
    assert managed.fly("mpg", "proxy").stderr == "Error: prompt: non interactive\n"
    apps.fault(managed.folder, "mpg-old-token")
    assert "older-style tokens" in managed.fly("mpg", "proxy", "abc123").stderr


@pytest.fixture
def managed(cloud, echo_server):
    """The cloud with a managed database."""
    name = "direct.abc123.flympg.net:5432"
    address = f"127.0.0.1:{echo_server}"
    apps.change(cloud.folder, lambda world: replace(world, hosts={**world.hosts, name: address}))
    return cloud
