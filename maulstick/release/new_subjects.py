"""Subjects of which production has nothing: planned as one, since none has a word in another's rows.

What is said of all of them together holds for each: rows are inserted, others are as they should be, and
nothing is in the way. Where it does not hold, half of them are asked about, and so on; one alone is planned
by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from maulstick.bundle import folder as bundles
from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.script import sealed
from maulstick.bundle.slice.many_subjects import ReadSlice
from maulstick.bundle.slice.spool import Blocks
from maulstick.files import temporary_folder
from maulstick.plan.changes import Changes, Plan
from maulstick.plan.planner import Unfit, decides_nothing, nothing_to_do, staged_plan
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.ledger import has_ledger
from maulstick.postgres.quoting import name
from maulstick.postgres.results import ResultRows
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.keys import key_text
from maulstick.project.declarations import Kind, Subject
from maulstick.release.context import ReleaseContext
from maulstick.release.step_results import Earlier

TRIES = 16
"""Plans of several as one, at most, before each is planned by itself."""
MOST_ROWS = 20_000
"""Rows that are planned as one: each of them is held in memory, since subjects may share it."""
ALL = Subject("", "")
"""What all of them are called together: no subject of a site has such a name."""
RELEASED = """
select s from unnest(%(subjects)s::text[]) as w(s)
where exists (select from maulstick.release as r where r.subject = w.s)
  or exists (select from maulstick.base_row as b where b.subjects @> array[w.s])
"""

Slices = Sequence[tuple[Manifest, Blocks]]


def plans(slices: Slices, kind: Kind, database: Database, target: str) -> Iterator[Plan]:
    """Yield the plans of those of a kind's subjects of which rows would be inserted, and no more done."""
    for part, whole in _together(slices, kind, database, target):
        yield from _plans_of(part, whole)


def planned_with_others(
    context: ReleaseContext, earlier: Earlier, database: Database, decided: Mapping[str, str]
) -> Plan | None:
    """Return the plan of a subject that is new to production among others, which were planned as one."""
    shared, subject, manifest = context.shared, context.subject, context.load_bundle().manifest
    if shared is None or context.plugin_steps or context.without or not decides_nothing(decided):
        return None  # where rows are left out, one does not bring what the next would find there
    read = shared.read(subject)
    if read is None or read.manifest.rows_digest != manifest.rows_digest:
        return None
    kind, target = context.plugins.kind(subject.kind), context.place.target.name

    def plan_as_one(several: Sequence[ReadSlice]) -> Mapping[str, Plan]:
        slices = [(read.manifest, read.rows) for read in several]
        return {plan.subject: plan for plan in plans(slices, kind, database, target)}

    planned = shared.plan_of(subject, ("plan", len(earlier.carried)), plan_as_one)
    return replace(planned, digest=manifest.digest) if planned is not None else None


def _together(slices: Slices, kind: Kind, database: Database, target: str) -> Iterator[tuple[Slices, Plan]]:
    able = [one for one in slices if _stands_alone(one[0]) and one[0].specs == slices[0][0].specs]
    try:
        known = _known([manifest for manifest, _ in able], kind, database)
    except SqlProblem:  # a subject's own plan says what is wrong
        database.rollback()
        return
    new = [one for one in able if str(one[0].subject) not in known]
    yield from _new(new, database, target, iter(range(TRIES)))


def _plans_of(slices: Slices, whole: Plan) -> Iterator[Plan]:
    """Yield the plan of each subject: those rows of the whole that are its own, in the same order."""
    owners: dict[tuple[str, str], list[str]] = {}
    for manifest, blocks in slices:
        for row in _keys(manifest, blocks):
            owners.setdefault(row, []).append(str(manifest.subject))
    if any((one.table, one.key) not in owners for one in whole.changes):
        return
    found = {str(manifest.subject): ResultRows() for manifest, _ in slices}
    hashes: dict[str, dict[tuple[bytes, bytes], bytes]] = {subject: {} for subject in found}
    for one in whole.changes:
        place = (one.table.encode(), one.key.encode())
        told = "\x1f".join((one.table, one.key, one.action, one.values or ""))
        for subject in owners[one.table, one.key]:
            found[subject].add((one.table, one.key, one.action, one.cells, one.values))
            hashes[subject][place] = hashlib.sha256(told.encode()).digest()
    for manifest, _ in slices:
        subject = str(manifest.subject)
        told_all = b"".join(digest for _, digest in sorted(hashes[subject].items()))
        yield replace(
            nothing_to_do(manifest, whole.target),
            changes=Changes(found[subject]),
            fingerprint=hashlib.sha256(told_all).hexdigest(),
        )


