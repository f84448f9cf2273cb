"""Every command and flag that flyctl is ever given, and where each is known from; the door runs no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its flags (`=` takes a value), the section of fly.md with them, whether `-a` goes too."""

    flags: str
    section: str
    of_app: bool = True


# `ssh issue --overwrite` never ends on a key that is there (fly.md §2): it must not come in here.
CALLS: Mapping[str, Call] = {
    "deploy": Call("--label= --yes", "§6 deploy"),
    "logs": Call("--no-tail --json", "§6 logs"),
    "machine exec": Call("--json --timeout=", "§1 machine exec"),
    "machine list": Call("--json", "§6 machine list"),
    "machine start": Call("", "§0 (5)"),
    "mpg proxy": Call("-p=", "§5 mpg proxy", of_app=False),
    "proxy": Call("--watch-stdin -q", "§3"),
    "releases": Call("--json", "§6 releases"),
    "ssh console": Call("--machine= -q -C=", "§1 Flags"),
    "ssh issue": Call("--hours= -u=", "§2", of_app=False),
    "status": Call("--json", "§6 status"),
    "version": Call("--json", "§11", of_app=False),
}


def name_of(arguments: Sequence[str]) -> str:
    """Return the command of a command line: `ssh console`; ValueError for one that is not listed."""
    for count in (2, 1):
        name = " ".join(arguments[:count])
        if name in CALLS:
            return name
    raise ValueError(f"maulstick/hosts/fly/calls.py does not list `fly {' '.join(arguments[:2])}`")


def complete(arguments: Sequence[str], app: str) -> list[str]:
    """Return a listed command line with its app; ValueError for a command or flag that is not listed."""
    name = name_of(arguments)
    known = {flag.removesuffix("="): flag.endswith("=") for flag in CALLS[name].flags.split()}
    left = iter(arguments)
    for word in left:
        if not word.startswith("-"):
            continue
        if word not in known:
            raise ValueError(f"maulstick/hosts/fly/calls.py does not list `fly {name} {word}`")
        if known[word]:
            next(left, None)
    return [*arguments, "-a", app] if CALLS[name].of_app else [*arguments]
