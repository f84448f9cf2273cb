"""Many subjects read from the source together: one snapshot, and one question where each would ask its own.

What stops a subject is not said here: whoever needs it reads it alone, and hears why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.slice import Slice, WhereProblem, pick_rest, pick_roots, stopped, with_rows
from maulstick.errors import Problem
from maulstick.files import ELSEWHERE, writing
from maulstick.postgres.catalogue import Schema, read_schema
from maulstick.postgres.connection import Database, SqlProblem, connect, one_snapshot
from maulstick.postgres.quoting import literal, literals, name
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.tables.edges import Numbered, new_tables, pick_table, picked, with_key
from maulstick.postgres.tables.portable_rows import image, row_hash
from maulstick.postgres.tables.tables import TableSpec, TableSpecs, specs_of
from maulstick.project.declarations import Kind, Query, Subject, Table
from maulstick.project.inventory import Source
from maulstick.project.plugins.registry import Plugins

AT_ONCE = 100
"""Subjects whose rows are picked at once: where one of them fails in the database, so many are read alone."""
BLOCK = 1 << 18
NO_ROWS = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects for which the plugins declare the same tables."""

    kind: Kind
    tables: Sequence[Table]
    specs: TableSpecs
    schema: Schema
    subjects: list[Subject]


Act = Callable[[Group, Numbered], None]


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows in a file, from byte `start` to before `end`."""

    path: Path
    start: int
    end: int

    def blocks(self) -> Iterator[bytes]:
        """Return the rows as COPY text."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.end - self.start
            while left and (block := file.read(min(left, BLOCK))):
                left -= len(block)
                yield block


@dataclass(slots=True)
class Found:
    """What the source says of a subject: its rows by table, where they lie, and their newest change."""

    tables: dict[str, TableRows] = field(default_factory=dict)
    parts: dict[RowsOf, Part] = field(default_factory=dict)
    as_of: str = ""

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """Return the blocks of one COPY."""
        return self.parts[part].blocks() if part in self.parts else iter(())

    def manifest(self, subject: Subject, group: Group, source: str) -> Manifest:
        """Return the manifest of the rows alone."""
        none = {label: TableRows(spec, 0, 0, NO_ROWS, "0") for label, spec in group.specs.items()}
        return Manifest(
            subject=subject,
            source=source,
            as_of=self.as_of,
            tables=none | self.tables,
            media=(),
            pages=(),
            queries=(),
            migrations=tuple(sorted(group.schema.migrations)),
        )


@dataclass(frozen=True, slots=True)
class Read:
    """A subject's slice before plugins add to it: its manifest, its rows, the catalogue it was read by."""

    manifest: Manifest
    rows: Found
    schema: Schema

    @property
    def whole(self) -> tuple[Manifest, Found, Schema]:
        """Return all three."""
        return self.manifest, self.rows, self.schema


def read_all(
    subjects: Sequence[Subject], source: Source, plugins: Plugins, folder: Path
) -> dict[Subject, Read]:
    """Read subjects into a folder, in one snapshot; those that something stops are not among them."""
    read: dict[Subject, Read] = {}

    def act(group: Group, numbered: Numbered) -> None:
        found = _read(database, group, numbered, folder / str(len(read)))
        for number, subject in numbered.items():
            manifest = found[number].manifest(subject, group, source.name)
            read[subject] = Read(manifest, found[number], group.schema)

    with connect(source.database, f"source {source.name}") as database, one_snapshot(database):
        each_chunk(database, groups_of(subjects, plugins, read_schema(database.query)), act)
    return read


def queries_of(plugins: Plugins, subject: Subject) -> tuple[Query, ...]:
    """Return what the plugins say must hold for a subject."""
    return tuple(
        Query(query.name, with_key(query.sql, subject), query.expect) for query in plugins.queries(subject)
    )


def groups_of(subjects: Iterable[Subject], plugins: Plugins, schema: Schema) -> list[Group]:
    """Return the subjects by what is declared for them, without those for which it does not fit."""
    found: list[Group] = []
    for subject in subjects:
        try:
            kind, tables = plugins.kind(subject.kind), plugins.tables(subject)
            group = next((one for one in found if (one.kind, one.tables) == (kind, tables)), None)
            if group is None:
                group = Group(kind, tables, specs_of(tables, schema), schema, [])
                found.append(group)
            group.subjects.append(subject)
        except Problem:
            continue
    return [group for group in found if group.kind.table in group.specs]


def each_chunk(database: Database, groups: Sequence[Group], act: Act) -> None:
    """Pick the rows of some subjects at a time, and act on those of them that nothing stops.

    It takes a transaction of its own, which can only read from then on.
    """
    whole = {label: spec for group in groups for label, spec in group.specs.items()}
    if whole:
        database.run(new_tables(whole.values()))
    for group in groups:
        for start in range(0, len(group.subjects), AT_ONCE):
            some = dict(enumerate(group.subjects[start : start + AT_ONCE]))
            database.run("savepoint chunk")
            try:
                database.run(_without(whole.values()))
                if found := _picked(database, group, some):
                    act(group, found)
            except (SqlProblem, WhereProblem):
                if database.broken:
                    raise
                database.send("rollback to savepoint chunk")


