"""`host = "sandbox"`: a small production on this machine, with a Fly and a source of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.hosts.fly_host import FlyKeys, Ssh
from maulstick.project.host_keys import Program, key
from maulstick.project.targets import SANDBOX_SOURCE, Say, Source, Target
from maulstick.redact import Secret

SANDBOX_FOLDER = ".sandbox"
SAYS = "a whole small production on this machine, with a source of its own"


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """What the sandbox says: how its Fly is reached."""

    fly: Program = key("the `fly` program; if left out, the sandbox's own", Program(""))
    ssh: Ssh = key(
        '[the way to a machine](#the-way-to-a-machine): `"console"` (if left out), `"exec"` or '
        '`"certificate"`',
        "console",
    )


def start(target: Target, folder: Path, say: Say) -> Target:
    """Start the sandbox of a project; return the target as it is reached, with the sandbox's source."""
    from maulstick.sandbox.lifecycle import up

    box = up(folder / SANDBOX_FOLDER, say=say)
    bundles = folder / SANDBOX_FOLDER / "releases"
    database = Secret(box.source_database)
    source = Source(SANDBOX_SOURCE, database, box.media_root, box.checkout, None, bundles)
    own: SandboxKeys = target.keys
    fly = own.fly or Program(str(box.fly))
    keys = FlyKeys(app=box.app, database_app=box.database_app, fly=fly, ssh=own.ssh)
    return replace(target, source=source, site=box.site, keys=keys, addressing="path")
