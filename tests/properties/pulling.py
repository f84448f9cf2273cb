"""A pull on its way: production's rows into the source, with base from both ledgers."""

from __future__ import annotations

from pathlib import Path

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.pull import pulled
from maulstick.errors import Exit, Problem
from maulstick.plan.changes import OTHER_SIDE, Plan
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Subject
from maulstick.redact import Secret
from tests.databases.deciding import applied
from tests.databases.places import Declared, Place, a_target
from tests.properties.designs import Designs, declared
from tests.properties.releasing import KIND, Ended, Prune, decided


def pull_of(production: Place, designs: Designs, subject: str) -> Bundle:
    """Read a subject where it was released to."""
    tables = declared(designs, subject)
    plugins = Declared(Kind(KIND, tables[0].name, tables[0].key[0]), tables)
    name, folder = Subject(KIND, subject), production.folder / "pulled"
    with (
        connect(Secret(production.url), "production") as database,
        pulled(name, database, plugins, source="pulled", target="production", theirs=False) as slice_,
    ):
        where: Path = bundles.folder_of(folder, name)
        slice_.write(where)
    return bundles.load(where, source="pulled")


def planned_pull(bundle: Bundle, source: Place, *, take: str | None, prune: Prune = ()) -> Plan:
    """Plan a pull; `take` is the side as its user names it."""
    with connect(Secret(source.url), "local") as database:
        return make_plan(bundle, database, "local", decided(bundle, _sent(take), prune))


def pulled_into(bundle: Bundle, source: Place, production: Place, *, take: str | None) -> Ended:
    """Pull; any other end than done or refused is an error."""
    side = _sent(take)
    try:
        done = applied(
            bundle,
            production,
            source,
            target=a_target("local"),
            older=True,
            take=(side,) if side else (),
        )
    except Problem as problem:
        if problem.code != Exit.REFUSED:
            raise
        return Ended(refused=problem.what)
    return Ended(number=done.number)


def _sent(take: str | None) -> str | None:
    """Return a side as the database calls it, to which what is sent is local."""
    return OTHER_SIDE[take] if take else None
