"""Releases with options, as their user types them, and what is undone of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from places import NOBODY, Place, Released, a_target

from maulstick.bundle.bundle import Bundle
from maulstick.console import Console
from maulstick.plan import seal as sealed
from maulstick.plan.changes import Plan
from maulstick.plan.choices import rows
from maulstick.plan.rollback import Undone, rollback
from maulstick.postgres.connection import connect
from maulstick.project.inventory import Source
from maulstick.redact import Secret
from maulstick.release.context import Run
from maulstick.release.result import Report
from maulstick.release.settings import Settings
from maulstick.release.steps import apply as applying
from maulstick.release.steps import plan as planning

TABLES = """
select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
"""
Seals = dict[str, sealed.Seal]


def run_of(bundle: Bundle, source: Place, production: Place, target: str = "production", **typed: Any) -> Run:
    """Return a run of a bundle with options."""
    local = Source("local", Secret(source.url), source.folder, None, None, source.folder)
    place: Any = SimpleNamespace(target=a_target(target), source=local)
    host: Any = SimpleNamespace(database=Secret(production.url), environment={})
    subject = bundle.manifest.subject
    settings = Settings(without_media=True, operator="a test", **typed)
    report = Report(str(subject), target, "")
    return Run(subject, place, host, NOBODY, Console(quiet=True), settings, report, _bundle=bundle)


def planned(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Plan:
    """Plan with options, by the step that does it."""
    run = run_of(bundle, source, production, **typed)
    planning.plan(run, {})
    assert run.plan is not None
    return run.plan


def released(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Released:
    """Plan and apply with options, by the steps that do it."""
    run = run_of(bundle, source, production, **typed)
    planning.plan(run, {})
    return _applied(run)


def applied(bundle: Bundle, source: Place, production: Place, **typed: Any) -> Released:
    """Apply alone with options."""
    return _applied(run_of(bundle, source, production, **typed))


def seal(path: Path, bundle: Bundle, source: Place, production: Place, **typed: Any) -> Seals:
    """Plan, seal the plan in a file, and read it again."""
    run, target = run_of(bundle, source, production, **typed), "production"
    planning.plan(run, {})
    assert run.plan is not None
    sealed.write(path, [sealed.seal(run.plan, run.decided())])
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


def _applied(run: Run) -> Released:
    outcome = applying.apply(run, {})
    return Released(run.report.number, outcome.word, outcome.says)
