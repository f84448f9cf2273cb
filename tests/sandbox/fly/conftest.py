"""Places of the stand-in's contract suite: a small cloud with one release, and what people type at it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from maulstick.sandbox import apps, edge, machines
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from maulstick.sandbox.process import free_port

TOKEN = "FlyV1 fm2_test"
SITE = (sys.executable, str(Path(__file__).with_name("tiny_site.py")))
DATABASE_URL = f"postgres://someone:pa55word@{DATABASE_APP}.flycast:5432/someone?sslmode=disable"


@dataclass
class Cloud:
    """The stand-in cloud in a temporary folder, and its `fly`."""

    folder: Path
    checkout: Path
    site_port: int
    database_port: int

    @property
    def environment(self):
        ours = {"MAULSTICK_SANDBOX": str(self.folder), "FLY_API_TOKEN": TOKEN, "FLY_APP": SITE_APP}
        return {"PATH": os.environ["PATH"], **ours}

    def start(self, *words, without=(), **options):
        environment = {**self.environment, **options.pop("env", {})}
        for name in without:
            del environment[name]
        command = [sys.executable, "-m", "maulstick.sandbox.fly", *words]
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment, text=True, **{**streams, **options})

    def fly(self, *words, stdin="", **options):
        process = self.start(*words, **options)
        out, err = process.communicate(stdin, timeout=600)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def told(self, *words):
        return json.loads(self.fly(*words).stdout)

    def deploy(self, page, *words):
        (self.checkout / "page.txt").write_text(page, encoding="utf-8")
        return self.fly("deploy", "--yes", *words, cwd=self.checkout)

    def page(self, path="/"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.site_port}{path}", timeout=120) as answer:
            return answer.read().decode()

    def visitor(self):
        return http.client.HTTPConnection("127.0.0.1", self.site_port, timeout=120)

    @property
    def app(self):
        return apps.load(self.folder).apps[SITE_APP]

    @property
    def machine(self):
        return self.app.machines[0]

    @property
    def database_machine(self):
        return apps.load(self.folder).apps[DATABASE_APP].machines[0]


@pytest.fixture(scope="session")
def make_cloud():
    made = []

    def make(folder, database_port=1):
        checkout = folder / "checkout"
        checkout.mkdir(parents=True)
        cloud = Cloud(folder / "state", checkout, free_port(), database_port)
        made.append(cloud)
        subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
        (checkout / "page.txt").write_text("first")
        (checkout / "fly.toml").write_text(f'app = "{SITE_APP}"\n')
        apps.create(
            cloud.folder,
            environment={"DATABASE_URL": DATABASE_URL, "PHX_HOST": "localhost", "S3_BUCKET": "pictures"},
            hosts={f"{DATABASE_APP}.flycast:5432": f"127.0.0.1:{database_port}"},
            token=TOKEN,
            site_port=cloud.site_port,
            program=SITE,
        )
        machines.deploy(cloud.folder, checkout, labels={"GIT_SHA": "abc1234"})
        edge.up(cloud.folder)
        return cloud

    yield make
    for cloud in made:
        edge.down(cloud.folder)


@pytest.fixture(scope="session")
def shared_cloud(make_cloud, tmp_path_factory, echo_server):
    return make_cloud(tmp_path_factory.mktemp("cloud") / "here", echo_server)


@pytest.fixture
def cloud(shared_cloud):
    """One cloud for tests that leave it as it was."""
    for app in (SITE_APP, DATABASE_APP):
        machines.start(shared_cloud.folder, app, apps.load(shared_cloud.folder).apps[app].machines[0].id)
    return shared_cloud


@pytest.fixture
def own_cloud(make_cloud, tmp_path):
    """A cloud that a test may break."""
    cloud = make_cloud(tmp_path / "own")
    yield cloud
    edge.down(cloud.folder)


@pytest.fixture(scope="session")
def echo_server():
    """Stands where a database would: it sends back what it gets."""
    server = socket.create_server(("127.0.0.1", 0))

    def echo(client):
        with client:
            while received := client.recv(1 << 18):
                client.sendall(received)

    def serve():
        while True:
            client, _ = server.accept()
            threading.Thread(target=echo, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]
