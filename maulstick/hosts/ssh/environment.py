"""The site's environment on a machine: what a command prints, a file, or a unit of systemd."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from io import StringIO

from maulstick.errors import Problem
from maulstick.hosts.environment import NAMES
from maulstick.hosts.ran import Ran
from maulstick.hosts.ssh.connection import MachineConnection
from maulstick.redact import Secret

SYSTEMD = "systemd:"
SHOW = "systemctl show -p LoadState -p Environment -p EnvironmentFiles -- {unit}"
LINE = re.compile(r"(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
FILE = re.compile(r"(.+?)(?: \(ignore_errors=(yes|no)\))?")
QUOTES = ("'", '"')


def read_environment(machine: MachineConnection, source: str) -> Mapping[str, Secret]:
    """Read the names that are known from where the site has them; one that is not set is absent."""
    if source.startswith(SYSTEMD):
        values = _of_unit(machine, source.removeprefix(SYSTEMD))
    elif is_file(source):
        values = _of_file(machine, source)
    else:
        values = dict(assignments(_printed(machine, source)))
    return {name: Secret(value) for name in NAMES if (value := values.get(name))}


def is_file(source: str) -> bool:
    """Return whether an environment is in a file, and not what a command prints."""
    return source.startswith(("/", "~/")) and " " not in source


def assignments(printed: str) -> Iterator[tuple[str, str]]:
    """Yield the variables in what a command printed, as `printenv` does, `printenv -0` or `export -p`."""
    name, value = "", ""
    for line in printed.split("\0" if "\0" in printed else "\n"):
        if pair := LINE.fullmatch(line.removesuffix("\r")):
            if name:
                yield name, _bare(value)
            name, value = pair[1], pair[2]
        elif name:
            value += f"\n{line}"
    if name:
        yield name, _bare(value)


def _bare(value: str) -> str:
    value = value.rstrip("\n")
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in QUOTES
    return value[1:-1] if quoted else value


def _of_file(machine: MachineConnection, path: str) -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    # The shell there knows where ~ is.
    quoted = f"~/{shlex.quote(path[2:])}" if path.startswith("~/") else shlex.quote(path)
    text = _printed(machine, f"cat {quoted}")
    # What runs there does not read our environment.
    return dotenv_values(stream=StringIO(text), interpolate=False)


def _of_unit(machine: MachineConnection, unit: str) -> Mapping[str, str | None]:
    values: dict[str, str | None] = {}
    lines = [
        line.partition("=") for line in _printed(machine, SHOW.format(unit=shlex.quote(unit))).splitlines()
    ]
    if ("LoadState", "=", "not-found") in lines:
        what = f'systemd knows no unit "{unit}"'
        raise Problem(machine.login.name, what, "`systemctl list-units --type service` lists them")
    for name, _, value in lines:
        if name == "Environment":
            values |= dict(assignments("\n".join(shlex.split(value))))
    for name, _, value in lines:
        file = FILE.fullmatch(value) if name == "EnvironmentFiles" else None
        if file is not None:
            values |= _of_listed_file(machine, file[1], optional=file[2] == "yes")
    return values


def _of_listed_file(machine: MachineConnection, path: str, *, optional: bool) -> Mapping[str, str | None]:
    try:
        return _of_file(machine, path)
    except Problem:
        if optional:
            return {}
        raise


def _printed(machine: MachineConnection, command: str) -> str:
    ran: Ran = machine.ask(command)
    if ran.code:
        said = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        what = f"`{command}` failed with exit code {ran.code}: {said}"
        raise Problem(machine.login.name, what, "environment_from in the inventory says where it is")
    return ran.stdout
