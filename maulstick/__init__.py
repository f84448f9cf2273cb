"""Maulstick: release one piece of content to a live site and touch nothing else there."""

from maulstick.content import (
    Check,
    JsonReference,
    Kind,
    Leave,
    Match,
    MediaColumn,
    Page,
    Query,
    Subject,
    Table,
    TableExtra,
)
from maulstick.hookspecs import Release, hookimpl

__all__ = [
    "Check",
    "JsonReference",
    "Kind",
    "Leave",
    "Match",
    "MediaColumn",
    "Page",
    "Query",
    "Release",
    "Subject",
    "Table",
    "TableExtra",
    "hookimpl",
]
