"""Maulstick: release one piece of content to a live site and touch nothing else there."""

from maulstick.content import (
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
from maulstick.errors import Problem
from maulstick.hookspecs import Browser, Release, Source, hookimpl
from maulstick.markdown import paragraphs

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
