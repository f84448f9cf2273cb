"""How a machine is logged in to: what ~/.ssh/config says of it, as OpenSSH itself reads the file."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.errors import Problem, usage

PORT = 22
SECONDS = 15.0
MACHINE = re.compile(
    r"(?:([^\s@:/-][^\s@:/]*)@)?(\[[0-9a-fA-F:.]+(?:%\w+)?\]|[A-Za-z0-9_][\w.-]*)(?::([0-9]{1,5}))?"
)
NONE = ("", "none")


@dataclass(frozen=True, slots=True)
class Address:
    """A machine as somebody names it: `deploy@gallery.example:22`, or an alias of ~/.ssh/config."""

    host: str
    user: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"{self.user}@{self.host}".lstrip("@") + (f":{self.port}" if self.port else "")


@dataclass(frozen=True, slots=True)
class Login:
    """All that is needed to log in; `name` is what the machine is called in messages.

    `known_as` is its name in `known_hosts`. It is reached through `jump`, or by the program `command`.
    """

    name: str
    host: str
    user: str
    port: int
    keys: Sequence[str]
    known_hosts: Sequence[Path]
    known_as: str
    jump: Sequence[Address]
    command: str


def address_of(text: str) -> Address:
    """Return a machine by its name; ValueError for what is none."""
    parts = MACHINE.fullmatch(text)
    if parts is None or not 0 < int(parts[3] or PORT) < 1 << 16:
        raise ValueError(
            'should be a machine such as "deploy@gallery.example" or "deploy@gallery.example:2222"'
        )
    return Address(parts[2].strip("[]"), parts[1] or "", int(parts[3] or 0))


def login_for(address: Address, config: Path | None) -> Login:
    """Return how to log in, by `config` where one is named, else by ~/.ssh/config and /etc/ssh/ssh_config."""
    says = _by_openssh(address, config) if shutil.which("ssh") else _by_paramiko(address, config)
    first = {name: values[0] for name, values in says.items()}
    host, user, port = first["hostname"], first["user"], int(first["port"])
    names = [word for name in ("userknownhostsfile", "globalknownhostsfile") for word in says.get(name, ())]
    jump = first.get("proxyjump", "")
    command = first.get("proxycommand", "")
    return Login(
        name=str(replace(address, user=address.user or user)),
        host=host,
        user=user,
        port=port,
        keys=[path for path in map(_path, says.get("identityfile", ())) if Path(path).is_file()],
        known_hosts=[Path(_path(word)) for line in names for word in line.split() if word not in NONE],
        known_as=first.get("hostkeyalias", ""),
        jump=() if jump in NONE else _hops(jump),
        command="" if command in NONE else _expanded(command, host, user, port),
    )


def _by_openssh(address: Address, config: Path | None) -> Mapping[str, list[str]]:
    words = ["ssh", "-G", *(["-F", str(config)] if config else [])]
    words += ["-l", address.user] if address.user else []
    words += ["-p", str(address.port)] if address.port else []
    words += ["--", address.host]
    try:
        ran = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        what = f"`ssh -G {address.host}` gave no answer for {SECONDS:g} s"
        raise Problem("ssh", what, "a `Match exec` in ~/.ssh/config may wait for something") from error
    if ran.returncode:
        raise usage("ssh", (ran.stderr.strip().splitlines() or ["refused its own configuration"])[0])
    says: dict[str, list[str]] = {}
    for line in ran.stdout.splitlines():
        name, _, value = line.partition(" ")
        says.setdefault(name, []).append(value)
    return says


def _by_paramiko(address: Address, config: Path | None) -> Mapping[str, list[str]]:
    """Return the same where there is no `ssh`, as in a small container: without `Include`."""
    from getpass import getuser

    from paramiko import SSHConfig, SSHException  # type: ignore[import-untyped]

    file = config or Path.home() / ".ssh" / "config"
    try:
        written = SSHConfig.from_path(str(file)).lookup(address.host) if file.is_file() else {}
    except (SSHException, OSError, UnicodeDecodeError) as error:
        raise usage(str(file), f"cannot be read: {error}") from error
    says: dict[str, list[str]] = {
        "hostname": [address.host],
        "userknownhostsfile": ["~/.ssh/known_hosts ~/.ssh/known_hosts2"],
        "globalknownhostsfile": ["/etc/ssh/ssh_known_hosts"],
        "identityfile": [f"~/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ed25519")],
        "user": [getuser()],
        "port": [str(PORT)],
        **{name: value if isinstance(value, list) else [value] for name, value in written.items()},
    }
    says["user"] = [address.user] if address.user else says["user"]
    says["port"] = [str(address.port)] if address.port else says["port"]
    return says


def _hops(jump: str) -> Sequence[Address]:
    try:
        return [address_of(hop.strip().removeprefix("ssh://")) for hop in jump.split(",")]
    except ValueError:
        raise Problem(
            "ssh", f'ProxyJump "{jump}" is not understood', "[USER@]HOST[:PORT], or several"
        ) from None


def _expanded(command: str, host: str, user: str, port: int) -> str:
    tokens = {"%h": host, "%p": str(port), "%r": user, "%n": host, "%%": "%"}
    return re.sub("%.", lambda token: tokens.get(token[0], token[0]), command)


def _path(text: str) -> str:
    return str(Path(text.strip('"')).expanduser())
