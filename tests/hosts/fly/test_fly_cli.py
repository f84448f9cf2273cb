"""Running `fly`: what is found, what is refused, and with which command it is mended."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.fly.cli import Fly, find_program
from maulstick.hosts.fly.machines import status
from maulstick.sandbox import apps
from maulstick.sandbox.process import wait_until

TOKENS = ("FLY_API_TOKEN", "FLY_ACCESS_TOKEN")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    def add(name):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o700)
        return str(tmp_path / name)

    return add


def script(tmp_path, text):
    program = tmp_path / "script"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o700)
    return Fly(str(program), "site")


def test_flyctl_is_found_where_fly_is_missing(programs):
    flyctl = programs("flyctl")
    assert find_program("") == flyctl
    fly = programs("fly")
    assert find_program("") == fly


def test_the_configured_program_goes_first(programs, tmp_path):
    programs("fly")
    other = programs("fly-next")
    assert find_program("fly-next") == other
    assert find_program(other) == other


def test_no_program_at_all_says_how_to_install_it(programs):
    with pytest.raises(
        Problem, match=r"neither `fly` nor `flyctl`.*\n.*fly.io/docs/flyctl/install"
    ) as problem:
        find_program("")
    assert problem.value.code == Exit.USAGE
    with pytest.raises(Problem, match=r'inventory.toml/fly: "absent" is not a program'):
        find_program("absent")


def test_a_program_that_is_no_program_is_a_problem(tmp_path):
    with pytest.raises(Problem, match=r"cannot be run: Permission denied"):
        Fly(str(tmp_path), "site").run("status")


def test_nobody_logged_in(cloud, monkeypatch):
    for name in TOKENS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problem, match=r"fly status: nobody is logged in\n  hint: run `fly auth login`"):
        status(Fly(str(cloud.program), "x", {"MAULSTICK_SANDBOX": str(cloud.folder)}))


def test_a_session_that_expired(cloud):
    apps.fault(cloud.folder, "not-logged-in")
    with pytest.raises(Problem, match=r"nobody is logged in"):
        status(cloud.fly)
    assert status(cloud.fly).healthy


def test_a_token_that_is_refused_names_its_variable_and_not_its_value(cloud):
    environment = {"MAULSTICK_SANDBOX": str(cloud.folder), "FLY_API_TOKEN": "FlyV1 wrong"}
    with pytest.raises(Problem, match=r"the login is not accepted\n.*a new FLY_API_TOKEN") as problem:
        status(Fly(str(cloud.program), "x", environment))
    assert "wrong" not in str(problem.value)


def test_a_wrong_app_name(cloud):
    with pytest.raises(
        Problem, match=r'fly status: no app "olivia" is known.*\n.*`fly apps list`'
    ) as problem:
        status(cloud.fly.of("olivia"))
    assert problem.value.code == Exit.USAGE


def test_an_unknown_failure_is_told_in_its_own_words(tmp_path):
    fly = script(
        tmp_path, "echo 'Metrics token unavailable' >&2; echo 'Error: the moon (Request ID: 1)' >&2; exit 1"
    )
    with pytest.raises(Problem, match=r"fly releases: the moon\n  hint: `fly status -a site`"):
        fly.expect("releases")


def test_a_failure_without_a_word_is_a_problem_too(tmp_path):
    with pytest.raises(Problem, match=r"fly machine start: failed without a word"):
        script(tmp_path, "exit 1").expect("machine", "start", "x")


def test_an_answer_that_is_not_json(tmp_path):
    with pytest.raises(Problem, match=r"did not answer with JSON") as problem:
        script(tmp_path, "echo the-secret").json("status")
    assert problem.value.__context__ is None


def test_a_hang_ends_with_all_that_it_started(tmp_path):
    pid, seconds = tmp_path / "pid", 0.3
    fly = script(tmp_path, f"echo the-secret; sleep 3600 & echo $! > {pid}.made; mv {pid}.made {pid}; wait")
    while not pid.exists():  # on a busy machine it may not have come so far
        with pytest.raises(Problem, match=rf"fly status: gave no answer for {seconds:g} s") as problem:
            fly.run("status", timeout=seconds)
        seconds *= 2
    assert problem.value.__context__ is None  # It would hold the output so far.
    assert "the-secret" not in repr(problem.value)
    number = pid.read_text().strip()
    assert wait_until(lambda: gone(number), seconds=60)  # what is killed ends a moment later


def gone(pid):
    from pathlib import Path

    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_stdin_is_a_pipe_that_is_closed(tmp_path):
    assert script(tmp_path, 'test -p /dev/stdin && cat && echo "a pipe"').expect("status") == "a pipe\n"


def test_what_a_command_printed_is_not_shown(tmp_path):
    assert "the-secret" not in repr(script(tmp_path, "echo the-secret").run("status"))
    assert "the-secret" not in repr(Fly("fly", "site", {"FLY_API_TOKEN": "the-secret"}))


def test_every_command_is_quiet_about_updates_and_colours(tmp_path):
    fly = script(tmp_path, 'echo "$FLY_NO_UPDATE_CHECK $NO_COLOR $*"')
    assert fly.expect("status") == "1 1 status -a site\n"
