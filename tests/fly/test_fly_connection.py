"""`run` on a machine: one contract for both ways."""

import time

import pytest
from invoke.exceptions import UnexpectedExit

from maulstick.errors import Problem
from maulstick.fly.connection import AppConnection
from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import SITE_APP


@pytest.fixture(params=["console", "exec"])
def connection(request, cloud):
    return cloud.connection(request.param)


def test_output_and_errors_stay_apart(connection, capsys):
    result = connection.run("sh -c 'echo out; echo err >&2'", hide=True)
    assert (result.stdout, result.stderr, result.exited) == ("out\n", "err\n", 0)
    assert result.ok
    assert result.connection is connection
    assert capsys.readouterr() == ("", "")


def test_output_is_shown_unless_hidden(connection, capsys):
    connection.run("sh -c 'echo out; echo err >&2'")
    assert capsys.readouterr() == ("out\n", "err\n")
    connection.run("sh -c 'echo out; echo err >&2'", hide="stderr")
    assert capsys.readouterr() == ("out\n", "")


@pytest.mark.parametrize("status", [1, 3, 127, 255])
def test_the_remote_exit_status(connection, status):
    result = connection.run(f"sh -c 'echo before; echo why >&2; exit {status}'", warn=True, hide=True)
    assert (result.exited, result.stdout, result.stderr) == (status, "before\n", "why\n")


def test_a_failure_raises_as_in_fabric(connection):
    with pytest.raises(UnexpectedExit) as failure:
        connection.run("false", hide=True)
    assert failure.value.result.exited == 1


def test_a_command_that_talks_like_fly_is_not_believed(connection):
    text = "Error: ssh shell: Process exited with status 9"
    result = connection.run(f"sh -c 'echo {text} >&2; exit 4'", warn=True, hide=True)
    assert (result.exited, result.stderr) == (4, f"{text}\n")


def test_a_command_that_is_not_there(connection):
    assert connection.run("no-such-program", warn=True, hide=True).exited == 127


def test_no_shell_reads_a_command(connection):
    assert connection.run("echo $HOME && echo '*'", hide=True).stdout == "$HOME && echo *\n"


def test_cd_and_prefix_bring_a_shell(connection):
    with connection.cd("/usr"), connection.prefix("test -d bin"):
        assert connection.run("pwd", hide=True).stdout == "/usr\n"


def test_an_option_that_cannot_be_kept_is_refused(connection):
    with pytest.raises(Problem, match=r'no option "env" on a Fly machine\n.*sh -c'):
        connection.run("env", env={"A": "b"})


def test_files_need_more_than_commands(connection, tmp_path):
    with pytest.raises(Problem, match=r"runs commands only"):
        connection.get("/etc/hostname", str(tmp_path / "name"))


def test_a_machine_that_sleeps_is_named(connection, cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine)
    with pytest.raises(Problem, match=rf'no machine of "{SITE_APP}" answers\n.*fly machine start'):
        connection.run("true")


def test_the_command_names_the_machine(connection, cloud):
    connection.run("true")
    assert cloud.machine in cloud.calls()[-1]


def test_output_lost_once_is_asked_for_again(cloud):
    apps.fault(cloud.folder, "ssh-empty-once")
    assert cloud.connection().run("echo here", hide=True, expect_output=True).stdout == "here\n"
    apps.fault(cloud.folder, "ssh-empty-once")
    assert cloud.connection().run("echo here", hide=True).stdout == ""


def test_a_hang_becomes_a_problem(cloud):
    apps.fault(cloud.folder, "ssh-hang")
    began = time.monotonic()
    with pytest.raises(Problem, match=r"fly ssh console: gave no answer for 1 s"):
        cloud.connection().run("true", timeout=1)
    assert time.monotonic() - began < 5


def test_a_command_that_takes_too_long_becomes_a_problem(cloud):
    with pytest.raises(Problem, match=r"fly machine exec: .*timed out"):
        cloud.connection("exec").run("sleep 30", timeout=1)


def test_a_machine_that_has_just_started_is_asked_again(cloud, tmp_path):
    program = tmp_path / "fly"
    program.write_text(
        f'#!/bin/sh\ntest -e {tmp_path}/once && exec {cloud.program} "$@"\n'
        f"touch {tmp_path}/once\necho 'Error: ssh: handshake failed: EOF' >&2\nexit 1\n"
    )
    program.chmod(0o700)
    fly = type(cloud.fly)(str(program), SITE_APP, cloud.fly.environment)
    assert AppConnection(fly, cloud.machine).run("echo here", hide=True).stdout == "here\n"
