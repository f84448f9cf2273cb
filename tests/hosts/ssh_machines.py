"""Machines of one's own: OpenSSH's sshd on a free port of this computer, and what ~/.ssh knows of them."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from maulstick.errors import Problem
from maulstick.hosts.ssh_host import SshHost
from maulstick.sandbox.process import answers, free_port, wait_until

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
FILES = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
USER = getpass.getuser()
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
LogLevel VERBOSE
MaxStartups 50
Subsystem sftp {files}
SetEnv PATH={folder}/bin:/usr/local/bin:/usr/bin:/bin
{more}
"""
CLIENT = """\
UserKnownHostsFile {home}/known_hosts
GlobalKnownHostsFile none
IdentityFile {home}/id_ed25519
IdentityAgent none
"""

INVENTORY = """
default = "vps"
[source]
database = "postgresql:///gallery"
media_root = "static"
[targets.vps]
host = "ssh"
site = "https://gallery.example"
machine = "{machine}"
ssh_config = "{config}"
environment_from = "{environment}"
{more}
"""
Open = Callable[..., SshHost]


def refused(ask: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        ask()
    return caught.value


def make_key(path: Path, *, passphrase: str = "") -> None:
    """Make a key as `ssh-keygen` does."""
    path.unlink(missing_ok=True)
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


@dataclass(slots=True)
class Client:
    """What a user has in ~/.ssh: a key, known hosts and a configuration."""

    home: Path

    @property
    def config(self) -> Path:
        return self.home / "config"

    def know(self, machine: SshMachine, name: str = "") -> None:
        """Have a machine's key among the known hosts."""
        kind, key, *_ = (machine.folder / "host.pub").read_text().split()
        with (self.home / "known_hosts").open("a") as file:
            file.write(f"{name or f'[127.0.0.1]:{machine.port}'} {kind} {key}\n")

    def forget(self) -> None:
        """Know no machine."""
        (self.home / "known_hosts").write_text("")

    def configure(self, text: str) -> None:
        """Write what stands before the rest in the configuration."""
        self.config.write_text(text + "\nHost *\n" + CLIENT.format(home=self.home))


@dataclass(slots=True)
class SshMachine:
    """An sshd, and the folder that is the machine's."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"{USER}@127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def program(self, name: str, script: str) -> None:
        """Put a program on the machine's PATH."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def end(self) -> None:
        """End it as a machine ends that loses its power: with every session."""
        for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            with suppress(psutil.NoSuchProcess):  # it may have ended by itself
                process.kill()
        self.process.wait()


def a_client(folder: Path) -> Client:
    """Make a user's ~/.ssh."""
    folder.mkdir(parents=True)
    make_key(folder / "id_ed25519")
    client = Client(folder)
    client.forget()
    client.configure("")
    return client


@contextmanager
def running(folder: Path, client: Client, more: str = "") -> Iterator[SshMachine]:
    """Start a machine that lets a client in, for the block."""
    (folder / "bin").mkdir(parents=True)
    make_key(folder / "host")
    shutil.copy(client.home / "id_ed25519.pub", folder / "authorized_keys")
    port, files = free_port(), next(path for path in FILES if Path(path).exists())
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder, files=files, more=more))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([str(SSHD), "-D", "-E", folder / "log", "-f", folder / "config"])
    machine = SshMachine(folder, port, process)
    try:
        assert wait_until(lambda: answers(port), seconds=120), machine.log
        yield machine
    finally:
        if process.poll() is None:
            machine.end()
