"""A plan: the bundle held against production in a transaction that cannot write."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from maulstick import compare
from maulstick.bundle import Bundle, parse_rows
from maulstick.changes import Changes, Obstacle, Plan, key_text
from maulstick.content import Query
from maulstick.counters import behind
from maulstick.errors import Exit, Problem, refused
from maulstick.ledger import has_ledger
from maulstick.postgres import Database, SqlProblem
from maulstick.same import may_ask, same
from maulstick.schema import read_schema
from maulstick.script import Section
from maulstick.sealed import AGAIN, Rows, Seal
from maulstick.sections.decide import FINGERPRINT, NEW
from maulstick.sections.temporary import CHANGE, DIFFERS, PROBLEM
from maulstick.session import opening
from maulstick.suspects import suspects

READ_ONLY = Section("read only", "set transaction read only;\n")
ANSWERS = Section(
    "answers",
    f"select c.table_name, c.key, c.action, c.columns::text, case when c.columns is null"
    f" then coalesce(c.after, d.local) end::text from {CHANGE} as c left join {DIFFERS} as d on {NEW}\n"
    f"  where c.action <> 'unchanged' order by c.table_name, c.key;\n"
    f"select kind, table_name, key, says from {PROBLEM} order by 2, 3, 4;\n"
    f"select {FINGERPRINT};\nrollback;\n",
)
NOTHING: Mapping[str, str] = {}
NO_CHANGE = hashlib.sha256(b"").hexdigest()
"""The fingerprint of a plan that changes nothing."""

UNFIT = ("22", "23")
"""Classes of SQLSTATE: a value that a type of production does not have, as a label of an enum or what is too
long, or one that a domain forbids."""


class Unfit(Problem):
    """A schema that cannot take the bundle (exit 3); the deploy may bring the one that can."""

    def __init__(self, reasons: Sequence[str], target: str) -> None:
        says = f"{target} cannot take this bundle{lines(reasons)}"
        super().__init__("schema", says, "deploy the migration first: invoke deploy", code=Exit.REFUSED)
        self.reasons = tuple(reasons)


def make_plan(bundle: Bundle, database: Database, target: str, decided: Mapping[str, str] = NOTHING) -> Plan:
    """Return what the bundle would change in production, which is only read.

    `decided` holds the user's choices as settings. One message for the whole: settings, stage, then read
    only, then diff (design.md §3). Where all is as released, another message tells that without staging.
    """
    subject, digest = str(bundle.manifest.subject), bundle.manifest.digest
    rows = sum(bundle.manifest.counts().values())
    if decides_nothing(decided) and as_released(bundle, database, target):
        return Plan(subject, target, digest, Changes(), (), rows, NO_CHANGE)
    sections = bundle.script.sections
    before = opening({"mode": "plan", "target": target, **decided})
    played = [sections["settings"], sections["stage"], READ_ONLY, sections["diff"], ANSWERS]
    try:
        changes, obstacles, fingerprint = database.play(bundle.script, played, before=before)
    except SqlProblem as problem:
        if problem.state[:2] in UNFIT:
            raise Unfit([about_row(problem, bundle)], target) from problem
        raise
    return Plan(
        subject=subject,
        target=target,
        digest=digest,
        changes=Changes(changes),
        obstacles=tuple(Obstacle(*map(str, row)) for row in obstacles),
        rows=rows,
        fingerprint=str(fingerprint.first()[0]),
    )


def about_row(problem: SqlProblem, bundle: Bundle) -> str:
    """Return what a database says, with the table, key and column of the row that it could not take."""
    if problem.row is None:
        return problem.what
    part, number, column = problem.row
    shapes = bundle.manifest.shapes
    shape = shapes[part.rows.table]
    columns = shape.key if part.rows.matched else shape.columns
    rows = islice(parse_rows(bundle.script.rows(part), columns), number - 1, number)
    keys = [key_text(shape, shapes, row) for row in rows]
    return ": ".join([" ".join([shape.label, *keys]), *([column] if column else []), problem.what])


def decides_nothing(decided: Mapping[str, str]) -> bool:
    """Tell whether the choices change nothing where all is as released; `older` only matters elsewhere."""
    return not any(value for name, value in decided.items() if name != "older")


def as_released(bundle: Bundle, database: Database, target: str, *, queries: Sequence[Query] = ()) -> bool:
    """Tell whether a release would change nothing and `queries` hold; False where only staging can tell."""
    if not may_ask(bundle.manifest):
        return False
    try:
        answers = database.send(same(bundle.manifest, target=target, queries=queries))
    except SqlProblem:
        if database.broken:
            raise
        database.rollback()
        return False
    return answers[-1].first()[0] == "t"


@dataclass(frozen=True, slots=True)
class Fit:
    """How the target's schema takes a bundle: what stops it, what does not, what looks like references."""

    errors: list[str]
    warnings: list[str]
    suspects: list[str]
    target: str


def fit(bundle: Bundle, database: Database, target: str = "production") -> Fit:
    """Compare the target's schema with what the bundle needs."""
    schema = read_schema(database.query)
    errors = compare.errors(bundle.manifest, schema, target)
    counters = [] if errors else [str(one) for one in behind(database, bundle.manifest.shapes)]
    warnings = [*compare.warnings(bundle.manifest, schema, target), *counters]
    return Fit(errors, warnings, suspects(bundle.manifest.shapes, schema), target)


def require_fit(found: Fit) -> None:
    """Refuse a schema that cannot take the bundle (exit 3)."""
    if found.errors:
        raise Unfit([*found.errors, *found.warnings], found.target)


def require_unused(seal: Seal, database: Database) -> None:
    """Refuse a sealed plan that a release carried out (exit 3)."""
    if not has_ledger(database):
        return
    found = database.query("select number from maulstick.release where plan = %(id)s", {"id": seal.id})
    if found:
        raise refused("plan", f"was carried out by release {found[0][0]}; nothing was changed", AGAIN)


def carried_out(seals: Collection[Seal], database: Database) -> list[Rows]:
    """Return the rows of those sealed plans that releases carried out."""
    if not seals or not has_ledger(database):
        return []
    ids = {"ids": [seal.id for seal in seals]}
    found = {
        one for (one,) in database.query("select plan from maulstick.release where plan = any (%(ids)s)", ids)
    }
    return [seal.rows for seal in seals if seal.id in found]


def lines(texts: Iterable[str]) -> str:
    """Return texts as indented lines behind a message."""
    return "".join(f"\n    {text}" for text in texts)
