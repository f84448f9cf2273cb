"""`host = "sandbox"`: a small production on this machine, with a Fly and a source of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from maulstick.errors import usage
from maulstick.hosts import fly_host
from maulstick.hosts.direct_host import DirectHost
from maulstick.hosts.fly_host import FlyHost, FlyKeys, Ssh
from maulstick.project.host_keys import Command, Program, key
from maulstick.project.targets import SANDBOX_SOURCE, Host, LocalSource, Say, Target, unset_in_environment
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.sandbox.lifecycle import Sandbox
    from maulstick.sandbox.own.files import OwnFiles
    from maulstick.sandbox.own.lifecycle import OwnSandbox

SITE_OF_GALLERY = f"exec {quote(sys.executable)} -m maulstick.sandbox.site"
SANDBOX_FOLDER = ".sandbox"
SAYS = (
    "a whole small production on this machine, with a source of its own: the gallery that comes with "
    "Maulstick, or [your own schema](#your-own-schema-in-the-sandbox)"
)
NEEDS_SCHEMA = ("seed", "media_root", "site")
OF_THE_GALLERY = ("fly", "ssh")


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """What the sandbox says: whose schema it runs, and how the gallery's Fly is reached."""

    schema: Path | None = key(
        "a file of SQL that makes your tables: both databases are made from it, and not from the gallery",
        None,
    )
    seed: Path | None = key("a file of SQL with the rows of the local database; needs `schema`", None)
    media_root: Path | None = key(
        "the folder of the files that the rows name; a folder in `.sandbox` if left out; needs `schema`",
        None,
    )
    site: Command | None = key(
        "a command that starts your site on the port `PORT` of 127.0.0.1, with the production database as "
        "`DATABASE_URL`; without one no page is asked for; needs `schema`",
        None,
    )
    fly: Program = key("the `fly` program; if left out, the sandbox's own", Program(""))
    ssh: Ssh = key(
        '[the way to a machine](#the-way-to-a-machine): `"console"` (if left out), `"exec"` or '
        '`"certificate"`',
        "console",
    )


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What is known of an author's own sandbox once it runs."""

    folder: Path = key("its folder", Path())
    environment: Mapping[str, Secret] | None = key("what its site finds in its environment", None)


def start(target: Target, folder: Path, say: Say) -> Target:
    """Start the sandbox of a project; return the target as it is reached, with the sandbox's source."""
    return _reached(target, up(target.keys, f"targets/{target.name}", folder, say), folder)


def up(keys: SandboxKeys, where: str, folder: Path, say: Say) -> Sandbox | OwnSandbox:
    """Start the sandbox that a target's keys describe, in the folder of its project."""
    from maulstick.sandbox import lifecycle
    from maulstick.sandbox.own import lifecycle as own

    files = own_files(keys, where, folder)
    place = folder / SANDBOX_FOLDER
    return lifecycle.up(place, say=say) if files is None else own.up(place, files, say=say)


def reset(keys: SandboxKeys, where: str, folder: Path, say: Say) -> Sandbox | OwnSandbox:
    """Make the sandbox that a target's keys describe anew."""
    from maulstick.sandbox import lifecycle
    from maulstick.sandbox.own import lifecycle as own

    files = own_files(keys, where, folder)
    place = folder / SANDBOX_FOLDER
    return lifecycle.reset(place, say=say) if files is None else own.reset(place, files, say=say)


def own_files(keys: SandboxKeys, where: str, folder: Path) -> OwnFiles | None:
    """Return what an author's own sandbox is made from, None for the gallery; what is missing is named."""
    from maulstick.sandbox.own.files import OwnFiles

    useless = NEEDS_SCHEMA if keys.schema is None else OF_THE_GALLERY
    plain = SandboxKeys()
    for name in useless:
        if getattr(keys, name) != getattr(plain, name):
            what = "needs a schema" if keys.schema is None else "is of the gallery's Fly"
            hint = 'schema = "schema.sql"' if keys.schema is None else "leave it out, or the schema"
            raise usage(f"{where}/{name}", what, hint)
    if keys.schema is None:
        return None
    for name in ("schema", "seed", "media_root"):
        path: Path | None = getattr(keys, name)
        if path is not None and not path.exists():
            raise usage(f"{where}/{name}", f'"{path.name}" does not exist', f"it is looked for at {path}")
    return OwnFiles(keys.schema, keys.seed, keys.media_root, keys.site or "", folder)


def open_sandbox(target: Target, stack: ExitStack, say: Say) -> Host:
    """Return the way to a sandbox: by its Fly, or straight to an author's own."""
    if not isinstance(target.keys, OwnKeys):
        return FlyHost(target, stack, say)
    from maulstick.sandbox.own import site

    own = target.keys
    environment = {name: value.reveal() for name, value in (own.environment or {}).items()}
    return DirectHost(target, say, lambda: environment, partial(site.look, own.folder))


def unset(target: Target, name: str) -> tuple[str, str]:
    """Return what is said of a variable that is not set."""
    return (
        unset_in_environment(target, name)
        if isinstance(target.keys, OwnKeys)
        else fly_host.unset(target, name)
    )


def _reached(target: Target, box: Sandbox | OwnSandbox, folder: Path) -> Target:
    from maulstick.sandbox.own.lifecycle import OwnSandbox

    bundles, database = folder / SANDBOX_FOLDER / "releases", Secret(box.source_database)
    own: SandboxKeys = target.keys
    if isinstance(box, OwnSandbox):
        environment = {name: Secret(value) for name, value in box.environment.items()}
        keys: OwnKeys | FlyKeys = OwnKeys(folder=box.folder, environment=environment)
        checkout, serve = None, str(own.site) if own.site else None
    else:
        fly, checkout = own.fly or Program(str(box.fly)), box.checkout
        serve = f"{SITE_OF_GALLERY} --port $PORT --code {quote(str(box.checkout))}"
        keys = FlyKeys(app=box.app, database_app=box.database_app, fly=fly, ssh=own.ssh)
    source = LocalSource(SANDBOX_SOURCE, database, box.media_root, checkout, None, bundles, serve)
    return replace(target, source=source, site=box.site, keys=keys, addressing="path")
