"""The hooks that a plugin can implement, in the order of a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pluggy

from maulstick.project.declarations import (
    Check,
    File,
    Kind,
    Outcome,
    Page,
    Query,
    Rows,
    Step,
    Subject,
    Table,
    TableExtra,
)
from maulstick.project.targets import HostKind
from maulstick.project.targets import Machine as Machine

PROJECT = "maulstick"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Element(Protocol):
    """An element of a page."""

    @property
    def text(self) -> str:
        """The words in it, including hidden ones, with whitespace collapsed."""

    @property
    def visible(self) -> bool:
        """Whether a visitor sees it, as far as the HTML tells: style sheets are not read."""

    @property
    def files(self) -> Sequence[str]:
        """The absolute addresses of pictures and sounds in it, decoded and without a query."""


class Response(Protocol):
    """The answer of a page of the live site."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def html(self) -> str:
        """The page's HTML."""

    @property
    def text(self) -> str:
        """The words that a visitor reads, with whitespace collapsed."""

    def elements(self, selector: str) -> Sequence[Element]:
        """Return the elements that match a CSS selector, in the order of the page."""


class Tab(Protocol):
    """A page in a real browser; a CSS selector says which element is meant."""

    def click(self, selector: str) -> None:
        """Click on the first element; if that is impossible, the check is wrong."""

    def press(self, key: str) -> None:
        """Press a key: `Escape`, `Tab`, `Enter`."""

    def visible(self, selector: str) -> bool:
        """Return whether the first element is visible, now or within five seconds."""

    def text(self, selector: str) -> str:
        """Return the visible words of the first element, with whitespace collapsed."""

    def count(self, selector: str) -> int:
        """Return how many elements match."""

    def unplayable(self, selector: str) -> list[str]:
        """Return the addresses of those sounds and films that do not load."""

    def evaluate(self, script: str) -> Any:
        """Return the value of a script that is run in the page."""

    def ok(self, right: bool) -> bool | None:
        """Return `right` for a `Check`, or None if it may be wrong because a request was not answered."""


class Browser(Protocol):
    """A real browser that visits the live site."""

    def open(self, path: str, *, width: int = 1280) -> AbstractContextManager[Tab]:
        """Open a page for the block, at a width in pixels."""


class Source(Protocol):
    """The source of an export, for a plugin that makes files of its own."""

    @property
    def rows(self) -> Rows:
        """The rows that travel, by table, in PostgreSQL's text form; references are keys."""

    @property
    def folder(self) -> Path:
        """A folder to make files in; those that the hook returns are kept in the bundle."""

    def file(self, path: str) -> Path:
        """Return the media file that a path in a row means; raise a problem if it does not exist."""

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Query the source's database, read-only."""


class Release(Protocol):
    """A release, as a plugin sees it."""

    @property
    def subject(self) -> Subject:
        """What is released."""

    @property
    def rows(self) -> Rows:
        """The bundle's rows, by table, in PostgreSQL's text form; references are keys."""

    @property
    def browser(self) -> Browser | None:
        """A browser if the release is verified with one, or else None."""

    @property
    def pages(self) -> Sequence[Page]:
        """The pages that show the subject, as the bundle has them."""

    @property
    def machine(self) -> Machine:
        """A started machine of the app."""

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Query production's database, read-only."""

    def get(self, path: str) -> Response:
        """Request a page of the live site."""


class RunningRelease(Release, Protocol):
    """A release among its steps, as one of them sees it."""

    @property
    def name(self) -> str:
        """What the playbook calls this step."""

    @property
    def folder(self) -> Path:
        """The project's folder."""

    @property
    def report(self) -> Mapping[str, Any]:
        """The record so far, as `release --json` prints it: `steps`, `number`, `problem`, `state`, `page`."""

    def say(self, text: str) -> None:
        """Show a line of what the step does; secrets in it are hidden."""

    def hide(self, text: str) -> str:
        """Return a text without the secrets of source, target and environment."""


