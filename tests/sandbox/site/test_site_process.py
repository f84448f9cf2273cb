"""The site as a process: quick to start, honest when its neighbours are away, polite when it is stopped."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from maulstick.sandbox import process
from maulstick.sandbox.postgres import Postgres
from tests.sandbox.site.sites import CODE, KEYS, Site, start, stop


def test_the_site_starts_within_a_moment(environment: Mapping[str, str]):
    started = start(CODE, environment, process.free_port())
    assert started.ask("/health").text == "ok\n"
    cost = psutil.Process(started.program.pid).cpu_times()
    stop(started)
    assert cost.user + cost.system < 10  # a third of a second on a quiet machine


def test_a_broken_template_stops_the_start(environment: Mapping[str, str], tmp_path: Path):
    for name in ("templates", "static"):
        shutil.copytree(CODE / name, tmp_path / name)
    (tmp_path / "templates" / "series.html").write_text("{% if %}")
    started = start(tmp_path, environment, process.free_port())
    assert started.program.wait(timeout=120) != 0
    assert "series.html" in stop(started)


def test_a_missing_setting_is_named():
    command = [sys.executable, "-m", "maulstick.sandbox.site", "--port", "1", "--code", "."]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("DATABASE_URL is not set\n")


def test_a_changed_template_shows(environment: Mapping[str, str], tmp_path: Path):
    for name in ("templates", "static"):
        shutil.copytree(CODE / name, tmp_path / name)
    (tmp_path / "templates" / "error.html").write_text("gone fishing")
    started = start(tmp_path, environment, process.free_port())
    assert started.ask("/none").text == "gone fishing"
    stop(started)


def test_a_database_that_restarts_is_away_and_then_back(site: Site, postgres: Postgres):
    assert site.ask("/series/one").status == 200
    postgres.down(None)
    away = site.ask("/series/one")
    assert (away.status, away.headers["retry-after"]) == (503, "5")
    assert site.ask("/health").status == 200
    postgres.up()
    assert site.ask("/series/one").status == 200


def test_a_storage_that_does_not_answer_is_a_bad_gateway(environment: Mapping[str, str]):
    nobody = {**environment, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{process.free_port()}"}
    started = start(CODE, nobody, process.free_port())
    assert started.ask(f"/media/{KEYS[0]}").status == 502
    stop(started)


def test_a_storage_that_refuses_our_key_is_a_bad_gateway(environment: Mapping[str, str]):
    stranger = {**environment, "AWS_SECRET_ACCESS_KEY": "wrong"}
    started = start(CODE, stranger, process.free_port())
    assert started.ask(f"/media/{KEYS[0]}").status == 502
    stop(started)


def test_a_request_on_its_way_is_answered_before_the_end(environment: Mapping[str, str]):
    started = start(CODE, environment, process.free_port())
    started.ask("/series/one")  # the first answer takes longest, and a site that ends waits five seconds
    with socket.create_connection(("127.0.0.1", started.port)) as visitor:
        visitor.sendall(b"GET /series/one HTTP/1.0\r\nHost: x\r\n\r\n")
        started.program.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: visitor.recv(65536), b""))
    assert started.program.wait(timeout=120) == 0
    assert answer.endswith(b"</html>")


def test_each_request_is_a_line_of_the_log(environment: Mapping[str, str]):
    started = start(CODE, environment, process.free_port())
    started.ask("/series/%0a%1b%5b31m?x=%0d%0aGET")
    line = stop(started).splitlines()[-1]
    assert line.startswith("GET /series/%0A%1B[31m?x=%0d%0aGET 404 ")
