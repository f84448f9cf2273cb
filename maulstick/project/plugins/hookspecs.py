"""What a plugin can answer: one specification for each hook, in the order of a release."""

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
    """An element of a page, in the page's order."""

    @property
    def text(self) -> str:
        """The words in it, blanks folded; those of hidden parts too."""

    @property
    def visible(self) -> bool:
        """Whether a visitor sees it as the page comes; only a browser knows of style sheets."""

    @property
    def files(self) -> Sequence[str]:
        """The addresses of pictures and sounds in it, absolute, neither quoted nor with a query."""


class Response(Protocol):
    """What a page of the live site answered: `status`, `html` as it came, `text` as a visitor reads it."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def html(self) -> str:
        """The page as it came."""

    @property
    def text(self) -> str:
        """The words that a visitor reads, blanks folded."""

    def elements(self, selector: str) -> Sequence[Element]:
        """Return the elements that a CSS selector names."""


class Tab(Protocol):
    """A page in a real browser; elements are named by CSS selectors."""

    def click(self, selector: str) -> None:
        """Click on the first element; one that cannot be clicked makes the check wrong."""

    def press(self, key: str) -> None:
        """Press a key: `Escape`, `Tab`, `Enter`."""

    def visible(self, selector: str) -> bool:
        """Tell whether the first element is to be seen, now or within five seconds."""

    def text(self, selector: str) -> str:
        """Return the words that can be seen in the first element, blanks folded."""

    def count(self, selector: str) -> int:
        """Return how many elements there are."""

    def unplayable(self, selector: str) -> list[str]:
        """Return the addresses of the sounds and films that a selector names and that do not load."""

    def evaluate(self, script: str) -> Any:
        """Return what a script answers in the page."""

    def ok(self, right: bool) -> bool | None:
        """Return what was found as a check says it: None where it may be wrong for want of an answer."""


class Browser(Protocol):
    """A real browser on the live site."""

    def open(self, path: str, *, width: int = 1280) -> AbstractContextManager[Tab]:
        """Open a page at a width in pixels for the block."""


class Source(Protocol):
    """The source of an export, for a plugin that makes files of its own."""

    @property
    def rows(self) -> Rows:
        """The rows that travel, table by table, in PostgreSQL's text form; references are keys."""

    @property
    def folder(self) -> Path:
        """A folder to make files in; those that are answered are kept in the bundle, the rest is not."""

    def file(self, path: str) -> Path:
        """Return the media file that a row's path means; one that is not there is refused."""

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Ask the source's database; nothing can be written."""


class Release(Protocol):
    """A release as a plugin sees it."""

    @property
    def subject(self) -> Subject:
        """What was released."""

    @property
    def rows(self) -> Rows:
        """The bundle's rows, table by table, in PostgreSQL's text form; references are keys."""

    @property
    def browser(self) -> Browser | None:
        """A browser where the release is verified with one, else None."""

    @property
    def pages(self) -> Sequence[Page]:
        """The pages that show it, as the bundle names them."""

    @property
    def machine(self) -> Machine:
        """A started machine of the app."""

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Ask production's database; nothing can be written."""

    def get(self, path: str) -> Response:
        """Return what a page of the live site answers."""


@hookspec
def maulstick_kinds() -> Iterable[Kind]:
    """Name the kinds of subject that can be released.

    Called once when the tasks load: each kind becomes an option. A kind that two plugins name is an error
    that names both.
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
    """Name steps of the plugin's own, which a playbook may then put between the core's.

    The core's seven come in by this hook too. Called once for each command that reads a playbook, and once
    for each target. A step's `plan` is asked when a release is planned or rehearsed, its `run` in its turn. A
    step that two plugins name, or that is named as one of the core's, is an error that names both.
    """
    return ()


@hookspec
def maulstick_check(release: Release, steps: Sequence[str]) -> Iterable[Check]:
    """Refuse a release for want of something, before anything is read or planned.

    Called once for each subject in the step `check`; `steps` names the steps of this run in order. A check
    that is not ok stops the release (exit 5), one that is None too (exit 8); a `Problem` that it raises is
    said as it is. `release.rows` and `release.pages` are those of the bundle that is there, if there is one.
    """
    return ()


@hookspec
def maulstick_tables(subject: Subject) -> Iterable[Table | TableExtra]:
    """Declare the tables whose rows travel with a subject.

    Called once for each export, before the source is read. Answers of all plugins are joined; two plugins
    declaring the same table for one subject is an error that names both.
    """
    return ()


@hookspec
def maulstick_files(subject: Subject, rows: Rows) -> Iterable[File]:
    """Name files of the media folder that belong to a subject and that no media column names.

    Called once for each export, when the rows are known. A path is one as rows hold it; a file is proven and
    uploaded like any other. Two different files for one key are an error.
    """
    return ()


@hookspec
def maulstick_export(subject: Subject, source: Source) -> Iterable[File]:
    """Make files for a subject: export work of the plugin's own, kept in the bundle.

    Called once for each export, after `maulstick_files`, and wherever an export is made to look at, as
    `invoke status` does. A path is one below `source.folder`. The same content must give the same bytes, or
    every export is a new bundle.
    """
    return ()


@hookspec
def maulstick_pages(subject: Subject, rows: Rows) -> Iterable[Page]:
    """Name the pages that show a subject, with the texts and images that must be on them.

    Called once for each export, when the rows are known; the answers are kept in the bundle.
    """
    return ()


@hookspec
def maulstick_queries(subject: Subject) -> Iterable[Query]:
    """Ask production's database what must hold inside the release's transaction.

    Called once for each export; the questions are part of release.sql. `%(key)s` stands for the subject's
    key.
    """
    return ()


@hookspec
def maulstick_verify(release: Release) -> Iterable[Check]:
    """Put questions to the live site and database after a release.

    Called once for each verify. A check that is not ok makes the release wrong (exit 5); one that is None
    is unknown (exit 8).
    """
    return ()


@hookspec(firstresult=True)
def maulstick_step(step: str, release: Release) -> Outcome | None:
    """Stand around a step: what comes before the `yield` happens before it, what comes after, after.

    Called once for each step of a release, in a rehearsal too; only wrappers are taken. `yield` returns the
    step's outcome, which is returned, or raises what made it fail. A `Problem` raised before the `yield`
    refuses the step.
    """
    return None


@hookspec
def maulstick_finished(report: Mapping[str, Any]) -> None:
    """Hear how a release went: its record, as `release --json` prints it.

    Called once for each subject at the end of a release, of a failed one too. Nothing is undone when the
    plugin fails: that is said, and the exit code is 6 where it would have been 0.
    """
