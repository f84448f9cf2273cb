"""A release on its way: by apply or by psql alone, planned first, and what the ledger says of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from maulstick.bundle.bundle import Bundle
from maulstick.errors import Exit, Problem
from maulstick.plan.changes import Plan
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import applied, undone
from tests.databases.places import Place, export
from tests.properties.designs import Designs, declared
from tests.properties.reading import Row, key_of_text, value_of_text
from tests.properties.three_ways import Known

KIND = "shelf"
Prune = Sequence[tuple[str, str]]
"""Rows to delete, by their table and the text of their key."""
REFUSED = "ERROR:  refused, nothing was changed"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a release ended: refused, or with a number, None where there was nothing to write."""

    refused: str = ""
    number: int | None = None


def bundle_of(source: Place, designs: Designs, subject: str) -> Bundle:
    """Export a subject."""
    return export(source, *declared(designs, subject), key=subject, kind=KIND)


def released(
    bundle: Bundle,
    source: Place,
    production: Place,
    *,
    take: str | None,
    way: str = "apply",
    prune: Prune = (),
) -> Ended:
    """Release by apply or by psql; any other end than done or refused is an error."""
    if way == "psql":
        return _by_psql(bundle, production, decided(bundle, take, prune))
    try:
        typed = {"take": (take,) if take else (), "prune": bool(prune)}
        done = applied(bundle, source, production, older=bool(decided(bundle, take)["older"]), **typed)
    except Problem as problem:
        if problem.code != Exit.REFUSED:
            raise
        return Ended(refused=problem.what)
    return Ended(number=done.number)


def rolled_back(production: Place, number: int) -> Ended:
    """Undo a release; any other end than done or refused is an error."""
    try:
        return Ended(number=undone(production, number).number)
    except Problem as problem:
        if problem.code != Exit.REFUSED:
            raise
        return Ended(refused=problem.what)


def actions(planned: Plan, designs: Designs) -> dict[Row, str]:
    """Return what a plan says of each row."""
    return {row_of(designs, change.table, change.key): change.action for change in planned.changes}


def base(production: Place, designs: Designs) -> dict[Row, Known]:
    """Return what the ledger knows as last released."""
    if not production.value("select to_regclass('maulstick.base') is not null"):
        return {}
    rows = production.rows("select table_name, key, values, subjects from maulstick.base")
    by_name = {design.name: design for design in designs}
    return {
        row_of(designs, table, key): Known(
            {column: value_of_text(designs, by_name[table], column, text) for column, text in values.items()},
            frozenset(subject.removeprefix(f"{KIND} ") for subject in subjects),
        )
        for table, key, values, subjects in rows
    }


def row_of(designs: Designs, table: str, key: str) -> Row:
    """Return a row from the names that a plan or the ledger gives it."""
    number = next(n for n, design in enumerate(designs) if design.name == table)
    return table, key_of_text(designs, number, key)


def to_prune(planned: Plan, designs: Designs, local: Collection[Row]) -> Prune:
    """Return the rows that a plan says are gone and that the source has no more."""
    gone = [(change.table, change.key) for change in planned.with_action("gone")]
    return [(table, key) for table, key in gone if row_of(designs, table, key) not in local]


def planned(bundle: Bundle, production: Place, *, take: str | None, prune: Prune = ()) -> Plan:
    """Plan a release."""
    with connect(Secret(production.url), "production") as database:
        return make_plan(bundle, database, "production", decided(bundle, take, prune))


def decided(bundle: Bundle, take: str | None, prune: Prune = ()) -> dict[str, str]:
    """Return the user's choices as settings: without its newest row a bundle with times looks older."""
    timed = any(spec.times for spec in bundle.manifest.specs.values())
    doomed = [{"table_name": table, "key": key} for table, key in prune]
    return {
        "take": json.dumps([{"side": take}]) if take else "",
        "older": "on" if timed else "",
        "prune": json.dumps(doomed) if doomed else "",
    }


def _by_psql(bundle: Bundle, production: Place, decided: Mapping[str, str]) -> Ended:
    settings = {"target": "production", **decided}
    options = " ".join(f"-c maulstick.{name}={_escaped(value)}" for name, value in settings.items() if value)
    command = ["psql", "-X", "-q", "-A", "-t", "-f", str(bundle.folder / "release.sql"), production.url]
    done = subprocess.run(
        command, capture_output=True, check=False, encoding="utf-8", env={**os.environ, "PGOPTIONS": options}
    )
    if done.returncode == 0 and not done.stderr:
        number = done.stdout.strip().splitlines()[-1].split("|")[0]
        return Ended(number=int(number) if number else None)
    assert (done.returncode, REFUSED in done.stderr) == (3, True), done.stderr
    return Ended(refused=done.stderr)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(" ", "\\ ")
