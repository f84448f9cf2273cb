"""The way to the app's database, whatever its host is and whoever may use it."""

import os
import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly import database, proxy
from maulstick.hosts.fly.database import Tunnels
from maulstick.hosts.loopback import at_home
from maulstick.redact import Secret
from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from maulstick.sandbox.process import wait_until
from tests.hosts.fly.clouds import CLUSTER, DATABASE_HOST, TOKEN

FLYCAST = Secret(f"postgres://me:pa%40ss@{DATABASE_HOST}:5432/site?sslmode=disable")
POOLED = Secret(f"postgresql://fly-user:pass@pgbouncer.{CLUSTER}.flympg.net/fly-db")


@pytest.fixture
def said():
    return []


@pytest.fixture
def tunnels(cloud, said):
    with ExitStack() as stack:
        yield lambda fly=cloud.fly, database_app=DATABASE_APP: Tunnels(fly, database_app, stack, said.append)


@pytest.fixture
def asleep(cloud):
    """The database app with its only machine stopped."""
    machine = apps.load(cloud.folder).apps[DATABASE_APP].machines[0].id
    machines.stop(cloud.folder, DATABASE_APP, machine)
    return machine


def echoes(address):
    with socket.create_connection(("127.0.0.1", urlsplit(address.reveal()).port), timeout=120) as client:
        client.sendall(b"through")
        return client.recv(100) == b"through"


def test_a_private_host_is_reached_with_the_rights_of_the_app(cloud, tunnels, said):
    address = tunnels().lead(FLYCAST)
    assert echoes(address)
    parts = urlsplit(address.reveal())
    assert (parts.username, parts.password, parts.hostname, parts.path, parts.query) == (
        *("me", "pa%40ss", "127.0.0.1", "/site", "sslmode=disable"),
    )
    inside = f"{DATABASE_APP}.internal"
    assert cloud.calls() == [["proxy", "0:5432", inside, "--watch-stdin", "-q", "-a", SITE_APP]]
    assert said == []


@pytest.mark.parametrize("host", [f"{DATABASE_APP}.internal", f"top2.nearest.of.{DATABASE_APP}.internal"])
def test_every_private_name_is_asked_for_as_it_stands(cloud, tunnels, host):
    assert echoes(tunnels().lead(Secret(f"postgres://me@{host}/site")))
    assert cloud.calls()[0][2] == host


@pytest.mark.parametrize("host", ["db.neon.tech", "localhost:5433", "flycast.example.org", "internal"])
def test_a_public_host_is_left_alone(tunnels, host):
    address = Secret(f"postgres://me:pass@{host}/site?sslmode=verify-full")
    assert tunnels(fly=None).lead(address) == address


def test_one_way_serves_a_whole_release(cloud, tunnels):
    ways = tunnels()
    assert ways.lead(FLYCAST) == ways.lead(FLYCAST)
    assert len(cloud.calls()) == 1


def test_rights_for_the_database_app_alone_will_do(cloud, tunnels, said):
    fly = cloud.with_token("FlyV1 of the database", DATABASE_APP)
    assert echoes(tunnels(fly).lead(FLYCAST))
    assert [call[-1] for call in cloud.calls("proxy")] == [SITE_APP, DATABASE_APP]
    assert said == [f'no app "{SITE_APP}" is known to this login: trying {DATABASE_APP}']


def test_a_name_that_the_app_s_network_lacks_is_asked_for_on_the_database_s(cloud, tunnels):
    apps.fault(cloud.folder, "dns-not-found")
    assert echoes(tunnels(database_app="").lead(FLYCAST))
    assert cloud.calls("proxy")[-1][-1] == DATABASE_APP


def test_rights_for_neither_name_both(cloud, tunnels):
    fly = cloud.with_token("FlyV1 of another", "another")
    both = rf'no app "{SITE_APP}" is known.*; by {DATABASE_APP}: no app "{DATABASE_APP}"[\s\S]*tokens create'
    with pytest.raises(Problem, match=both):
        tunnels(fly).lead(FLYCAST)


def test_a_database_that_sleeps_is_started(cloud, tunnels, asleep, said):
    assert echoes(tunnels().lead(FLYCAST))
    assert cloud.calls("machine", "start") == [["machine", "start", asleep, "-a", DATABASE_APP]]
    assert said[0] == f"{DATABASE_APP} sleeps: starting it"
    assert said[1].startswith(f"{DATABASE_APP} is awake (")


def test_it_is_started_while_fly_still_looks_for_its_name(cloud, tunnels, asleep, said, monkeypatch):
    monkeypatch.setattr(proxy, "LATE_SECONDS", 0.2)
    apps.delay(cloud.folder, "dns", 3600)
    assert echoes(tunnels().lead(FLYCAST))
    apps.delay(cloud.folder, "dns", 0.3)
    assert len(cloud.calls("proxy")) == len(said) == 1


