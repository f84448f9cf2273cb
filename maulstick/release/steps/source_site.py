"""The same questions put to the local site, before anything is released."""

from __future__ import annotations

from maulstick.errors import Problem, usage
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Check
from maulstick.project.plugins.hookspecs import Machine
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.steps.live_site import visitor_of, web_of
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.site import asked

QUICK = 2.0
"""Seconds in which a local site that runs has answered."""


def ask_source_site(context: ReleaseContext, options: Options) -> list[Check]:
    """Return what the source's own site and database answer about the bundle."""
    source = context.place.source
    if source.site is None:
        hint = 'name the local site in the inventory: [source] site = "http://localhost:4000"'
        raise usage("source/site", "is not set", hint)
    bundle = context.load_bundle()
    with connect(source.database, f"source {source.name}", read_only=True) as database:
        live = Live(
            context.subject,
            web_of(source.site, context, options),
            bundle=lambda: bundle,
            database=lambda: database,
            machine=_no_machine,
        )
        return asked(visitor_of(context, options), live, public=source.site.rstrip("/"))


def doubts(context: ReleaseContext) -> list[str]:
    """Return what the local site shows otherwise than the bundle says; nothing where it does not context."""
    if context.place.source.site is None or not _runs(context.place.source.site):
        return []
    checks = ask_source_site(context, {"timeout": int(QUICK)})
    return [f"{check.name} on the local site: {check.answer}" for check in checks if check.ok is False]


def _runs(site: str) -> bool:
    try:
        Web(site, QUICK, patience=0).get("/")
    except Problem:
        return False
    return True


def _no_machine() -> Machine:
    raise usage("source", "has no machine to run commands on")
