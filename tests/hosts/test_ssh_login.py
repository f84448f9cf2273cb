"""Who is let in where: host keys, keys and passphrases, ~/.ssh/config and machines in between."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from maulstick.errors import Exit
from maulstick.sandbox.process import wait_until
from tests.hosts.ssh_machines import USER, Client, Open, SshMachine, make_key, refused, running

THROUGH = "Host gallery\n  HostName 127.0.0.1\n  Port {port}\n  ProxyJump {bastion}\n"
LOG_IN = """
from pathlib import Path
from maulstick.hosts.ssh.connection import connection_to
from maulstick.hosts.ssh.login import address_of
connection = connection_to(address_of("{address}"), Path("{config}"))
connection.open()
print("in as", connection.user)
connection.close()
"""


def on_a_terminal(code: str, typed: list[str]) -> str:
    """Run Python on a terminal, type a line at each question, and return what is seen."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    seen, left = b"", [*typed]
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if seen.endswith(b": ") and left:
            os.write(terminal, f"{left.pop(0)}\n".encode())
    os.waitpid(child, 0)
    os.close(terminal)
    return seen.decode()


def test_a_machine_that_nobody_knows_is_refused(reach: Open, client: Client, machine: SshMachine) -> None:
    client.forget()
    problem = refused(reach().look)
    assert f"{machine.address}: is not known: {client.home}/known_hosts has no ssh-ed25519 key of it" in str(
        problem
    )
    assert "SHA256:" in problem.what
    assert problem.hint == (
        f"connect once with `ssh {USER}@127.0.0.1 -p {machine.port}` and compare the key before you say yes"
    )
    assert "Accepted" not in machine.log


def test_a_machine_with_another_key_is_refused(reach: Open, client: Client, machine: SshMachine) -> None:
    client.forget()
    (machine.folder / "host.pub").write_text((client.home / "id_ed25519.pub").read_text())
    client.know(machine)
    problem = refused(reach().look)
    assert f"{machine.address}: shows another host key than {client.home}/known_hosts has" in str(problem)
    assert f"`ssh-keygen -R '[127.0.0.1]:{machine.port}'` forgets the old one" in problem.hint
    assert "Accepted" not in machine.log


@pytest.mark.parametrize("name", ["127.0.0.1", "{hashed}", "gallery-key"])
def test_a_machine_is_known_by_every_name_that_openssh_takes(
    reach: Open, client: Client, machine: SshMachine, name: str
) -> None:
    from paramiko import HostKeys

    client.forget()
    client.know(machine, name.format(hashed=HostKeys.hash_host(f"[127.0.0.1]:{machine.port}")))
    client.configure("HostKeyAlias gallery-key" if name == "gallery-key" else "")
    assert reach().look() == "ssh"


def test_a_key_that_was_revoked_is_not_taken(reach: Open, client: Client, machine: SshMachine) -> None:
    client.know(machine, f"@revoked [127.0.0.1]:{machine.port}")
    assert "is not known" in str(refused(reach().look))


def test_a_login_that_is_refused_says_which_keys_were_tried(
    reach: Open, client: Client, machine: SshMachine
) -> None:
    (machine.folder / "authorized_keys").write_text("")
    problem = refused(reach().look)
    assert problem.what == f'does not let "{USER}" in; keys tried: {client.home}/id_ed25519'
    assert problem.hint == f"`ssh {machine.address}` must work without a password"


def test_a_key_with_a_passphrase_is_not_asked_for_without_a_terminal(
    reach: Open, client: Client, machine: SshMachine
) -> None:
    make_key(client.home / "id_ed25519", passphrase="s3cret")
    shutil.copy(client.home / "id_ed25519.pub", machine.folder / "authorized_keys")
    problem = refused(reach().look)
    assert problem.what == ("the key is locked by a passphrase (id_ed25519), and nobody can be asked for it")
    assert "ssh-add" in problem.hint


