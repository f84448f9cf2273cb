"""Maulstick: release one piece of content to a live site and touch nothing else there."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maulstick.errors import Problem
    from maulstick.hosts.direct_host import DirectHost
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
        Rows,
        Step,
        Subject,
        Table,
        TableExtra,
    )
    from maulstick.project.host_keys import Command, Program, key
    from maulstick.project.plugins.hookspecs import (
        Browser,
        Element,
        Release,
        Response,
        RunningRelease,
        Source,
        Tab,
        hookimpl,
    )
    from maulstick.project.plugins.markdown import paragraphs
    from maulstick.project.targets import Code, Host, HostKind, Machine, Say, Target
    from maulstick.redact import Secret

__all__ = [
    "Browser",
    "Check",
    "Code",
    "Command",
    "DirectHost",
    "Element",
    "File",
    "Host",
    "HostKind",
    "JsonReference",
    "Kind",
    "Leave",
    "Machine",
    "Match",
    "MediaColumn",
    "Outcome",
    "Page",
    "Pointer",
    "Problem",
    "Program",
    "Query",
    "Release",
    "Response",
    "Rows",
    "RunningRelease",
    "Say",
    "Secret",
    "Source",
    "Step",
    "Subject",
    "Tab",
    "Table",
    "TableExtra",
    "Target",
    "hookimpl",
    "key",
    "paragraphs",
]

HOME = {
    "Browser": "project.plugins.hookspecs",
    "Code": "project.targets",
    "Command": "project.host_keys",
    "DirectHost": "hosts.direct_host",
    "Element": "project.plugins.hookspecs",
    "Host": "project.targets",
    "HostKind": "project.targets",
    "Machine": "project.targets",
    "Problem": "errors",
    "Program": "project.host_keys",
    "Release": "project.plugins.hookspecs",
    "Response": "project.plugins.hookspecs",
    "RunningRelease": "project.plugins.hookspecs",
    "Say": "project.targets",
    "Secret": "redact",
    "Source": "project.plugins.hookspecs",
    "Tab": "project.plugins.hookspecs",
    "Target": "project.targets",
    "hookimpl": "project.plugins.hookspecs",
    "key": "project.host_keys",
    "paragraphs": "project.plugins.markdown",
}
"""The module of each public name that is not in `project.declarations`."""


def __getattr__(name: str) -> Any:
    """Import what a plugin asks for only then: our own programs start faster without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOME.get(name, 'project.declarations')}"), name)
