"""The same questions put to the local site, before anything is released."""

from __future__ import annotations

from maulstick.errors import Problem, usage
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Check
from maulstick.project.plugins.hookspecs import Machine
from maulstick.release.context import Run
from maulstick.release.settings import Options
from maulstick.release.site import visitor_of, web_of
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.site import asked

QUICK = 2.0
"""Seconds in which a local site that runs has answered."""


def local(run: Run, options: Options) -> list[Check]:
    """Return what the source's own site and database answer about the bundle."""
    source = run.place.source
    if source.site is None:
        hint = 'name the local site in the inventory: [source] site = "http://localhost:4000"'
        raise usage("source/site", "is not set", hint)
    bundle = run.bundle
    with connect(source.database, f"source {source.name}", read_only=True) as database:
        live = Live(
            run.subject,
            web_of(source.site, run, options),
            bundle=lambda: bundle,
            database=lambda: database,
            machine=_no_machine,
        )
        return asked(visitor_of(run, options), live, public=source.site.rstrip("/"))


def doubts(run: Run) -> list[str]:
    """Return what the local site shows otherwise than the bundle says; nothing where it does not run."""
    if run.place.source.site is None or not _runs(run.place.source.site):
        return []
    checks = local(run, {"timeout": int(QUICK)})
    return [f"{check.name} on the local site: {check.answer}" for check in checks if check.ok is False]


def _runs(site: str) -> bool:
    try:
        Web(site, QUICK, patience=0).get("/")
    except Problem:
        return False
    return True


def _no_machine() -> Machine:
    raise usage("source", "has no machine to run commands on")