def values(database: Database, spec: TableSpec, column: str) -> Iterator[tuple[int, str]]:
    """Return one column of a table's picked rows that travel, as text, each with its subject's number."""
    rows = f"{picked(spec)} where not p.matched"
    for number, value in database.query(f"select p.s, t.{name(column)}::text from {rows}"):
        yield int(number), str(value)


def _read(database: Database, group: Group, numbered: Numbered, into: Path) -> Mapping[int, Found]:
    """Read the picked rows of subjects into a new folder."""
    into.mkdir()
    there, found = with_rows(database, group.specs), {number: Found() for number in numbered}
    facts = {(str(one[0]), int(one[1])): one for one in database.query(_facts(there, group.specs))}
    for spec in there:
        mine = {number: facts[spec.label, number] for number in numbered if (spec.label, number) in facts}
        digests = _spooled(database, spec, group.specs, mine, found, into)
        for number, (_, _, rows, matched, hashed, newest) in mine.items():
            one, digest = found[number], digests[number].hexdigest()
            one.tables[spec.label] = TableRows(spec, rows, matched, digest, str(hashed))
            one.as_of = max(one.as_of, newest or "")
    return found


def _without(specs: Iterable[TableSpec], condition: str = "true") -> str:
    return ";\n".join(f"delete from {pick_table(spec)} where {condition}" for spec in specs)


def _picked(database: Database, group: Group, numbered: Numbered) -> Numbered:
    """Pick the rows of subjects, and return those that the source has and nothing stops."""
    kind, tables, specs = group.kind, group.tables, group.specs
    pick_roots(database, numbered, kind, tables, specs)
    asked = pick_rest(database, numbered, kind, tables, specs, group.schema)
    if out := stopped(database, asked):
        database.run(_without(specs.values(), f"s = any ({literals(map(str, out))}::integer[])"))
    own = f"select distinct s from {pick_table(specs[kind.table])} where not matched"
    there = {int(row[0]) for row in database.query(own)}
    return {number: subject for number, subject in numbered.items() if number in there}


def _facts(there: Sequence[TableSpec], specs: TableSpecs) -> str:
    """Return the question for what each table holds of each subject: rows, matched, hash, newest change."""
    return " union all ".join(_facts_of(spec, specs) for spec in there)


def _facts_of(spec: TableSpec, specs: TableSpecs) -> str:
    one, own = image(spec, specs, "t"), "filter (where not p.matched)"
    hashed = f"coalesce(sum({row_hash(one, spec.compared)}) {own}, 0)" if spec.travels else "0"
    newest = f"max(t.updated_at) {own}" if "updated_at" in spec.times else "null"
    counts = f"count(*) {own}, count(*) filter (where p.matched)"
    return (
        f"select {literal(spec.label)}, p.s, {counts}, ({hashed})::text, ({newest})::text"
        f" from {picked(spec)}{one.joins} group by p.s"
    )


def _spooled(
    database: Database,
    spec: TableSpec,
    specs: TableSpecs,
    facts: Mapping[int, Sequence[Any]],
    found: Mapping[int, Found],
    into: Path,
) -> Mapping[int, Any]:
    """Write a table's rows into files, tell each subject where its own lie, and return their digests."""
    digests = {number: hashlib.sha256() for number in facts}
    whole = Slice(database, Subject("", ""), specs)
    for matched in (True, False):
        part = RowsOf(spec.label, matched)
        counts = {number: int(one[3 if matched else 2]) for number, one in sorted(facts.items())}
        if not any(counts.values()):
            continue
        file = hashlib.sha256(f"{part}".encode()).hexdigest()[:16]
        rows = _cut(whole.rows(spec, matched=matched), counts)
        for number, start, end in _written(into / file, rows, digests):
            found[number].parts[part] = Part(into / file, start, end)
    return digests


def _written(
    path: Path, rows: Iterator[tuple[int, bytes]], digests: Mapping[int, Any]
) -> Iterator[tuple[int, int, int]]:
    """Write rows into a file, and return whose stand from where to where."""
    places: dict[int, tuple[int, int]] = {}
    with writing(path.parent, ELSEWHERE), path.open("wb") as file:
        for number, block in rows:
            start = file.tell()
            file.write(block)
            digests[number].update(block)
            places[number] = (places.get(number, (start, start))[0], start + len(block))
    return ((number, start, end) for number, (start, end) in places.items())


def _cut(blocks: Iterator[bytes], counts: Mapping[int, int]) -> Iterator[tuple[int, bytes]]:
    """Return blocks of whole rows, sorted by subject, cut where another subject's begin."""
    waiting = iter([(number, count) for number, count in counts.items() if count])
    number, left = next(waiting)
    for block in blocks:
        lines = block.count(b"\n")
        while lines > left:
            rest = block.split(b"\n", left)[-1]
            yield number, block[: len(block) - len(rest)]
            lines, block = lines - left, rest
            number, left = next(waiting)
        if lines:
            yield number, block
            left -= lines
        if not left:
            number, left = next(waiting, (number, 0))
