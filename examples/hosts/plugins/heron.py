"""A host of your own: `host = "heron"`, whose program `heron config APP` prints the app's environment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from maulstick import DirectHost, HostKind, Problem, Say, Target, hookimpl, key


@dataclass(frozen=True)
class HeronKeys:
    """What a target on Heron says, beside the keys of every target."""

    pond: str = key("the app's name on Heron", missing='the app\'s name on Heron: pond = "gallery"')


def environment(pond: str) -> Mapping[str, str]:
    """Return the app's environment as Heron's own program prints it."""
    ran = subprocess.run(["heron", "config", pond], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Problem("heron config", ran.stderr.strip(), f"`heron config {pond}` must work by itself")
    return dict(line.split("=", 1) for line in ran.stdout.splitlines() if "=" in line)


def open_heron(target: Target, stack: ExitStack, say: Say) -> DirectHost:
    """Return the way to an app whose database and bucket can be reached from here."""
    return DirectHost(target, say, read=partial(environment, target.keys.pond))


@hookimpl
def maulstick_hosts() -> Iterable[HostKind]:
    """Name Heron's ponds."""
    yield HostKind("heron", "an app on Heron", open_heron, HeronKeys)
