"""The local database as a target: where a pull goes."""

from __future__ import annotations

from dataclasses import replace

from maulstick.hosts.direct_host import DirectHost, DirectKeys, open_direct
from maulstick.hosts.environment import DATABASE
from maulstick.hosts.host import Host, Place, PulledFrom
from maulstick.project.targets import HostKind, Say, Target

LOCAL = "local"
KIND = HostKind(LOCAL, "the local database", open_direct, DirectKeys)
BUNDLES = ".maulstick", "pulled"
"""The folder of what pulls have read: apart from the bundles that are released."""


def homewards(place: Place, host: Host, *, theirs: bool, say: Say) -> tuple[Place, Host]:
    """Return the place and the way of a pull, from those of a release: the other direction."""
    local = local_target()
    source = replace(
        place.source,
        name=f"pulled from {place.target.name}",
        database=host.plan_database,
        checkout=None,
        site=None,
        bundles=place.folder.joinpath(*BUNDLES, place.target.name),
    )
    environment = {DATABASE: place.source.database.reveal()}
    pulled = PulledFrom(place.target, host, place.source, theirs=theirs)
    return Place(local, source, place.folder, pulled), DirectHost(local, say, lambda: environment)


def local_target() -> Target:
    """Return the local database as a target."""
    return Target(
        name=LOCAL,
        kind=KIND,
        keys=DirectKeys(),
        source=None,
        site="",
        storage_quota=None,
        confirm=False,
        addressing="path",
        acl=None,
        database_user=None,
        plan_database=None,
    )
