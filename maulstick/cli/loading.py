"""The plugins of a project: its own and installed ones, after what comes with Maulstick."""

from __future__ import annotations

from pathlib import Path

from maulstick.hosts import kinds as host_kinds
from maulstick.project.plugins.registry import Plugins, load
from maulstick.release import core_steps
from maulstick.release.shipped import shipped_steps


def plugins_of(project: Path) -> Plugins:
    """List the plugins of a project; one that could not be loaded is kept with its failure."""
    return load(project / "plugins", host_kinds, core_steps, shipped_steps)
