"""The pages of a subject after a rollback: they show what they showed before the release, or are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from urllib3.exceptions import NewConnectionError

from maulstick.bundle.bundle import Bundle, Script
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.target_slice import target_slice
from maulstick.errors import Problem
from maulstick.postgres.connection import Database
from maulstick.project.declarations import Check, Page, Rows, Subject
from maulstick.project.plugins.hookspecs import Machine
from maulstick.project.plugins.registry import Plugins
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.site import AT_ONCE, visited


def pages_shown(database: Database, subject: Subject, plugins: Plugins, target: str) -> tuple[Page, ...]:
    """List the pages that show a subject on a target now; none where they cannot be named.

    A rollback is not to be stopped by what only its proof needs.
    """
    try:
        with target_slice(database, subject, plugins, target) as (manifest, _):
            return tuple(page for page in manifest.pages if not page.gone)
    except Problem:
        return ()


def nobody_listens(web: Web) -> bool:
    """Return whether nothing at all is there to be asked, so that waiting for an answer is in vain."""
    try:
        replace(web, patience=0).get("/")
    except Problem as problem:
        return isinstance(problem.__cause__, NewConnectionError)
    return False


def pages_after(
    database: Database,
    subject: Subject,
    plugins: Plugins,
    target: str,
    *,
    web: Web,
    machine: Callable[[], Machine],
    shown: Sequence[Page],
    public: str | None,
    local: str = "",
) -> list[Check]:
    """Ask for the pages of a subject as the rollback has left its rows, and for those that it took away.

    `shown` are the pages that were there before. Without a `public` address of files no picture is asked
    for.
    """
    try:
        with target_slice(database, subject, plugins, target) as (manifest, rows):
            pages = [*_there(manifest.pages, public), *_gone(shown, manifest.pages)]
            whole = replace(manifest, pages=tuple(pages))
            live = _live(database, whole, rows, web, machine)
            return visited(live, whole, public=public or "", concurrency=AT_ONCE, local=local)
    except Problem as problem:
        return [Check(f"pages of {subject}", None, f"{problem.where}: {problem.what}", problem.hint)]


def _live(
    database: Database, manifest: Manifest, rows: Rows, web: Web, machine: Callable[[], Machine]
) -> Live:
    bundle = Bundle(Path(), manifest, Script({}))
    return Live(
        manifest.subject,
        web,
        bundle=lambda: bundle,
        database=lambda: database,
        machine=machine,
        expected=(manifest, rows),
    )


def _there(pages: Iterable[Page], public: str | None) -> Iterable[Page]:
    return pages if public is not None else [replace(page, images=(), pairs=()) for page in pages]


def _gone(shown: Iterable[Page], now: Iterable[Page]) -> list[Page]:
    """Return the pages that nothing names any more, as pages that must be gone."""
    paths = {page.path for page in now}
    return [Page(page.path, absent=page.texts, gone=True) for page in shown if page.path not in paths]
