"""inventory.toml: the source and the targets, as frozen dataclasses."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.errors import did_you_mean, usage
from maulstick.project.targets import SANDBOX_SOURCE as SANDBOX_SOURCE
from maulstick.project.targets import HostKind
from maulstick.project.targets import LocalSource as LocalSource
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

    def chosen(self, texts: Collection[str], limits: Collection[str] = ()) -> list[Target]:
        """List the targets that texts such as `staging,production` name, each once and in order.

        A group stands for its targets; without texts it is the default one. `limits` are patterns such as
        `prod*,!prod-us`, which leave some of them, or without texts some of all targets.
        """
        names = _parts("--target", texts, "staging,production")
        members = [member for name in names for member in self.groups.get(name, (name,))]
        default = [*self.targets] if limits else [self.default]
        chosen = [self.target(name) for name in dict.fromkeys(members or default)]
        return self._limited(chosen, _parts("--limit", limits, "'prod*,!prod-us'")) if limits else chosen

    def _limited(self, targets: list[Target], patterns: Collection[str]) -> list[Target]:
        """List the targets that patterns leave; `!` before one takes what it matches out.

        One that matches no target of the inventory is a problem, and so is that none is left (exit 2).
        """
        wanted, unwanted = set[str](), set[str]()
        for pattern in patterns:
            (unwanted if pattern.startswith("!") else wanted).update(self._matched(pattern))
        if all(pattern.startswith("!") for pattern in patterns):
            wanted.update(self.targets)
        left = [target for target in targets if target.name in wanted - unwanted]
        if not left:
            names = ", ".join(target.name for target in targets)
            raise usage(f"--limit {','.join(patterns)}", f"leaves no target of {names}")
        return left

    def _matched(self, pattern: str) -> set[str]:
        glob = pattern.removeprefix("!")
        members = [name for group, names in self.groups.items() if fnmatchcase(group, glob) for name in names]
        matched = {name for name in self.targets if fnmatchcase(name, glob)} | {*members}
        if not matched:
            known = {*self.targets, *self.groups}
            raise usage(f"--limit {pattern}", "matches no target", did_you_mean(glob, known))
        return matched


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


def _parts(option: str, texts: Collection[str], example: str) -> list[str]:
    parts = [part.strip() for text in texts for part in text.split(",")]
    if "" in parts:
        raise usage(option, "names nothing before or after a comma", f"{option} {example}")
    return parts


def _source(table: SourceTable, folder: Path) -> LocalSource:
    bundles = table.bundles or Path(os.path.normpath((folder / "releases").absolute()))
    database = Secret(table.database.get_secret_value())
    # One of both is required.
    media = table.media or table.media_root or folder
    return LocalSource(table.name, database, media, table.checkout, table.site, bundles, table.serve)
