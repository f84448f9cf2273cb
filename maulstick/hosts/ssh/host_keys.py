"""Whether a machine is the one that is known: its host key, held against `known_hosts`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from paramiko import HostKeys, MissingHostKeyPolicy, PKey, SSHClient  # type: ignore[import-untyped]
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey  # type: ignore[import-untyped]

from maulstick.errors import Problem
from maulstick.hosts.ssh.login import PORT, Login

REVOKED = "@revoked"


class RefuseUnknown(MissingHostKeyPolicy):  # type: ignore[misc]
    """Refuses a machine that nobody has looked at."""

    def __init__(self, login: Login) -> None:
        self.login = login

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        """Refuse it, and say what its key is."""
        what = f"is not known: {file_of(self.login)} has no {key.get_name()} key of it; {shown(key)}"
        raise Problem(self.login.name, what, hint_for(self.login))


def trust(client: SSHClient, login: Login) -> None:
    """Let a client take the known keys of a machine, and no others."""
    client.set_missing_host_key_policy(RefuseUnknown(login))
    keys = client.get_host_keys()
    keys.clear()
    for key in known_keys(login):
        keys.add(_name(login.host, login.port), key.get_name(), key)


def known_keys(login: Login) -> list[PKey]:
    """List the keys that a machine is known by; those that are marked as revoked are not among them."""
    known, revoked = HostKeys(), list[PKey]()
    for path in login.known_hosts:
        for entry in _entries(path, revoked):
            for name in entry.hostnames:
                known.add(name, entry.key.get_name(), entry.key)
    # As OpenSSH does: the name with its port first, then the name alone.
    names = [login.known_as] if login.known_as else [_name(login.host, login.port), login.host]
    for name in names:
        keys = known.lookup(name)
        if keys:
            return [keys[kind] for kind in keys.keys() if keys[kind] not in revoked]  # noqa: SIM118
    return []


def changed(login: Login, got: PKey) -> Problem:
    """Return that a machine shows another key than the one that is known."""
    what = f"shows another host key than {file_of(login)} has: {shown(got)}; it may not be your machine"
    remove = f"`ssh-keygen -R '{login.known_as or _name(login.host, login.port)}'` forgets the old one"
    return Problem(login.name, what, f"ask whoever runs it; if it was set up again, {remove}")


def hint_for(login: Login) -> str:
    """Return how a machine becomes known."""
    return f"connect once with `ssh {login.name.replace(':', ' -p ')}` and compare the key before you say yes"


def file_of(login: Login) -> str:
    """Return the file in which a machine's key is looked for."""
    return str(login.known_hosts[0]) if login.known_hosts else "known_hosts"


def shown(key: PKey) -> str:
    """Return a key as `ssh-keygen -l` shows it."""
    return f"its key is {key.fingerprint}"


def _name(host: str, port: int) -> str:
    return host if port == PORT else f"[{host}]:{port}"


def _entries(path: Path, revoked: list[PKey]) -> Iterable[HostKeyEntry]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        bad = line.startswith(REVOKED)
        if not line.strip() or line.startswith("#") or (line.startswith("@") and not bad):
            continue
        try:
            entry = HostKeyEntry.from_line(line.removeprefix(REVOKED).strip())
        except InvalidHostKey:
            continue
        if entry is not None and bad:
            revoked.append(entry.key)
        elif entry is not None:
            yield entry
