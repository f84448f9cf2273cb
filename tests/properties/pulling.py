"""A pull on its way: production's rows into the source, with base from both ledgers."""

from __future__ import annotations

from maulstick.bundle.bundle import Bundle
from maulstick.errors import Exit, Problem
from maulstick.plan.changes import OTHER_SIDE, Plan
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases import pulling
from tests.databases.places import Place
from tests.properties.designs import Designs, declared
from tests.properties.releasing import KIND, Ended, decided


def pull_of(production: Place, designs: Designs, subject: str) -> Bundle:
    """Read a subject where it was released to."""
    return pulling.pull_of(production, *declared(designs, subject), key=subject, kind=KIND)


def planned_pull(bundle: Bundle, source: Place, *, take: str | None) -> Plan:
    """Plan a pull; `take` is the side as its user names it."""
    with connect(Secret(source.url), "local") as database:
        return make_plan(bundle, database, "local", decided(bundle, _sent(take)))


def pulled_into(bundle: Bundle, source: Place, production: Place, *, take: str | None) -> Ended:
    """Pull; any other end than done or refused is an error."""
    side = _sent(take)
    try:
        done = pulling.pulled_into(source, production, bundle, take=(side,) if side else ())
    except Problem as problem:
        if problem.code != Exit.REFUSED:
            raise
        return Ended(refused=problem.what)
    return Ended(number=done.number)


def _sent(take: str | None) -> str | None:
    """Return a side as the database calls it, to which what is sent is local."""
    return OTHER_SIDE[take] if take else None
