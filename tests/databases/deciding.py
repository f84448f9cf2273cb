"""Releases with options, as their user types them, and what is undone of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maulstick.bundle.bundle import Bundle
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.choices import rows
from maulstick.plan.rollback import rollback
from maulstick.plan.undone import Undone
from maulstick.postgres.connection import connect
from maulstick.project.targets import Target
from maulstick.redact import Secret
from maulstick.release.all_subjects import decisions_of
from maulstick.release.progress import Progress
from maulstick.release.settings import ReleaseSettings
from tests.databases.places import NOBODY, Place, Released, a_release, a_target, local, perform

TABLES = """
select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
"""
Seals = dict[str, sealed.Seal]


def release_of(
    bundle: Bundle,
    source: Place,
    production: Place,
    *steps: str,
    target: Target | None = None,
    plugins: Any = NOBODY,
    **typed: Any,
) -> Progress:
    """Return a release of a bundle with options, which has not begun."""
    settings = ReleaseSettings(without_media=True, operator="a test", **typed)
    target = target or a_target("production")
    return a_release(
        bundle, production, local(source), target=target, settings=settings, steps=steps, plugins=plugins
    )


def planned(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Plan:
    """Plan with options, by the step that does it."""
    progress = release_of(bundle, source, production, **typed)
    perform(progress, "plan")
    assert progress.plan is not None
    return progress.plan


def released(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Released:
    """Plan and apply with options, by the steps that do it."""
    progress = release_of(bundle, source, production, **typed)
    perform(progress, "plan")
    return _applied(progress)


def applied(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Released:
    """Apply alone with options."""
    return _applied(release_of(bundle, source, production, **typed))


def seal(path: Path, bundle: Bundle, source: Place, production: Place, **typed: Any) -> Seals:
    """Plan, seal the plan in a file, and read it again."""
    progress, target = release_of(bundle, source, production, **typed), "production"
    perform(progress, "plan")
    assert progress.plan is not None
    sealed.write(path, [sealed.seal(progress.plan, decisions_of(progress))])
    return sealed.of_target(sealed.read(path), target)


def undone(
    production: Place,
    number: int | None = None,
    *left_out: str,
    rehearse: bool = False,
    target: str = "production",
) -> Undone:
    """Roll a release back, the last one for no number."""
    with connect(Secret(production.url), "production") as database:
        rows_left = rows("--except", left_out)
        return rollback(database, number, target=target, left_out=rows_left, rehearse=rehearse)


def contents(place: Place) -> dict[str, list[str]]:
    """Return every row of the site's own tables, as its text."""
    return {
        table: [row for (row,) in place.rows(f"select t::text from {table} as t order by 1")]
        for (table,) in place.rows(TABLES)
    }


def base(place: Place) -> list[tuple[Any, ...]]:
    """Return what the ledger knows as last released."""
    return place.rows("select table_name, key, values::text, subjects from maulstick.base order by 1, 2")


def _applied(progress: Progress) -> Released:
    outcome = perform(progress, "apply")
    return Released(progress.number, outcome.word, outcome.says)
