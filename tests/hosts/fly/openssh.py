"""OpenSSH's own server as a machine of the stand-in cloud: the same authority, and no shell."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from maulstick.hosts.fly.connection import AppConnection
from maulstick.sandbox import apps, launch, ssh_keys
from maulstick.sandbox.apps import DATABASE_APP
from maulstick.sandbox.process import answers, free_port, wait_until

PROGRAM = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
FILES = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
PidFile none
TrustedUserCAKeys {folder}/authority.pub
AuthorizedKeysFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding no
UsePAM no
ForceCommand {python} {without_shell} {folder}/environment.json
Subsystem sftp {files}
"""


def start(cloud, folder):
    """Start sshd and return its process; the database's machine of the cloud leads to it."""
    port = free_port()
    for name, key in (("host", "host-of-openssh"), ("authority.pub", ssh_keys.AUTHORITY)):
        kept = ssh_keys.kept(cloud.folder, key)
        text = kept.export_public_key() if name.endswith(".pub") else kept.export_private_key()
        (folder / name).write_bytes(text)
        (folder / name).chmod(0o600)
    environment = launch.environment(cloud.app, cloud.app.machines[0])
    (folder / "environment.json").write_text(json.dumps(environment))
    settings = {"port": port, "folder": folder, "python": sys.executable}
    files = next(path for path in FILES if Path(path).exists())
    without_shell = Path(__file__).with_name("without_shell.py")
    config = CONFIG.format(**settings, without_shell=without_shell, files=files)
    (folder / "config").write_text(config)
    Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([PROGRAM, "-D", "-E", folder / "log", "-f", folder / "config"])
    assert wait_until(lambda: answers(port), seconds=120), (folder / "log").read_text()
    names = {f"{connection(cloud).host}:22": f"127.0.0.1:{port}"}
    apps.change(cloud.folder, lambda world: replace(world, hosts={**world.hosts, **names}))
    return process


def connection(cloud):
    """Return a connection to the machine that OpenSSH's server stands for."""
    machine = apps.load(cloud.folder).apps[DATABASE_APP].machines[0].id
    fly = cloud.fly.of(DATABASE_APP)
    return AppConnection(fly, machine, way="certificate", organization=apps.ORGANIZATION)
