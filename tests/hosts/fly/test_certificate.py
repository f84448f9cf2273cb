"""Real SSH by certificate: what it brings, what it leaves behind, and how it is refused."""

import stat
import tempfile
from threading import Thread

import pytest
from paramiko import ChannelException, SSHClient

from maulstick.errors import Problem
from maulstick.hosts.fly.certificate import issued, log_in
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.proxy import proxy
from maulstick.sandbox import apps, machines, ssh_keys
from maulstick.sandbox.apps import ORGANIZATION, SITE_APP
from maulstick.sandbox.process import answers, wait_until


@pytest.fixture(params=["certificate", "openssh"])
def connection(request, cloud, connections):
    way = request.param
    return connections[way] if way in connections else request.getfixturevalue(way)


@pytest.fixture
def fresh(cloud):
    with cloud.connection("certificate") as connection:
        yield connection


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def door(cloud, connections):
    """A port that leads to the SSH server of the machine."""
    with proxy(cloud.fly, connections["certificate"].host, 22) as port:
        yield port


def written(folder, key, certificate=None):
    (folder / "key").write_bytes(key)
    if certificate:
        (folder / "key-cert.pub").write_bytes(certificate)
    return folder / "key"


def test_files_go_there_and_come_back(connection, tmp_path):
    text = "Zoë 蓮\n".encode() * 50_000
    (tmp_path / "local").write_bytes(text)
    there = tmp_path / "there"
    connection.put(str(tmp_path / "local"), remote=f"{there}.part")
    connection.sftp().posix_rename(f"{there}.part", str(there))
    connection.get(str(there), local=str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == text
    assert connection.run(f"stat -c %s {there}", hide=True).stdout == f"{len(text)}\n"


def test_relative_paths_begin_at_the_root_of_the_machine(connection):
    assert connection.sftp().normalize(".") == "/"


def test_files_need_the_certificate(cloud, tmp_path):
    for way in ("console", "exec"):
        with pytest.raises(Problem, match=r'runs commands only.*\n.*ssh = "certificate"'):
            cloud.connection(way).put(str(tmp_path), remote="/nowhere")


def test_many_commands_need_one_login(fresh, cloud):
    for _ in range(5):
        fresh.run("true")
    assert [call[:2] for call in cloud.calls()] == [["ssh", "issue"], ["proxy", "0:22"]]


def test_the_key_lies_in_a_folder_of_its_own_for_the_login_only(cloud, fresh, temporary):
    with issued(cloud.fly, ORGANIZATION) as key:
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (key.parent, *sorted(key.parent.iterdir()))]
        assert modes == [0o700, 0o600, 0o600]
    fresh.run("true")
    assert not list(temporary.iterdir())
    assert all("--overwrite" not in call and "--agent" not in call for call in cloud.calls("ssh", "issue"))


def test_the_proxy_ends_with_the_connection(cloud):
    with cloud.connection("certificate") as connection:
        connection.run("true")
        port = connection.transport.getpeername()[1]
        assert answers(port)
    assert not answers(port)


def test_what_lies_around_in_the_home_folder_is_not_used(fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n  User nobody\n  ProxyCommand false\n")
    (tmp_path / ".ssh" / "id_ed25519").write_text("not a key")
    (tmp_path / ".fabric.yaml").write_text("connect_kwargs: {password: guess}\n")
    assert fresh.run("echo here", hide=True).stdout == "here\n"


def test_a_connection_that_breaks_is_made_anew(connection):
    connection.run("true")
    connection.transport.sock.close()
    assert connection.run("echo here", hide=True).stdout == "here\n"


def test_a_machine_that_stops_under_a_command_is_a_problem(fresh, cloud, caplog, tmp_path):
    def stop():
        assert wait_until((tmp_path / "begun").exists, seconds=600)
        machines.stop(cloud.folder, SITE_APP, cloud.machine)

    stopping = Thread(target=stop)
    stopping.start()
    with pytest.raises(Problem, match=r"ssh: .*\n.*may have stopped"):
        fresh.run(f"sh -c 'touch {tmp_path}/begun; exec sleep 100'")
    stopping.join()
    assert not caplog.records


def test_a_command_that_is_killed_is_a_problem(connection):
    with pytest.raises(Problem, match=r"without an exit status\n.*was killed"):
        connection.run("sh -c 'kill -9 $$'", warn=True)


def test_a_refused_certificate_names_the_ways_out(cloud, fresh, temporary):
    apps.fault(cloud.folder, "ssh-issue-refused")
    with pytest.raises(Problem, match=r'fly ssh issue: .*may not issue.*\n.*ssh = "console".*fly tokens'):
        fresh.run("true")
    assert not list(temporary.iterdir())
    assert not cloud.calls("proxy")


def test_an_app_without_organization_is_named(cloud):
    fresh = cloud.connection("certificate")
    fresh._set(organization="")
    with pytest.raises(Problem, match=r'no organization.*\n.*ssh = "console"'):
        fresh.run("true")


def test_files_that_were_never_written_are_noticed(cloud, tmp_path):
    program = tmp_path / "fly"
    program.write_text("#!/bin/sh\necho Wrote 1-hour SSH credential to $4, $4-cert.pub\n: > $4\n")
    program.chmod(0o700)
    fly = Fly(str(program), SITE_APP)
    with pytest.raises(Problem, match=r"wrote no certificate"), issued(fly, ORGANIZATION):
        pytest.fail("there is none")


def test_a_key_without_its_certificate_is_not_taken(cloud, door, tmp_path):
    key, _ = ssh_keys.login(cloud.folder, hours=1, users=["root"])
    with pytest.raises(Problem, match=r"does not take the certificate"):
        log_in(SSHClient(), door, written(tmp_path, key))


@pytest.mark.parametrize(("hours", "user"), [(0, "root"), (1, "fly")])
def test_a_certificate_of_the_wrong_time_or_user_is_not_taken(cloud, door, tmp_path, hours, user):
    key, certificate = ssh_keys.login(cloud.folder, hours=hours, users=[user])
    with pytest.raises(Problem, match=r"does not take the certificate"):
        log_in(SSHClient(), door, written(tmp_path, key, certificate))


def test_a_certificate_of_another_authority_is_not_taken(door, tmp_path):
    (tmp_path / "fly").mkdir()
    key, certificate = ssh_keys.login(tmp_path, hours=1, users=["root"])
    with pytest.raises(Problem, match=r"does not take the certificate"):
        log_in(SSHClient(), door, written(tmp_path, key, certificate))


def test_ports_are_not_forwarded(connection):
    connection.open()
    with pytest.raises(ChannelException):
        connection.transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=120)


def test_a_server_that_never_speaks_is_a_problem(tmp_path, cloud, database_port, caplog):
    key, certificate = ssh_keys.login(cloud.folder, hours=1, users=["root"])
    with pytest.raises(Problem, match=r"ssh: no session with the machine"):
        log_in(SSHClient(), database_port, written(tmp_path, key, certificate))
    assert not caplog.records
