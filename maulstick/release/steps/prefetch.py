"""What a step will ask production, asked in one message before the first question."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from maulstick.hosts import database as login
from maulstick.media import ledger as media_ledger
from maulstick.plan import database_state
from maulstick.plan.planner import askable, unchanged
from maulstick.plan.shared_reads import Open
from maulstick.postgres import privileges as rights
from maulstick.postgres.catalogue import questions
from maulstick.postgres.connection import Database
from maulstick.postgres.counters import behind
from maulstick.postgres.ledger import has_ledger, known_rows
from maulstick.postgres.locks import HOLDER
from maulstick.postgres.recovery import newest_of
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decides_single_rows
from maulstick.release.step_results import Earlier


class _AskedError(Exception):
    """The text of a question, in the place of its answer."""


class _Ear:
    """A database that only hears what it is asked first."""

    def query(self, text: str) -> list[list[object]]:
        """Tell the question."""
        raise _AskedError(text)


def of_plan(context: ReleaseContext, database: Database) -> None:
    """Ask what a plan needs to know of production before it can stage rows, and whether it needs to."""
    target, manifest = context.place.target, context.load_bundle().manifest
    specs, own = manifest.specs, target.plan_database is not None
    role = login.releaser(target, context.host) if own else None
    writes, deletes = not own, context.settings.prune
    asking: list[Callable[[Database], object]] = [
        lambda it: database_state.unwritable(it, although=False, role=(role or "") if own else None),
        lambda it: behind(it, specs),
        lambda it: rights.missing(it, specs, writes=writes, deletes=deletes and writes),
        lambda it: database_state.strangers(it, specs.values()),
        lambda it: database_state.unpublishable(it, specs.values()),
        lambda it: database_state.triggers(it, specs.values()),
        has_ledger,
    ]
    asking += [lambda it: media_ledger.proven(it, [])] if manifest.media else []
    alone = [askable(manifest.queries, specs)] if manifest.queries and not own else []
    if _decides_nothing(context) and not context.names_bundle:  # its types are not proven yet
        alone += [unchanged(context.load_bundle(), target.name)]
    database.ahead([*questions(), *map(_question, asking)], [text for text in alone if text])


def of_apply(context: ReleaseContext, earlier: Earlier, database: Database) -> None:
    """Ask who holds the lock, which release of the bundle is the last, and whether all is as released.

    Where no plan went before, also how many of the rows are known.
    """
    manifest = context.load_bundle().manifest
    same = (
        ""
        if earlier.has_changes
        else unchanged(context.load_bundle(), context.place.target.name, queries=manifest.queries)
    )
    alone = [same] if same and _decides_nothing(context) else []
    known = [known_rows(str(manifest.subject))] if earlier.plan is None else []
    database.ahead([HOLDER, newest_of(manifest.digest), *known], alone)


def of_upload(database: Database) -> None:
    """Ask whether the ledger may be written to, whether it is there, and who holds the lock."""
    asking: list[Callable[[Database], object]] = [
        lambda it: database_state.unwritable(it, although=False),
        media_ledger.has_uploads,
    ]
    database.ahead([*map(_question, asking), HOLDER])


def is_as_released(
    context: ReleaseContext, earlier: Earlier, step: str, opened: Open, *, queries: bool
) -> bool:
    """Return whether production holds the bundle's rows as released, by a question for many subjects.

    Steps of plugins may change production in between: then each subject asks for itself.
    """
    if context.shared is None or context.seal is not None or context.plugin_steps:
        return False
    moment = (step, len(earlier.carried))
    return context.shared.agrees(context.load_bundle().manifest, moment, opened, queries=queries)


def _decides_nothing(context: ReleaseContext) -> bool:
    return context.seal is None and not decides_single_rows(context)


def _question(asks: Callable[[Database], object]) -> str:
    """Return what a function asks first."""
    try:
        asks(cast("Database", _Ear()))
    except _AskedError as asked:
        return str(asked)
    raise AssertionError("nothing was asked")