@pytest.mark.parametrize(("typed", "ends"), [(["s3cret"], "in as"), (["wrong", "s3cret"], "in as")])
def test_a_passphrase_is_asked_for_on_a_terminal(
    client: Client, machine: SshMachine, typed: list[str], ends: str
) -> None:
    make_key(client.home / "id_ed25519", passphrase="s3cret")
    shutil.copy(client.home / "id_ed25519.pub", machine.folder / "authorized_keys")
    seen = on_a_terminal(LOG_IN.format(address=machine.address, config=client.config), typed)
    assert seen.count("passphrase of id_ed25519") == len(typed)
    assert ends in seen
    assert "s3cret" not in seen


def test_a_key_of_the_agent_is_taken(
    reach: Open, client: Client, machine: SshMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket_of_agent = str(client.home / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket_of_agent], stdout=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: Path(socket_of_agent).exists(), seconds=120)
        monkeypatch.setenv("SSH_AUTH_SOCK", socket_of_agent)
        subprocess.run(["ssh-add", "-q", client.home / "id_ed25519"], check=True, stdin=subprocess.DEVNULL)
        (client.home / "id_ed25519").unlink()
        assert reach().look() == "ssh"
    finally:
        agent.terminate()
        agent.wait()


def test_a_machine_that_does_not_answer_is_said(reach: Open, machine: SshMachine) -> None:
    machine.end()
    problem = refused(reach().look)
    assert f"cannot be reached at 127.0.0.1:{machine.port}: " in problem.what


def test_an_alias_of_the_configuration_is_a_machine(
    reach: Open, client: Client, machine: SshMachine, gallery: str, tmp_path: Path
) -> None:
    included = tmp_path / "included"
    included.write_text(f"Host gallery\n  HostName 127.0.0.1\n  Port {machine.port}\n  User {USER}\n")
    client.configure(f"Include {included}\n")
    assert reach(address="gallery").environment["S3_BUCKET"].reveal() == "gallery"


def test_without_the_program_ssh_the_configuration_is_read_too(
    reach: Open, client: Client, machine: SshMachine, gallery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.configure(f"Host gallery\n  HostName 127.0.0.1\n  Port {machine.port}\n  User {USER}\n")
    monkeypatch.setenv("PATH", "/nowhere")
    assert reach(address="gallery").environment["S3_BUCKET"].reveal() == "gallery"


def test_a_configuration_that_openssh_refuses_is_said_with_its_line(reach: Open, client: Client) -> None:
    client.config.write_text("Hots gallery\n")
    problem = refused(lambda: reach().machine)
    assert "line 1: Bad configuration option: hots" in str(problem)
    assert problem.code == Exit.USAGE


def test_a_machine_is_reached_through_another(
    reach: Open, client: Client, machine: SshMachine, gallery: str, tmp_path: Path
) -> None:
    with running(tmp_path / "bastion", client) as bastion:
        client.configure(THROUGH.format(port=machine.port, bastion=bastion.address))
        assert "is not known" in str(refused(reach(address="gallery").look))
        client.know(bastion)
        with psycopg.connect(reach(address="gallery").database.reveal()) as database:
            assert database.execute("select 1").fetchone() == (1,)
        assert "Accepted publickey" in bastion.log


def test_a_machine_in_between_that_forwards_nothing_is_named(
    reach: Open, client: Client, machine: SshMachine, tmp_path: Path
) -> None:
    with running(tmp_path / "bastion", client, "AllowTcpForwarding no") as bastion:
        client.know(bastion)
        client.configure(THROUGH.format(port=machine.port, bastion=bastion.address))
        problem = refused(reach(address="gallery").look)
    assert str(problem).startswith(f"{bastion.address}: does not reach 127.0.0.1:{machine.port}: ")


def test_a_machine_is_reached_by_a_program_of_the_users(
    reach: Open, client: Client, machine: SshMachine, gallery: str
) -> None:
    relay = str(client.home / "relay")
    Path(relay).write_text(
        "#!/usr/bin/env python3\n"
        "import os, socket, sys, threading\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def up():\n"
        "    while data := os.read(0, 65536):\n"
        "        s.sendall(data)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536):\n"
        "    os.write(1, data)\n"
    )
    Path(relay).chmod(0o755)
    client.configure(f"Host 127.0.0.1\n  ProxyCommand {relay} %h %p\n")
    assert reach().environment["S3_BUCKET"].reveal() == "gallery"
