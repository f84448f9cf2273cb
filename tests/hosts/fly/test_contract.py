"""`run` on a machine: one contract for every way to it, and for two kinds of SSH server."""

import json
import shlex
import sys

import pytest
from invoke.exceptions import UnexpectedExit

from maulstick.errors import Problem
from maulstick.hosts.fly.environment import read_environment
from maulstick.sandbox import machines
from maulstick.sandbox.apps import SITE_APP, UNRELATED_SECRETS
from maulstick.sandbox.process import wait_until
from tests.hosts.fly.clouds import ENVIRONMENT

WAYS = ("console", "exec", "certificate")
WORDS = (
    "plain",
    "two  blanks ",
    "",
    "it's",
    '"quoted"',
    "back\\slash\\",
    "one\ntwo\n",
    "$HOME ${HOME} $(reboot) `reboot`",
    "&&",
    "|",
    ">",
    ";",
    "*",
    "~",
    "#",
    "%s",
    "Zoë 蓮 🎨",
    "--help",
)
BOTH = "sh -c 'echo out; echo err >&2'"
# 4 MB in characters of three bytes: no part that is read ends where one of them ends.
MUCH = "import sys\nprint('x' + '蓮' * 1_400_000)\nprint('é' * 700_000, file=sys.stderr)"


@pytest.fixture(params=WAYS)
def own(request, cloud, connections):
    """A connection to a machine of the stand-in cloud."""
    return connections[request.param]


@pytest.fixture(params=(*WAYS, "openssh"))
def connection(request, cloud, connections):
    way = request.param
    return connections[way] if way in connections else request.getfixturevalue(way)


def python(code, *words):
    return shlex.join([sys.executable, "-c", code, *words])


def test_output_and_errors_stay_apart(connection, capsys):
    result = connection.run(BOTH, hide=True)
    assert (result.stdout, result.stderr, result.exited) == ("out\n", "err\n", 0)
    assert result.ok
    assert result.connection is connection
    assert capsys.readouterr() == ("", "")


def test_output_is_shown_unless_hidden(connection, capsys):
    connection.run(BOTH)
    assert capsys.readouterr() == ("out\n", "err\n")
    connection.run(BOTH, hide="stderr")
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


def test_every_word_arrives_as_it_was_written(connection):
    said = connection.run(python("import json, sys; print(json.dumps(sys.argv[1:]))", *WORDS), hide=True)
    assert tuple(json.loads(said.stdout)) == WORDS


def test_no_shell_reads_a_command(connection):
    assert connection.run("echo $HOME && echo '*'", hide=True).stdout == "$HOME && echo *\n"


def test_cd_and_prefix_bring_a_shell(connection):
    with connection.cd("/usr"), connection.prefix("test -d bin"):
        assert connection.run("pwd", hide=True).stdout == "/usr\n"


def test_much_output_on_both_sides_arrives_whole(connection):
    result = connection.run(python(MUCH), hide=True)
    assert result.stdout == f"x{'蓮' * 1_400_000}\n"
    assert result.stderr == f"{'é' * 700_000}\n"


def test_nothing_comes_from_stdin_and_nobody_waits_for_it(connection):
    assert connection.run("cat", hide=True).stdout == ""


def test_a_command_that_takes_too_long_becomes_a_problem(connection):
    with pytest.raises(Problem, match=r"gave no answer for 1 s|timed out"):
        connection.run("sleep 100", timeout=1)
    assert connection.run("echo again", hide=True).stdout == "again\n"


def test_a_silent_success_is_asked_again_where_an_answer_is_expected(connection, tmp_path):
    command = f"sh -c 'test -e {tmp_path}/asked && echo here || touch {tmp_path}/asked'"
    assert connection.run(command, hide=True, expect_output=True).stdout == "here\n"
    (tmp_path / "asked").unlink()
    assert connection.run(command, hide=True).stdout == ""


def test_only_the_environment_that_is_asked_for_is_read(connection):
    read = read_environment(connection, list(ENVIRONMENT))
    assert {name: secret.reveal() for name, secret in read.items()} == ENVIRONMENT
    assert not read.keys() & set(UNRELATED_SECRETS)
    assert "pa%40ss" not in f"{read} {connection!r} {vars(connection)}"


def test_the_environment_is_the_machines_and_nothing_of_ours(connection, monkeypatch):
    monkeypatch.setenv("LC_OURS", "never-to-be-seen")
    said = connection.run("env", hide=True).stdout
    assert "FLY_MACHINE_ID=" in said
    assert "never-to-be-seen" not in said


def test_an_option_that_cannot_be_kept_is_refused(connection):
    with pytest.raises(Problem, match=r'no option "env" here\n.*sh -c'):
        connection.run("env", env={"A": "b"})


def test_a_machine_that_stops_in_between_is_named_and_reached_again(own, cloud, capfd):
    own.run("true")
    machines.stop(cloud.folder, SITE_APP, cloud.machine)
    wait_until(lambda: not own.is_connected, seconds=120)
    with pytest.raises(Problem, match=r"(answers|started machine)\n.*fly machine start"):
        own.run("true")
    machines.start(cloud.folder, SITE_APP, cloud.machine)
    assert own.run("echo back", hide=True).stdout == "back\n"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("way", WAYS)
def test_a_machine_that_stops_in_between_is_woken(way, cloud):
    def wake():
        return machines.start(cloud.folder, SITE_APP, cloud.machine).id

    with cloud.connection(way, wake=wake) as connection:
        machines.stop(cloud.folder, SITE_APP, cloud.machine)
        assert connection.run("echo back", hide=True).stdout == "back\n"


def test_the_command_names_the_machine(own, cloud):
    own.close()
    own.run("true")
    assert cloud.machine in " ".join(cloud.calls()[-1])
