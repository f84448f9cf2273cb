"""The keys of the stand-in's SSH: the authority's, the machines' own, and logins that the authority signs."""

import time
from collections.abc import Sequence
from pathlib import Path

import asyncssh
from asyncssh import SSHKey

from maulstick.sandbox import apps
from maulstick.sandbox.apps import ORGANIZATION
from maulstick.sandbox.process import write_private

KIND = "ssh-ed25519"
AUTHORITY = "authority"
# Clocks differ a little: the real authority's certificates begin before its own time too.
EARLIER_SECONDS = 60


def kept(folder: Path, name: str = AUTHORITY) -> SSHKey:
    """Return a key of the sandbox's, made on first use: the authority's, or by its id a machine's."""
    place = folder / "fly" / "ssh" / name
    with apps.locked(folder, "ssh"):
        if not place.exists():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            write_private(place, asyncssh.generate_private_key(KIND).export_private_key().decode())
        return asyncssh.read_private_key(place)


def login(folder: Path, *, hours: int, users: Sequence[str]) -> tuple[bytes, bytes]:
    """Return a new private key and its certificate, valid for these users and hours."""
    key, now = asyncssh.generate_private_key(KIND, comment="fly.io"), int(time.time())
    certificate = kept(folder).generate_user_certificate(
        key,
        ORGANIZATION,
        principals=users,
        valid_after=now - EARLIER_SECONDS,
        valid_before=now + hours * 3600,
    )
    return key.export_private_key(), certificate.export_certificate()
