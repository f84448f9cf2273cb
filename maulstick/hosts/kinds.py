"""The kinds of host that come with Maulstick, by the hook that anyone may answer."""

from __future__ import annotations

from collections.abc import Iterable

from maulstick.project.plugins.hookspecs import hookimpl
from maulstick.project.targets import HostKind


@hookimpl
def maulstick_hosts() -> Iterable[HostKind]:
    """Name Maulstick's own kinds of host."""
    from maulstick.hosts import direct_host, fly_host, sandbox_host, ssh_host

    yield HostKind("fly", fly_host.SAYS, fly_host.FlyHost, fly_host.FlyKeys, unset=fly_host.unset)
    yield HostKind(
        "direct",
        direct_host.SAYS,
        direct_host.open_direct,
        direct_host.DirectKeys,
        unset=direct_host.unset,
    )
    yield HostKind("ssh", ssh_host.SAYS, ssh_host.SshHost, ssh_host.SshKeys, unset=ssh_host.unset)
    yield HostKind(
        "sandbox",
        sandbox_host.SAYS,
        sandbox_host.open_sandbox,
        sandbox_host.SandboxKeys,
        start=sandbox_host.start,
        unset=sandbox_host.unset,
    )


def own_kinds() -> dict[str, HostKind]:
    """List Maulstick's own kinds of host by name."""
    return {kind.name: kind for kind in maulstick_hosts()}
