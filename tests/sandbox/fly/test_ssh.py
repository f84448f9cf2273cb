"""The SSH server of a machine, tried with OpenSSH's own programs through `fly proxy`."""

import re
import shutil
import subprocess
from threading import Thread

import pytest

from maulstick.sandbox import machines
from maulstick.sandbox.apps import SITE_APP
from maulstick.sandbox.process import wait_until

pytest.importorskip("asyncssh", reason="the extra [ssh-server] is not installed")
pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="openssh-client is not installed")

# Nobody's configuration, agent or known hosts.
ALONE = ("-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
QUIET = (
    "-o",
    "LogLevel=ERROR",
    "-o",
    "BatchMode=yes",
    "-o",
    "IdentitiesOnly=yes",
    "-o",
    "IdentityAgent=none",
)


@pytest.fixture(scope="module")
def key(shared_cloud, tmp_path_factory):
    path = tmp_path_factory.mktemp("issued") / "key"
    machines.start(shared_cloud.folder, SITE_APP, shared_cloud.machine.id)
    assert shared_cloud.fly("ssh", "issue", "sandbox", str(path), "--hours", "1").returncode == 0
    return path


@pytest.fixture
def port(cloud):
    """A port that leads to port 22 of the machine."""
    process = cloud.start("proxy", "0:22", f"{cloud.machine.id}.vm.{SITE_APP}.internal")
    yield int(re.match(r"Proxying localhost:(\d+) ", process.stdout.readline())[1])
    process.kill()
    process.communicate()


@pytest.fixture
def openssh(key, port):
    def run(program, *words, identity=key, stdin=""):
        place = ("-p" if program == "ssh" else "-P", str(port))
        command = [program, *ALONE, *QUIET, "-i", str(identity), *place, *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=600)

    return run


def test_a_command_runs_without_a_shell_and_keeps_its_status(openssh):
    answer = openssh("ssh", "root@127.0.0.1", "echo $HOME && echo '*'")
    assert (answer.returncode, answer.stdout) == (0, "$HOME && echo *\n")
    answer = openssh("ssh", "root@127.0.0.1", "sh -c 'echo out; echo why >&2; exit 3'")
    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "out\n", "why\n")


def test_it_runs_at_the_root_in_the_machines_environment(openssh, cloud):
    answer = openssh("ssh", "root@127.0.0.1", "sh -c 'pwd; echo $FLY_MACHINE_ID; echo $FLY_API_TOKEN'")
    assert answer.stdout == f"/\n{cloud.machine.id}\n\n"


def test_stdin_reaches_a_command(openssh):
    text = "line\n" * 100_000
    assert openssh("ssh", "root@127.0.0.1", "cat", stdin=text).stdout == text


def test_a_command_that_is_not_there_and_one_that_is_killed(openssh):
    assert openssh("ssh", "root@127.0.0.1", "no-such-program").returncode == 127
    assert openssh("ssh", "root@127.0.0.1", "sh -c 'kill -9 $$'").returncode == 255


def test_both_users_of_the_certificate_get_in_and_no_other(openssh):
    assert openssh("ssh", "fly@127.0.0.1", "true").returncode == 0
    assert "Permission denied" in openssh("ssh", "nobody@127.0.0.1", "true").stderr


def test_a_key_without_certificate_is_refused(openssh, key, tmp_path):
    alone = shutil.copy(key, tmp_path / "alone")
    answer = openssh("ssh", "root@127.0.0.1", "true", identity=alone)
    assert answer.returncode == 255
    assert "Permission denied (publickey)" in answer.stderr


def test_files_go_both_ways_by_sftp(openssh, tmp_path):
    (tmp_path / "local").write_bytes(bytes(range(256)) * 5000)
    script = f"pwd\nput {tmp_path}/local {tmp_path}/there\nget {tmp_path}/there {tmp_path}/back\n"
    answer = openssh("sftp", "-b", "-", "root@127.0.0.1", stdin=script)
    assert (answer.returncode, "Remote working directory: /\n" in answer.stdout) == (0, True)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "local").read_bytes()


def test_files_go_by_scp(openssh, tmp_path):
    (tmp_path / "local").write_text("蓮")
    assert openssh("scp", str(tmp_path / "local"), f"root@127.0.0.1:{tmp_path}/there").returncode == 0
    assert (tmp_path / "there").read_text() == "蓮"


def test_ports_are_not_forwarded(openssh, cloud):
    answer = openssh("ssh", "-W", f"127.0.0.1:{cloud.database_port}", "root@127.0.0.1", stdin="hello")
    assert answer.returncode == 255
    assert (answer.stdout, answer.stderr) == ("", "stdio forwarding failed\n")


def test_the_host_key_is_the_machines_own(port):
    words = ["ssh-keyscan", "-T", "600", "-p", str(port), "127.0.0.1"]
    seen = [subprocess.run(words, capture_output=True, text=True, timeout=600).stdout for _ in range(2)]
    assert seen[0] == seen[1]
    assert seen[0].split()[1:2] == ["ssh-ed25519"]
    assert len(seen[0].splitlines()) == 1


def test_a_machine_that_stops_takes_its_sessions_along(openssh, cloud, tmp_path):
    def stop():
        assert wait_until((tmp_path / "begun").exists, seconds=600)
        machines.stop(cloud.folder, SITE_APP, cloud.machine.id)

    stopping = Thread(target=stop)
    stopping.start()
    command = f"sh -c 'touch {tmp_path}/begun; exec sleep 100'"
    assert openssh("ssh", "root@127.0.0.1", command).returncode == 255
    stopping.join()
