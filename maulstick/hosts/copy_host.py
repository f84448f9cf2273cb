"""A copy of a target's database as a target: where a rehearsal goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from maulstick.hosts.direct_host import DirectHost, DirectKeys, open_direct
from maulstick.hosts.environment import DATABASE
from maulstick.hosts.host import Host, Place
from maulstick.project.declarations import Outcome
from maulstick.project.targets import HostKind, Say
from maulstick.redact import Secret

KIND = HostKind("copy", "a copy of a target's database", open_direct, DirectKeys)
BUNDLES = ".maulstick", "rehearsed"
"""The folder of what rehearsals have read: apart from the bundles that are released."""


def on_copy(
    place: Place,
    host: Host,
    database: Secret,
    copied: Outcome,
    *,
    site: str,
    say: Say,
    exports: bool,
) -> tuple[Place, Host]:
    """Return the place and the way of a rehearsal, from those of a release.

    Where it `exports`, its bundles are its own. The bucket is the target's: it is only read. So is its
    name, as the ledger knows it.
    """
    target = replace(
        place.target,
        kind=KIND,
        keys=DirectKeys(),
        site=site,
        confirm=False,
        database_user=None,
        plan_database=None,
        headers={},
        preview_headers={},
        although_read_only=False,
    )
    own = place.folder.joinpath(*BUNDLES, target.name)
    source = replace(place.source, bundles=own) if exports else place.source

    def environment() -> Mapping[str, str | None]:
        known = {name: value.reveal() for name, value in host.environment.items()}
        return {**known, DATABASE: database.reveal()}

    return replace(place, target=target, source=source, copied=copied), DirectHost(target, say, environment)
