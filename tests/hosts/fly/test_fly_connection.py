"""What can befall `fly ssh console` and `fly machine exec`, and nothing else."""

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.connection import AppConnection
from maulstick.sandbox import apps
from maulstick.sandbox.apps import SITE_APP


def test_output_lost_once_is_asked_for_again(cloud):
    apps.fault(cloud.folder, "ssh-empty-once")
    assert cloud.connection().run("echo here", hide=True, expect_output=True).stdout == "here\n"
    apps.fault(cloud.folder, "ssh-empty-once")
    assert cloud.connection().run("echo here", hide=True).stdout == ""


def test_a_hang_becomes_a_problem(cloud):
    apps.fault(cloud.folder, "ssh-hang")
    with pytest.raises(Problem, match=r"fly ssh console: gave no answer for 1 s"):
        cloud.connection().run("true", timeout=1)


def test_a_command_that_takes_too_long_becomes_a_problem(cloud):
    with pytest.raises(Problem, match=r"fly machine exec: .*(timed out|gave no answer)"):
        cloud.connection("exec").run("sleep 100", timeout=1)


def test_a_machine_that_has_just_started_is_asked_again(cloud, tmp_path):
    program = tmp_path / "fly"
    program.write_text(
        f'#!/bin/sh\ntest -e {tmp_path}/once && exec {cloud.program} "$@"\n'
        f"touch {tmp_path}/once\necho 'Error: ssh: handshake failed: EOF' >&2\nexit 1\n"
    )
    program.chmod(0o700)
    fly = type(cloud.fly)(str(program), SITE_APP, cloud.fly.environment)
    assert AppConnection(fly, cloud.machine).run("echo here", hide=True).stdout == "here\n"
