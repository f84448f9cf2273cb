"""Places of the tests of `maulstick.hosts.fly`: a small cloud with one release, and our way to it."""

import os
import socket
import sys
import threading

import pytest

from maulstick.sandbox import apps, edge, machines
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from maulstick.sandbox.process import free_port
from tests.hosts.fly import openssh as openssh_server
from tests.hosts.fly.clouds import DATABASE_PLACES, ENVIRONMENT, FIRST_COMMIT, TINY_SITE, TOKEN, Cloud, git


@pytest.fixture(scope="session")
def make_cloud(database_port):
    made = []

    def make(folder):
        checkout, program = folder / "checkout", folder / "fly"
        checkout.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m maulstick.sandbox.fly "$@"\n')
        program.chmod(0o700)
        port = free_port()
        cloud = Cloud(folder / "state", checkout, f"http://127.0.0.1:{port}/", program)
        made.append(cloud)
        git(checkout, "init", "-q", "-b", "main")
        (checkout / "fly.toml").write_text(f'app = "{SITE_APP}"\n')
        cloud.commit("first")
        apps.create(
            cloud.folder,
            environment=ENVIRONMENT,
            hosts=dict.fromkeys(DATABASE_PLACES, f"127.0.0.1:{database_port}"),
            token=TOKEN,
            site_port=port,
            program=(sys.executable, str(TINY_SITE)),
        )
        machines.deploy(cloud.folder, checkout, labels={"GIT_SHA": FIRST_COMMIT})
        edge.up(cloud.folder)
        return cloud

    yield make
    for cloud in made:
        edge.down(cloud.folder)


@pytest.fixture(scope="session")
def shared_cloud(make_cloud, tmp_path_factory):
    return make_cloud(tmp_path_factory.mktemp("fly") / "here")


@pytest.fixture
def cloud(shared_cloud):
    """One cloud for tests that leave it as it was, awake and without calls."""
    for app in (SITE_APP, DATABASE_APP):
        machines.start(shared_cloud.folder, app, apps.load(shared_cloud.folder).apps[app].machines[0].id)
    (shared_cloud.folder / "fly" / "calls.jsonl").unlink(missing_ok=True)
    return shared_cloud


@pytest.fixture
def own_cloud(make_cloud, tmp_path):
    """A cloud that a test may deploy to."""
    cloud = make_cloud(tmp_path / "own")
    yield cloud
    edge.down(cloud.folder)


@pytest.fixture(scope="session")
def connections(shared_cloud):
    """The ways to a machine, each kept open as a release keeps it."""
    kept = {way: shared_cloud.connection(way) for way in ("console", "exec", "certificate")}
    yield kept
    for connection in kept.values():
        connection.close()


@pytest.fixture(scope="session")
def openssh(shared_cloud, connections, tmp_path_factory):
    """A connection to OpenSSH's own server."""
    if openssh_server.PROGRAM is None:
        pytest.skip("openssh-server is not installed")
    if os.geteuid() != 0:
        pytest.skip("sshd lets root in only when it runs as root")
    process = openssh_server.start(shared_cloud, tmp_path_factory.mktemp("sshd"))
    with openssh_server.connection(shared_cloud) as connection:
        yield connection
    process.terminate()
    process.wait(120)


@pytest.fixture(scope="session")
def database_port():
    """Where a database would be: it says nothing first, answers the request for TLS with N, then echoes."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(client):
        with client:
            received = client.recv(8)
            client.sendall(b"N" if received[4:] == b"\x04\xd2\x16\x2f" else received)
            while received := client.recv(1 << 18):
                client.sendall(received)

    def serve():
        while True:
            client, _ = server.accept()
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]
