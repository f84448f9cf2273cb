"""All commands of a project as tasks of Invoke."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    sys.exit("maulstick: does not run on Windows itself; use WSL")

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from invoke.collection import Collection

# Invoke forbids bytecode, for the sake of tasks.py; every module of ours would be compiled at each command.
sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
gc.set_threshold(50_000)  # a command ends soon: what its imports make is not looked through again

from maulstick.cli.arguments import Definition
from maulstick.cli.commands import (
    desk,
    doctor,
    github,
    history,
    init,
    ledger,
    listings,
    mcp,
    media,
    plugins,
    pull,
    rehearse,
    release,
    report,
    rollback,
    sandbox,
    steps,
    units,
)
from maulstick.cli.kinds import kinds_of, require_options
from maulstick.cli.loading import plugins_of
from maulstick.cli.task import task_of
from maulstick.signals import before_commands

Definitions = Sequence[Definition[Any]]

ALONE: Definitions = [
    definition
    for module in (
        init,
        release,
        rehearse,
        pull,
        steps,
        units,
        doctor,
        history,
        rollback,
        report,
        listings,
        desk,
        mcp,
    )
    for definition in module.COMMANDS
]
GROUPS: Mapping[str, Definitions] = {
    "plugins": plugins.COMMANDS,
    "ledger": ledger.COMMANDS,
    "media": media.COMMANDS,
    "github": github.COMMANDS,
    "sandbox": sandbox.COMMANDS,
}


def tasks_of(project: Path) -> Collection:
    """Return the tasks of a project: its plugins' kinds of subject become options."""
    before_commands()
    loaded = plugins_of(project)
    kinds = kinds_of(loaded)

    namespace = Collection(*(task_of(one, project, loaded, kinds) for one in ALONE))
    for name, definitions in GROUPS.items():
        tasks = [task_of(one, project, loaded, kinds) for one in definitions]
        namespace.add_collection(Collection(name, *tasks))
    namespace.collections["plugins"].default = "list"
    require_options(namespace, loaded, sys.argv[1:])
    return namespace