def test_a_database_that_sleeps_and_may_not_be_started_is_told(cloud, tunnels, asleep):
    fly = cloud.with_token("FlyV1 of the site", SITE_APP)
    with pytest.raises(
        Problem, match=rf"has no started machine; by {DATABASE_APP}: no app.*\n.*tokens create"
    ):
        tunnels(fly).lead(FLYCAST)


def test_a_database_that_falls_asleep_in_between_is_started_again(cloud, tunnels, said):
    ways = tunnels()
    ways.lead(FLYCAST)
    machines.stop(cloud.folder, DATABASE_APP, apps.load(cloud.folder).apps[DATABASE_APP].machines[0].id)
    assert echoes(ways.lead(FLYCAST))
    assert said[0] == f"the way to {DATABASE_HOST} is gone: opening it again"
    assert len(said) == 3


def test_a_proxy_that_dies_in_between_is_opened_again(cloud, tunnels):
    ways = tunnels()
    before = ways.lead(FLYCAST)
    kill_proxy(DATABASE_APP)
    assert wait_until(lambda: not answers(before), seconds=120)
    assert echoes(ways.lead(FLYCAST))


def test_a_managed_database_is_reached_at_its_direct_address(cloud, tunnels):
    address = tunnels().lead(POOLED)
    assert echoes(address)
    assert address.reveal().endswith("/fly-db?sslmode=prefer")
    assert cloud.calls() == [["mpg", "proxy", CLUSTER, "-p", "0"]]


def test_a_flyctl_that_chooses_no_port_is_given_one(cloud, tunnels):
    apps.fault(cloud.folder, "mpg-port-0")
    assert echoes(tunnels().lead(POOLED))
    assert [call[-1] == "0" for call in cloud.calls("mpg")] == [True, False]


def test_a_login_too_old_for_managed_databases_goes_by_the_app(cloud, tunnels, said):
    apps.fault(cloud.folder, "mpg-old-token")
    assert echoes(tunnels().lead(POOLED))
    assert cloud.calls("proxy")[0][2] == f"direct.{CLUSTER}.flympg.net"
    assert said == [f"the login is too old for managed databases: trying the rights of {SITE_APP}"]


def test_a_managed_database_that_nobody_knows_is_named(cloud, tunnels):
    with pytest.raises(Problem, match=r'no rights for the managed database "nope"\n.*fly mpg list'):
        tunnels().lead(Secret("postgres://me:pass@direct.nope.flympg.net/db"))


def test_no_way_shows_a_secret(cloud, tunnels, said):
    fly = cloud.with_token("FlyV1 of nothing")
    with pytest.raises(Problem) as problem:
        tunnels(fly).lead(FLYCAST)
    assert not any(secret in f"{problem.value!r} {said}" for secret in ("pa%40ss", "FlyV1", TOKEN))


@pytest.mark.parametrize("address", ["postgres://me:hunter/2@x.flycast/db", "postgres://x.flycast:99999/db"])
def test_an_address_that_is_none_shows_no_part_of_its_password(tunnels, address):
    with pytest.raises(Problem, match=r"DATABASE_URL: is not an address.*\n.*%2F for /") as problem:
        tunnels(fly=None).lead(Secret(address))
    assert problem.value.__context__ is None
    assert "hunter" not in repr(problem.value)


@pytest.mark.parametrize(
    ("options", "at_127"),
    [
        ("", "sslmode=prefer"),
        ("sslmode=disable", "sslmode=disable"),
        ("sslmode=require&application_name=a%20b", "sslmode=require&application_name=a%20b"),
        ("sslmode=verify-full&sslrootcert=system", "sslmode=require"),
        ("sslrootcert=/ca.pem&sslmode=verify-ca", "sslrootcert=/ca.pem&sslmode=require"),
    ],
)
def test_no_more_is_asked_of_127_0_0_1_than_it_can_show(options, at_127):
    moved = at_home(Secret(f"postgres://me:p%23w@there:5433/db?{options}"), 6000)
    assert moved.reveal() == f"postgres://me:p%23w@127.0.0.1:6000/db?{at_127}"


def answers(address):
    port = urlsplit(address.reveal()).port
    return proxy.answers(port, database.POSTGRES_SSL_REQUEST, 5)


def kill_proxy(name):
    for place in map(Path, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()):
        words = ("/proc" / place / "cmdline").read_bytes().split(b"\0")
        if b"proxy" in words and f"{name}.internal".encode() in words:
            os.kill(int(place.name), signal.SIGKILL)
