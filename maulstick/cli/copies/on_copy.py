"""A rehearsal's own part of a command: the copy of production that its steps are performed on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
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
    from maulstick.release.settings import ReleaseSettings

STEP = "copy"
NAMED = 4
"""How many subjects are named."""
SHOWN = 8
"""How many parts of a schema that a copy lacks are named."""


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """What of which target is copied: all that subjects meet there, as they are to be released."""

    place: Place
    host: Host
    subjects: Sequence[Subject]
    settings: ReleaseSettings
    plugins: Plugins
    keep: bool


@contextmanager
def on_a_copy(asked: CopyRequest, console: Console) -> Iterator[tuple[Place, Host]]:
    """Yield the place and the way to a copy of the target for the block; the target is only read."""
    from maulstick.hosts.copy_host import on_copy
    from maulstick.hosts.site_on_copy import served
    from maulstick.rehearsal.schema import ALL_TABLES

    place, host, began = asked.place, asked.host, time.monotonic()
    named = ", ".join(at_most(NAMED, map(str, asked.subjects), "{} more"))
    console.line(f"copy what {named} {'meet' if len(asked.subjects) > 1 else 'meets'} in {place.target.name}")
    console.begin(STEP)
    with ExitStack() as stack:
        try:
            copy = _copied(asked, console, stack)
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
        is_new, say = not asked.settings.seals, console.line
        yield on_copy(place, host, copy.scratch.url, done, site=site, say=say, exports=is_new)
        if asked.keep:
            console.line(f"kept: {copy.scratch.shown}; drop it when you are done")


def _copied(asked: CopyRequest, console: Console, stack: ExitStack) -> Copied:
    """Make the copy; whatever cannot make one is refused before anything is read."""
    from maulstick.cli.copies.copy_server import server_for
    from maulstick.cli.copies.travelling import Reading
    from maulstick.files import temporary_folder
    from maulstick.hosts import database as login
    from maulstick.rehearsal.copying import copied, places

    place, host, keep = asked.place, asked.host, asked.keep
    role = None if place.target.plan_database else place.target.database_user
    production = stack.enter_context(login.reading(place.target, host))
    server = stack.enter_context(server_for(place, console.line, keep=keep))
    way = places(production, host.plan_database, role, server.address, server.programs)
    folder = Path(stack.enter_context(temporary_folder()))
    travelling = Reading(place, asked.plugins, asked.settings, folder).travelling(asked.subjects)
    copy = stack.enter_context(copied(way, travelling, place.target.name, keep=keep))
    return replace(copy, notes=(*server.notes, *copy.notes))


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
