"""A rehearsal's own part of a command: the copy of production that its steps are performed on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.console import Console
from maulstick.errors import DENIED, Problem
from maulstick.project.declarations import Outcome, Subject
from maulstick.text import amount, at_most, row_amount

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.project.plugins.registry import Plugins
    from maulstick.rehearsal.copying import Copied
    from maulstick.rehearsal.met_rows import Travelling
    from maulstick.release.settings import ReleaseSettings

STEP = "copy"
SHOWN = 8
"""How many parts of a schema that a copy lacks are named."""


@contextmanager
def on_a_copy(
    place: Place,
    host: Host,
    subjects: Sequence[Subject],
    settings: ReleaseSettings,
    plugins: Plugins,
    console: Console,
    *,
    keep: bool,
) -> Iterator[tuple[Place, Host]]:
    """Yield the place and the way to a copy of the target for the block; the target is only read."""
    from maulstick.hosts import database as login
    from maulstick.hosts.copy_host import on_copy
    from maulstick.hosts.local_server import local_server
    from maulstick.hosts.site_on_copy import served
    from maulstick.rehearsal.copying import Places, copied
    from maulstick.rehearsal.schema import ALL_TABLES

    console.line(f"copy what {', '.join(map(str, subjects))} meets in {place.target.name}")
    console.begin(STEP)
    began, server = time.monotonic(), local_server(place)
    role = None if place.target.plan_database else place.target.database_user
    with ExitStack() as stack:
        try:
            production = stack.enter_context(login.reading(place.target, host))
            travelling = [_travelling(place, plugins, settings, one, stack) for one in subjects]
            places = Places(production, host.plan_database, role, server.address, server.programs)
            copy = stack.enter_context(copied(places, travelling, place.target.name, keep=keep))
        except Problem as problem:
            console.end(STEP, "failed", problem.where)
            if getattr(problem, "state", "") == DENIED:
                problem.hint = ALL_TABLES
            raise
        site = stack.enter_context(served(place, host, copy.scratch.url))
        done = Outcome("done", f"{_rows(copy)} ({time.monotonic() - began:.1f} s)", (*_lacking(copy),))
        console.end(STEP, done.word, done.says)
        for line in done.warnings:
            console.line(f"    {line}")
        yield on_copy(place, host, copy.scratch.url, done, site=site, say=console.line)
        if keep:
            console.line(f"kept: {copy.scratch.shown}; drop it when you are done")


def _travelling(
    place: Place, plugins: Plugins, settings: ReleaseSettings, subject: Subject, stack: ExitStack
) -> Travelling:
    """Read a subject's rows as they are to be released: from its bundle where one was named."""
    from maulstick.bundle import folder as bundles
    from maulstick.bundle.export import read_rows
    from maulstick.bundle.slice.spool import Spool
    from maulstick.files import temporary_folder
    from maulstick.postgres.catalogue import read_schema
    from maulstick.postgres.connection import connect, one_snapshot
    from maulstick.rehearsal.bundle_rows import BundleRows
    from maulstick.rehearsal.met_rows import Travelling

    kind, tables, source = plugins.kind(subject.kind), plugins.tables(subject), place.source
    named = settings.bundles.get(str(subject))
    if named is not None:
        bundle = bundles.load(named, source=source.name)
        return Travelling(subject, kind, tables, BundleRows(bundle.manifest, bundle.script))
    spool = Spool(Path(stack.enter_context(temporary_folder())))
    with connect(source.database, f"source {source.name}") as database, one_snapshot(database):
        schema = read_schema(database)
        manifest = read_rows(database, subject, kind, tables, spool, source.name, schema)
    return Travelling(subject, kind, tables, BundleRows(manifest, spool))


def _rows(copy: Copied) -> str:
    whole = {label: count for label, count in copy.rows.items() if label not in copy.bare}
    says = f"{amount(sum(whole.values()), 'row')} of {amount(len(whole), 'table')}"
    bare = ", ".join(row_amount(copy.rows[label], label) for label in copy.bare)
    return f"{says}; by their keys alone: {bare}" if bare else says


def _lacking(copy: Copied) -> Iterator[str]:
    """Say in what the copy differs from production."""
    yield from copy.notes
    left_out = (f"left out of the copy: {one}" for one in copy.left_out)
    yield from at_most(SHOWN, left_out, "and {} more are left out of the copy", total=len(copy.left_out))
