"""inventory.toml: the source and the targets, as frozen dataclasses."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.errors import did_you_mean, usage
from maulstick.project.addresses import BucketPlace
from maulstick.project.admission import authorization
from maulstick.project.host_words import SANDBOX_SOURCE as SANDBOX_SOURCE
from maulstick.project.host_words import Addressing, Host, Ssh
from maulstick.project.toml import read
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.project.inventory_file import SourceTable, TargetTable

OURS = ("site", "headers", "basic_auth", "plan_database")
"""Keys of a target that are not taken as they are written."""


@dataclass(frozen=True, slots=True)
class Source:
    """The local side: what a release is made from; `media` is where its files are; paths are absolute."""

    name: str
    database: Secret
    media: Path | BucketPlace
    checkout: Path | None
    site: str | None
    bundles: Path


@dataclass(frozen=True, slots=True)
class Target:
    """One place to release to; `source` is None where it brings its own, `storage_quota` is in bytes.

    `database_user` is the role that rows are written as, `plan_database` what reading alone goes to.
    `headers` let a visitor into a site behind a login; they are for its own host alone.
    With `although_read_only` a database is written to that is set to be only read.
    """

    name: str
    host: Host
    source: Source | None
    app: str
    database_app: str
    site: str
    storage_quota: int | None
    confirm: bool
    fly: str
    ssh: Ssh
    environment: Path | None
    addressing: Addressing
    acl: str | None
    database_user: str | None
    plan_database: Secret | None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    although_read_only: bool = False
    conditional_writes: bool = True


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one inventory file says."""

    path: Path
    default: str
    targets: Mapping[str, Target]
    groups: Mapping[str, tuple[str, ...]]

    def target(self, name: str | None) -> Target:
        """Return the target of that name, the default one for None; an unknown name is a problem (exit 2)."""
        wanted = self.default if name is None else name
        if wanted not in self.targets:
            known = {*self.targets, *self.groups}
            what = f'no target is called "{wanted}"'
            raise usage(f"{self.path.name}/targets", what, did_you_mean(wanted, known))
        return self.targets[wanted]

    def chosen(self, texts: Collection[str]) -> list[Target]:
        """Return the targets that texts such as `staging,production` name, each once and in order.

        A group stands for its targets; without texts it is the default one.
        """
        names = [name.strip() for text in texts for name in text.split(",")]
        if "" in names:
            raise usage("--target", "names nothing before or after a comma", "--target staging,production")
        members = [one for name in names for one in self.groups.get(name, (name,))]
        return [self.target(name) for name in dict.fromkeys(members or [self.default])]


def load(path: Path) -> Inventory:
    """Read an inventory; paths in it are relative to its folder, and `${NAME}` reads the environment.

    Its mistakes are one problem (exit 2), which names the place of each.
    """
    from maulstick.project.inventory_file import InventoryFile
    from maulstick.project.models import checked

    hint = f"it is looked for at {path.absolute()}; --inventory FILE names another"
    values = read(path, path.name, hint)
    context = {"folder": path.parent, "environment": os.environ}
    written = checked(InventoryFile, values, path.name, context)
    source = _source(written.source, path.parent) if written.source else None
    targets = {name: _target(name, table, source) for name, table in written.targets.items()}
    groups = {name: tuple(members) for name, members in written.groups.items()}
    return Inventory(path, written.default, targets, groups)


def _source(table: SourceTable, folder: Path) -> Source:
    bundles = table.bundles or Path(os.path.normpath((folder / "releases").absolute()))
    database = Secret(table.database.get_secret_value())
    # One of both is required.
    media = table.media or table.media_root or folder
    return Source(table.name, database, media, table.checkout, table.site, bundles)


def _target(name: str, table: TargetTable, source: Source | None) -> Target:
    plain = {name: value for name, value in table if name not in OURS}
    return Target(
        name=name,
        source=None if table.host == "sandbox" else source,
        site=table.site.address,
        plan_database=Secret(table.plan_database.get_secret_value()) if table.plan_database else None,
        headers=_headers(table),
        **plain,
    )


def _headers(table: TargetTable) -> Mapping[str, Secret]:
    headers = {name: Secret(value.get_secret_value()) for name, value in table.headers.items()}
    user = table.basic_auth.get_secret_value() if table.basic_auth else table.site.user
    return headers if user is None else {**headers, "Authorization": authorization(user)}
