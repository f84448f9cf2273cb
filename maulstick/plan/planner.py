"""A plan: the bundle compared with production in a read-only transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.inline_rows import inlined
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.unchanged import may_ask, same
from maulstick.errors import Exit, Problem, refused
from maulstick.plan import schema_fit
from maulstick.plan.changes import Changes, Obstacle, Plan
from maulstick.plan.schema_fit import Fit
from maulstick.plan.seal import AGAIN, Seal, SealedRows
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.counters import behind
from maulstick.postgres.ledger import has_ledger
from maulstick.postgres.quoting import block, literal
from maulstick.postgres.results import ResultRows
from maulstick.postgres.sections import Section
from maulstick.postgres.sql.guard import FINGERPRINT, NEW
from maulstick.postgres.sql.session import opening
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, PROBLEM
from maulstick.postgres.sql.trust.site_path import opening_as_site
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.postgres.tables.suspects import suspects
from maulstick.project.declarations import Query
from maulstick.text import lines

READ_ONLY = Section("read only", "set transaction read only;\n")
ANSWERS = Section(
    "answers",
    f"select c.table_name, c.key, c.action, c.columns::text, case when c.columns is null"
    f" then coalesce(c.after, d.local) end::text from {CHANGE} as c left join {DIFFERS} as d on {NEW}\n"
    f"  where c.action <> 'unchanged' order by c.table_name, c.key;\n"
    f"select kind, table_name, key, says from {PROBLEM} order by 2, 3, 4;\n"
    f"select {FINGERPRINT};\nrollback;\n",
)
"""What a plan asks after the diff: the changes, what stands in the way, and the fingerprint of both."""
NOTHING: Mapping[str, str] = {}
CARRIED_OUT = """select r.number, r.shapes @? '$.*.publish' and not exists (select from maulstick.release as p
    where p.subject = r.subject and p.kind = 'publish' and p.number > r.number)
  from maulstick.release as r where r.plan = %(id)s"""
"""The release that carried out a plan, and whether it is not followed by what makes its rows public."""
NO_CHANGE = hashlib.sha256(b"").hexdigest()
"""The fingerprint of a plan that changes nothing."""

UNFIT = ("22", "23")
"""Classes of SQLSTATE for a value that does not fit its column there: an unknown label of an enum, a text
that is too long, what a domain forbids."""

NAMED_ALREADY = ("23503", "23505")
"""States whose detail names the values: a row on its own may fail only because another is missing."""


class Unfit(Problem):
    """A schema that cannot take the bundle (exit 3); a deploy may bring one that can."""

    def __init__(self, reasons: Sequence[str], target: str) -> None:
        says = f"{target} cannot take this bundle{lines(reasons)}"
        super().__init__("schema", says, "deploy the migration first: invoke deploy", code=Exit.REFUSED)
        self.reasons = tuple(reasons)


def make_plan(bundle: Bundle, database: Database, target: str, decided: Mapping[str, str] = NOTHING) -> Plan:
    """Return what the bundle would change in production, which is only read.

    `decided` holds the user's choices as settings. One message for the whole: settings, stage, then read
    only, then diff (docs/architecture.md, "release.sql"). If all is as released, a shorter message has told
    so before, without staging.
    """
    if decides_nothing(decided) and as_released(bundle, database, target):
        return nothing_to_do(bundle.manifest, target)
    return staged_plan(bundle, database, target, decided)


def staged_plan(
    bundle: Bundle, database: Database, target: str, decided: Mapping[str, str] = NOTHING
) -> Plan:
    """Return what the bundle would change in production, staged and compared row by row."""
    sections = bundle.script.sections
    before = opening({"mode": "plan", "target": target, **decided})
    played = [sections["settings"], sections["stage"], READ_ONLY, sections["diff"], ANSWERS]
    try:
        changes, obstacles, fingerprint = play(bundle, database, played, before)
    except SqlProblem as problem:
        if problem.state[:2] in UNFIT:
            raise Unfit([about_row(problem, bundle)], target) from problem
        raise
    return replace(
        nothing_to_do(bundle.manifest, target),
        changes=Changes(changes, without=bundle.left_out, is_pull=bool(bundle.manifest.bases.pulled_from)),
        obstacles=tuple(Obstacle(*map(str, row)) for row in obstacles),
        fingerprint=str(fingerprint.first()[0]),
    )


def nothing_to_do(manifest: Manifest, target: str) -> Plan:
    """Return the plan of a bundle that changes nothing."""
    rows = sum(manifest.counts().values())
    return Plan(str(manifest.subject), target, manifest.digest, Changes(), (), rows, NO_CHANGE)


def play(bundle: Bundle, database: Database, sections: Iterable[Section], before: str) -> list[ResultRows]:
    """Send sections as one message; few rows go inside it.

    If a type then refuses a value, they are sent again by COPY, which names the row and the column.
    """
    sections = [*sections]
    short = inlined(bundle, sections)
    if short is None:
        return database.play(sections, before=before)
    try:
        return database.play(short, before=before)
    except SqlProblem as problem:
        if database.broken or problem.state[:2] not in UNFIT or problem.state in NAMED_ALREADY:
            raise
        database.rollback()
        return database.play(sections, before=before)


def about_row(problem: SqlProblem, bundle: Bundle) -> str:
    """Return a database's message with the table, key and column of the row that it rejected."""
    if problem.row is None:
        return problem.what
    part, number, column = problem.row
    specs = bundle.manifest.specs
    spec = specs[part.rows.table]
    columns = spec.key if part.rows.matched else spec.columns
    rows = islice(parse_rows(part.blocks(), columns), number - 1, number)
    keys = [key_text(spec, specs, row) for row in rows]
    return ": ".join([" ".join([spec.label, *keys]), *([column] if column else []), problem.what])


