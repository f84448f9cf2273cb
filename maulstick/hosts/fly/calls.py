"""Every command and flag that flyctl is ever given, and where each is known from; the door runs no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its flags (`=` takes a value), its section in docs/fly-facts.md, whether it takes `-a`."""

    flags: str
    section: str
    of_app: bool = True


# `ssh issue --overwrite` never ends if the key exists (docs/fly-facts.md, "SSH certificates"): not here.
CALLS: Mapping[str, Call] = {
    "deploy": Call("--label= --yes", "Deploys"),
    "logs": Call("--no-tail --json", "Deploys"),
    "machine exec": Call("--json --timeout=", "Commands on a machine"),
    "machine list": Call("--json", "Deploys"),
    "machine start": Call("", "What sleeps"),
    "mpg proxy": Call("-p=", "Postgres", of_app=False),
    "proxy": Call("--watch-stdin -q", "The proxy"),
    "releases": Call("--json", "Deploys"),
    "ssh console": Call("--machine= -q -C=", "Commands on a machine"),
    "ssh issue": Call("--hours= -u=", "SSH certificates", of_app=False),
    "status": Call("--json", "Deploys"),
    "version": Call("--json", "The stand-in", of_app=False),
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
