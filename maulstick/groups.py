"""The groups of an inventory: names that stand for several targets."""

from __future__ import annotations

from collections.abc import Collection

from maulstick.errors import did_you_mean, usage
from maulstick.toml import NAME, Section

Groups = dict[str, tuple[str, ...]]

EXAMPLE = 'a group lists targets: all = ["staging", "production"]'


def groups_of(top: Section, targets: Collection[str]) -> Groups:
    """Return the targets of each group; a group holds targets only, each once."""
    if "groups" not in top.values:
        return {}
    section = top.table("groups", "write [groups] on a line of its own")
    return {name: _members(section, name, targets) for name in section.values}


def _members(groups: Section, name: str, targets: Collection[str]) -> tuple[str, ...]:
    where = groups.at(name)
    if not NAME.fullmatch(name):
        raise usage(where, 'a group\'s name is letters, digits, "-" and "_"', "rename it")
    if name in targets:
        raise usage(where, "is the name of a target too", "give the group another name")
    members = groups.texts(name, EXAMPLE)
    if not members:
        raise usage(where, "is empty", EXAMPLE)
    for n, member in enumerate(members):
        if member in groups.values:
            raise usage(where, f'"{member}" is a group, and a group holds targets', "name its targets here")
        if member not in targets:
            raise usage(where, f'no target is called "{member}"', did_you_mean(member, targets))
        if member in members[:n]:
            raise usage(where, f'"{member}" is there twice', "take one of them out")
    return tuple(members)