def _keys(manifest: Manifest, rows: Blocks) -> Iterator[tuple[str, str]]:
    specs = manifest.specs
    for label, spec in specs.items():
        for row in parse_rows(rows.blocks(RowsOf(label, matched=False)), spec.columns):
            yield label, key_text(spec, specs, row)


def _stands_alone(manifest: Manifest) -> bool:
    """Return whether a slice names no row that it does not bring: another's might stand in for it."""
    tables = manifest.tables.values()
    return not any(table.matched or table.spec.links for table in tables)


def _known(manifests: Sequence[Manifest], kind: Kind, database: Database) -> Collection[str]:
    """List the subjects of which production has the row itself, or its ledger a word."""
    keys = {one.subject.key: str(one.subject) for one in manifests}
    schema, _, plain = kind.table.rpartition(".")
    key = f"{name(kind.key)}::text"
    rows = f"select {key} from {name(schema or 'public', plain)} where {key} = any (%(keys)s::text[])"
    there = {keys.get(str(row[0]), "") for row in database.query(rows, {"keys": [*keys]})}
    if has_ledger(database):
        there |= {str(row[0]) for row in database.query(RELEASED, {"subjects": [*keys.values()]})}
    return there


def _new(
    slices: Slices, database: Database, target: str, tries: Iterator[int]
) -> Iterator[tuple[Slices, Plan]]:
    if len(slices) < 2 or next(tries, None) is None:
        return
    if (whole := _only_new(slices, database, target)) is not None:
        yield slices, whole
        return
    middle = len(slices) // 2
    for half in (slices[:middle], slices[middle:]):
        yield from _new(half, database, target, tries)


def _only_new(slices: Slices, database: Database, target: str) -> Plan | None:
    """Return the plan of subjects as one, None where it does more than insert."""
    rows = sum(table.rows for manifest, _ in slices for table in manifest.tables.values())
    if rows > MOST_ROWS:
        return None
    with temporary_folder() as folder:
        whole = _Whole(slices)
        bundles.write(folder, whole.manifest(), whole)
        bundle = bundles.load(folder, source=slices[0][0].source)
        try:
            planned = staged_plan(bundle, database, target)
        except (SqlProblem, Unfit):
            if database.broken:
                raise
            return None
        finally:
            database.rollback()
    is_new = planned.counts()["insert"] == len(planned.changes) > 0
    return planned if is_new and not planned.obstacles else None


class _Whole:
    """The rows of several slices as those of one; a row that they share is in it once."""

    def __init__(self, slices: Slices) -> None:
        self._slices = slices
        self._lines = {label: self._of(label) for label in slices[0][0].tables}

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """List the blocks of one COPY."""
        return iter([b"".join(self._lines[part.table])])

    def manifest(self) -> Manifest:
        """Return the manifest of the rows, which has no files, pages and questions of plugins."""
        first = self._slices[0][0]
        tables = {
            label: TableRows(table.spec, len(lines), 0, hashlib.sha256(b"".join(lines)).hexdigest(), "0")
            for (label, table), lines in zip(first.tables.items(), self._lines.values(), strict=True)
        }
        whole = replace(first, subject=ALL, as_of="", tables=tables, media=(), pages=(), queries=())
        return sealed(whole)

    def _of(self, label: str) -> list[bytes]:
        part = RowsOf(label, matched=False)
        blocks = (b"".join(rows.blocks(part)) for _, rows in self._slices)
        return [*dict.fromkeys(line + b"\n" for block in blocks for line in block.split(b"\n")[:-1])]
