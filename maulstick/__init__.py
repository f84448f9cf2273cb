"""Maulstick: release one piece of content to a live site and touch nothing else there."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maulstick.errors import Problem
    from maulstick.project.declarations import (
        Check,
        File,
        JsonReference,
        Kind,
        Leave,
        Match,
        MediaColumn,
        Outcome,
        Page,
        Pointer,
        Query,
        Step,
        Subject,
        Table,
        TableExtra,
    )
    from maulstick.project.markdown import paragraphs
    from maulstick.project.plugins.hookspecs import Browser, Release, Source, hookimpl

__all__ = [
    "Browser",
    "Check",
    "File",
    "JsonReference",
    "Kind",
    "Leave",
    "Match",
    "MediaColumn",
    "Outcome",
    "Page",
    "Pointer",
    "Problem",
    "Query",
    "Release",
    "Source",
    "Step",
    "Subject",
    "Table",
    "TableExtra",
    "hookimpl",
    "paragraphs",
]

HOME = {
    "Browser": "project.plugins.hookspecs",
    "Problem": "errors",
    "Release": "project.plugins.hookspecs",
    "Source": "project.plugins.hookspecs",
    "hookimpl": "project.plugins.hookspecs",
    "paragraphs": "project.markdown",
}
"""Where a name is, if not among the declarations."""


def __getattr__(name: str) -> Any:
    """Return what plugins import, read when it is asked for: our own programs start without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOME.get(name, 'project.declarations')}"), name)
