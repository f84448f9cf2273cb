"""`fly ssh console` and `fly machine exec`: no shell, the machine's environment, the exit status as text."""

import subprocess

import pytest

from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import SITE_APP

CONNECTING = "Connecting to fdaa:"


@pytest.fixture
def console(cloud):
    return lambda command, *words, **options: cloud.fly("ssh", "console", "-C", command, *words, **options)


@pytest.fixture
def two_machines(cloud):
    def doubled(app):
        return apps.replace(app, machines=(app.machines[0], apps.replace(app.machines[0], id="second")))

    apps.change_app(cloud.folder, SITE_APP, doubled)
    yield cloud
    apps.change_app(cloud.folder, SITE_APP, lambda app: apps.replace(app, machines=app.machines[:1]))


def test_stdout_holds_the_output_and_nothing_else(console):
    answer = console("printenv S3_BUCKET")
    assert (answer.returncode, answer.stdout) == (0, "pictures\n")
    assert answer.stderr.startswith(CONNECTING)


def test_quiet_says_nothing_of_connecting(console):
    assert console("printenv S3_BUCKET", "-q").stderr == ""


def test_no_shell_is_in_play(console):
    assert console("echo $HOME && ls").stdout == "$HOME && ls\n"
    assert console("sh -c 'echo $FLY_REGION; pwd'").stdout == "lhr\n/\n"


def test_the_environment_is_the_machines_and_nothing_of_ours(console, cloud):
    names = {line.partition("=")[0] for line in console("env", env={"OURS": "1"}).stdout.splitlines()}
    assert {"FLY_APP_NAME", "FLY_MACHINE_ID", "FLY_REGION", "PATH", "DATABASE_URL"} <= names
    assert not {"OURS", "FLY_API_TOKEN", "MAULSTICK_SANDBOX"} & names
    assert console("printenv FLY_MACHINE_ID").stdout == f"{cloud.machine.id}\n"


def test_names_of_the_private_network_are_left_to_the_machine(console, cloud):
    assert ".flycast:5432" in console("printenv DATABASE_URL").stdout
    assert f"127.0.0.1:{cloud.database_port}" in cloud.page("/env")


def test_a_failure_is_exit_1_with_the_status_as_text(console):
    answer = console("sh -c 'echo before; echo why >&2; exit 3'", "-q")
    told = "why\nError: ssh shell: Process exited with status 3\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "before\n", told)


def test_a_name_that_is_not_set_is_a_failure(console):
    assert console("printenv NOPE", "-q").stderr == "Error: ssh shell: Process exited with status 1\n"


def test_a_command_that_is_not_there_is_a_failure(console):
    assert "Process exited with status 127" in console("nope").stderr


def test_stdin_reaches_the_command(console):
    assert console("sh -s", stdin="echo from stdin\n").stdout == "from stdin\n"


def test_with_two_machines_the_choice_is_said_on_stdout(two_machines, console):
    first = two_machines.machine.id
    assert console("printenv S3_BUCKET", "-q").stdout == (
        f"No machine specified, using {first} in region lhr\npictures\n"
    )
    assert console("printenv FLY_MACHINE_ID", "--machine", "second").stdout == "second\n"


def test_a_stopped_machine_is_not_started(cloud, console):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    told = (
        f"Error: app {SITE_APP} has no started VMs.\nIt may be unhealthy or not have been deployed yet.\n"
        "Try the following command to verify:\n\nfly status\n"
    )
    answer = console("printenv S3_BUCKET", "-q")
    assert (answer.returncode, answer.stderr, cloud.machine.state) == (1, told, "stopped")


def test_a_machine_that_is_not_started_is_not_found(console):
    assert console("ls", "--machine", "nope").stderr == 'Error: --machine="nope" not found/started\n'


def test_a_region_without_machines_is_refused(console):
    assert "has no VMs in region syd" in console("ls", "-r", "syd").stderr


def test_the_output_can_be_lost_once(cloud, console):
    apps.fault(cloud.folder, "ssh-empty-once")
    first, second = console("printenv S3_BUCKET"), console("printenv S3_BUCKET")
    assert (first.returncode, first.stdout, second.stdout) == (0, "", "pictures\n")


def test_a_machine_can_stop_just_before(cloud, console):
    apps.fault(cloud.folder, "machine-stops")
    assert "has no started VMs" in console("ls").stderr
    assert cloud.machine.state == "stopped"


def test_the_choice_can_be_said_though_it_was_made_for_it(cloud, console):
    apps.fault(cloud.folder, "ssh-says-its-choice")
    answer = console("printenv S3_BUCKET", "--machine", cloud.machine.id, "-q")
    assert answer.stdout == f"No machine specified, using {cloud.machine.id} in region lhr\npictures\n"


def test_the_console_can_hang(cloud):
    apps.fault(cloud.folder, "ssh-hang")
    process = cloud.start("ssh", "console", "-C", "ls")
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.3)
    process.kill()
    process.communicate()


def test_exec_leaves_out_what_is_zero(cloud):
    one = cloud.machine.id
    assert cloud.told("machine", "exec", one, "printenv S3_BUCKET", "--json") == {"stdout": "pictures\n"}
    assert cloud.told("machine", "exec", one, "true", "--json") == {}
    failed = cloud.told("machine", "exec", one, "sh -c 'echo why >&2; exit 3'", "--json")
    assert failed == {"exit_code": 3, "stderr": "why\n"}


def test_exec_without_json_exits_0_though_the_command_failed(cloud):
    answer = cloud.fly("machine", "exec", cloud.machine.id, "sh -c 'echo out; echo why >&2; exit 3'")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "Exit code: 3\nout\n", "why\n")


def test_exec_has_a_timeout(cloud):
    answer = cloud.fly("machine", "exec", cloud.machine.id, "sleep 100", "--timeout", "1")
    assert (answer.returncode, "deadline_exceeded" in answer.stderr) == (1, True)


def test_exec_refuses_a_machine_that_sleeps_or_is_not_there(cloud):
    machines.stop(cloud.folder, SITE_APP, cloud.machine.id)
    assert "is not running: stopped" in cloud.fly("machine", "exec", cloud.machine.id, "ls").stderr
    assert "machine nope was not found in app" in cloud.fly("machine", "exec", "nope", "ls").stderr


def test_machines_start_and_stop_by_id(cloud):
    one = cloud.machine.id
    assert cloud.fly("machine", "stop", one).stdout.endswith(f"{one} has been successfully stopped\n")
    assert cloud.machine.state == "stopped"
    assert cloud.fly("machine", "start", one, without=["FLY_APP"]).stdout == f"{one} has been started\n"
    assert cloud.machine.state == "started"
