"""inventory.toml: the source and the targets, as frozen dataclasses."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.errors import did_you_mean, usage
from maulstick.project.targets import SANDBOX_SOURCE as SANDBOX_SOURCE
from maulstick.project.targets import HostKind
from maulstick.project.targets import Source as Source
from maulstick.project.targets import Target as Target
from maulstick.project.toml import read
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.project.inventory_file import SourceTable


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
        members = [member for name in names for member in self.groups.get(name, (name,))]
        return [self.target(name) for name in dict.fromkeys(members or [self.default])]


def load(path: Path, kinds: Mapping[str, HostKind]) -> Inventory:
    """Read an inventory; paths in it are relative to its folder, and `${NAME}` reads the environment.

    `kinds` are the kinds of host that its targets may be on. Its mistakes are one problem (exit 2), which
    names the place of each.
    """
    from maulstick.project.host_table import target_of
    from maulstick.project.inventory_file import InventoryFile
    from maulstick.project.models import checked

    hint = f"it is looked for at {path.absolute()}; --inventory FILE names another"
    values = read(path, path.name, hint)
    context = {"folder": path.parent, "environment": os.environ, "kinds": kinds}
    written = checked(InventoryFile, values, path.name, context)
    source = _source(written.source, path.parent) if written.source else None
    targets = {
        name: target_of(name, table, kinds[table.host], source, written.vars)
        for name, table in written.targets.items()
    }
    groups = {name: tuple(members) for name, members in written.groups.items()}
    return Inventory(path, written.default, targets, groups)


def _source(table: SourceTable, folder: Path) -> Source:
    bundles = table.bundles or Path(os.path.normpath((folder / "releases").absolute()))
    database = Secret(table.database.get_secret_value())
    # One of both is required.
    media = table.media or table.media_root or folder
    return Source(table.name, database, media, table.checkout, table.site, bundles)