def decides_nothing(decided: Mapping[str, str]) -> bool:
    """Return whether the choices change nothing if all is as released; `older` only matters otherwise."""
    return not any(value for name, value in decided.items() if name != "older")


def unchanged(bundle: Bundle, target: str, *, queries: Sequence[Query] = ()) -> str:
    """Compose the query whether a release would change nothing, "" if only staging can tell."""
    return same(bundle.manifest, target=target, queries=queries) if may_ask(bundle.manifest) else ""


def as_released(bundle: Bundle, database: Database, target: str, *, queries: Sequence[Query] = ()) -> bool:
    """Return whether a release would change nothing and `queries` hold; False if only staging can tell."""
    if not (question := unchanged(bundle, target, queries=queries)):
        return False
    if (known := database.foretold(question)) is not None:
        return bool(known[0][0])
    try:
        answers = database.send(question)
    except SqlProblem:
        if database.broken:
            raise
        database.rollback()
        return False
    return answers[-1].first()[0] == "t"


def askable(queries: Sequence[Query], specs: TableSpecs) -> str:
    """Compose the SQL that has production plan each query of a plugin, under the site's search path."""
    asked = "\n".join(f"  execute {literal('explain ' + query.sql)};" for query in queries)
    plans = block(f"begin\n{asked}\nend")
    return f"begin;\n{opening_as_site(specs.values())}{plans}\nselect true;\nrollback;"


def fit(bundle: Bundle, database: Database, target: str = "production") -> Fit:
    """Compare the target's schema with what the bundle needs."""
    schema = read_schema(database)
    errors = schema_fit.errors(bundle.manifest, schema, target)
    counters = [] if errors else [str(one) for one in behind(database, bundle.manifest.specs)]
    warnings = [*schema_fit.warnings(bundle.manifest, schema, target), *counters]
    return Fit(errors, warnings, suspects(bundle.manifest.specs, schema), target)


def require_fit(found: Fit) -> None:
    """Refuse a schema that cannot take the bundle (exit 3)."""
    if found.errors:
        raise Unfit([*found.errors, *found.warnings], found.target)


def require_fitting(manifest: Manifest, schema: Schema, target: str) -> None:
    """Refuse a schema that was read before and cannot take a bundle (exit 3)."""
    if errors := schema_fit.errors(manifest, schema, target):
        raise Unfit([*errors, *schema_fit.warnings(manifest, schema, target)], target)


def require_unused(seal: Seal, database: Database) -> None:
    """Refuse a sealed plan that a release carried out (exit 3)."""
    if not has_ledger(database):
        return
    for number, hides in database.query(CARRIED_OUT, {"id": seal.id}):
        hint = f"{AGAIN}; invoke publish makes public what it wrote hidden" if hides else AGAIN
        raise refused("plan", f"was carried out by release {number}; nothing was changed", hint)


def carried_out(seals: Collection[Seal], database: Database) -> list[SealedRows]:
    """List the rows of those sealed plans that releases carried out."""
    if not seals or not has_ledger(database):
        return []
    ids = {"ids": [seal.id for seal in seals]}
    rows = database.query("select plan from maulstick.release where plan = any (%(ids)s)", ids)
    used = {plan for (plan,) in rows}
    return [seal.rows for seal in seals if seal.id in used]