@hookspec
def maulstick_kinds() -> Iterable[Kind]:
    """Name the kinds of subject that can be released.

    Called once when the tasks load: each kind becomes an option. It is an error, which names both plugins, if
    two name the same kind.
    """
    return ()


@hookspec
def maulstick_hosts() -> Iterable[HostKind]:
    """Name kinds of host that a target may be on: `host = "…"` in the inventory.

    Called once for each command that reads the inventory. A kind that two plugins name, or that is named as
    one of Maulstick's own, is an error that names both.
    """
    return ()


@hookspec
def maulstick_steps() -> Iterable[Step]:
    """Name the plugin's own steps, which a playbook may use like those of the core.

    The core's eight come in by this hook too. Called once for each command that reads a playbook, and once
    for each target. A step's `plan` is asked when a release is planned or rehearsed, its `run` in its turn. A
    step that two plugins name, or that is named as one of the core's, is an error that names both.
    """
    return ()


@hookspec
def maulstick_check(release: Release, steps: Sequence[str]) -> Iterable[Check]:
    """Refuse a release that lacks something, before anything is read or planned.

    Called once for each subject in the step `check`; `steps` names the steps of this run in order. A check
    that is False stops the release (exit 5), and so does one that is None (exit 8); a `Problem` is reported
    as it is. `release.rows` and `release.pages` are those of the existing bundle, if there is one.
    """
    return ()


@hookspec
def maulstick_tables(subject: Subject) -> Iterable[Table | TableExtra]:
    """Declare the tables whose rows travel with a subject.

    Called once for each export, before the source is read. The tables of all plugins are joined. It is an
    error, which names both plugins, if two declare the same table for a subject.
    """
    return ()


@hookspec
def maulstick_files(subject: Subject, rows: Rows) -> Iterable[File]:
    """Name files of the media folder that belong to a subject but that no media column names.

    Called once for each export, when the rows are known. A path is written as in rows; a file is verified and
    uploaded like any other. Two different files for the same key are an error.
    """
    return ()


@hookspec
def maulstick_export(subject: Subject, source: Source) -> Iterable[File]:
    """Make files for a subject, which are kept in the bundle.

    Called once for each export, after `maulstick_files`, and for every export that is only compared, as by
    `invoke status`. Paths are below `source.folder`. The same content must give the same bytes, or every
    export is a new bundle.
    """
    return ()


@hookspec
def maulstick_pages(subject: Subject, rows: Rows) -> Iterable[Page]:
    """Name the pages that show a subject, with the texts and images that they must show.

    Called once for each export, when the rows are known; the pages are kept in the bundle.
    """
    return ()


@hookspec
def maulstick_queries(subject: Subject) -> Iterable[Query]:
    """Query production's database for what must hold inside the release's transaction.

    Called once for each export; the queries are part of release.sql. `%(key)s` stands for the subject's key.
    """
    return ()


@hookspec
def maulstick_verify(release: Release) -> Iterable[Check]:
    """Check the live site and database after a release.

    Called once for each verify. A check that is False makes the release wrong (exit 5); one that is None
    is unknown (exit 8).
    """
    return ()


@hookspec(firstresult=True)
def maulstick_step(step: str, release: Release) -> Outcome | None:
    """Wrap a step: code before the `yield` runs before it, code after the `yield` after it.

    Called once for each step of a release, in a rehearsal too; only wrappers are taken. `yield` returns the
    step's outcome, which is returned, or raises what made it fail. A `Problem` raised before the `yield`
    refuses the step.
    """
    return None


@hookspec
def maulstick_finished(report: Mapping[str, Any]) -> None:
    """Receive the record of a release, as `release --json` prints it.

    Called once for each subject at the end of a release, even a failed one. If the plugin fails, nothing is
    undone: the failure is reported, and the exit code is 6 where it would have been 0.
    """
