"""A login by certificate: issued for this login only, and gone from the disk after it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paramiko import AuthenticationException, AutoAddPolicy, SSHClient  # type: ignore[import-untyped]

from maulstick.errors import Problem
from maulstick.files import temporary_folder
from maulstick.hosts.channel import LOST
from maulstick.hosts.fly.cli import Fly

USER = "root"
# The fewest that flyctl gives (docs/fly-facts.md, "SSH certificates"). They count at the login only, and each
# login has a key of its own.
HOURS = "1"
CERTIFICATE = "-cert.pub"
NOT_TAKEN = "is the clock of this computer right? `date -u`; `fly ssh console` may still work"
NO_SESSION = 'try again; `fly agent restart` mends a tunnel that is stuck, ssh = "console" goes without'
LOG = "maulstick.ssh"
CONNECT_SECONDS = 20.0
BANNER_SECONDS = 30.0
CHANNEL_SECONDS = 30.0
# So that a machine that was stopped or replaced is noticed, though nothing is being said.
KEEPALIVE_SECONDS = 15


@contextmanager
def issued(fly: Fly, organization: str) -> Iterator[Path]:
    """Yield the path of a new private key with its certificate beside it; both are deleted after.

    The folder is new and private: with files in its way `fly ssh issue` loops for ever, or writes nothing and
    says that it did (docs/fly-facts.md, "SSH certificates").
    """
    if not organization:
        raise Problem("fly status", f"names no organization of {fly.app}", 'ssh = "console" needs none')
    with temporary_folder() as folder:
        key = folder / "key"
        fly.expect("ssh", "issue", organization, str(key), "--hours", HOURS, "-u", USER)
        if not _has_text(key) or not _has_text(key.with_name(key.name + CERTIFICATE)):
            raise Problem("fly ssh issue", "wrote no certificate", "is this `fly` flyctl? `fly version`")
        yield key


def log_in(client: SSHClient, port: int, key: Path) -> None:
    """Log in at a port of 127.0.0.1 with this key and certificate, and with nothing else that lies around.

    The host key is not checked: the port leads through WireGuard to the machine (docs/fly-facts.md,
    "The SSH server of a machine").
    """
    client.get_host_keys().clear()
    client.set_missing_host_key_policy(AutoAddPolicy())  # nosec B507
    client.set_log_channel(LOG)
    # It would write a traceback to the terminal; what went wrong is in our own words below.
    logging.getLogger(LOG).disabled = True
    try:
        client.connect(
            "127.0.0.1",
            port,
            USER,
            key_filename=str(key),
            allow_agent=False,
            look_for_keys=False,
            timeout=CONNECT_SECONDS,
            banner_timeout=BANNER_SECONDS,
            auth_timeout=BANNER_SECONDS,
            channel_timeout=CHANNEL_SECONDS,
        )
        client.get_transport().set_keepalive(KEEPALIVE_SECONDS)
    except AuthenticationException as error:
        raise Problem("ssh", "the machine does not take the certificate", NOT_TAKEN) from error
    except LOST as error:
        raise Problem("ssh", f"no session with the machine: {error}", NO_SESSION) from error


def _has_text(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
