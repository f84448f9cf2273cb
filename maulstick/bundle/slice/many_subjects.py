"""Many subjects read from the source together: in one snapshot, with one query for all of them.

What stops a subject is not said here: whoever needs it reads it alone, and hears why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.slice.bases import has_pulled
from maulstick.bundle.slice.groups import Group, each_chunk, groups_of
from maulstick.bundle.slice.picked import Slice, with_rows
from maulstick.files import ELSEWHERE, writing
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, connect, one_snapshot
from maulstick.postgres.quoting import literal
from maulstick.postgres.sections import Range, RowsOf
from maulstick.postgres.tables.picked_rows import Numbered, picked, with_key
from maulstick.postgres.tables.portable_rows import portable_row, row_hash
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Query, Subject
from maulstick.project.inventory import LocalSource
from maulstick.project.plugins.registry import Plugins

NO_ROWS = hashlib.sha256().hexdigest()


@dataclass(slots=True)
class SubjectRows:
    """What the source holds of a subject: its rows by table, the files they are in, the newest change."""

    tables: dict[str, TableRows] = field(default_factory=dict)
    parts: dict[RowsOf, Range] = field(default_factory=dict)
    as_of: str = ""

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """List the blocks of one COPY."""
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
class ReadSlice:
    """A subject's slice before plugins add to it: its manifest, its rows, and the source's schema."""

    manifest: Manifest
    rows: SubjectRows
    schema: Schema

    @property
    def whole(self) -> tuple[Manifest, SubjectRows, Schema]:
        """All three."""
        return self.manifest, self.rows, self.schema


def read_all(
    subjects: Sequence[Subject], source: LocalSource, plugins: Plugins, folder: Path
) -> dict[Subject, ReadSlice]:
    """Read subjects into a folder in one snapshot, and return those that nothing stops."""
    read: dict[Subject, ReadSlice] = {}

    def act(group: Group, numbered: Numbered) -> None:
        found = _read(database, group, numbered, folder / str(len(read)))
        for number, subject in numbered.items():
            manifest = found[number].manifest(subject, group, source.name)
            read[subject] = ReadSlice(manifest, found[number], group.schema)

    with connect(source.database, f"source {source.name}") as database, one_snapshot(database):
        if has_pulled(database):  # what is known of base then is read with each alone
            return {}
        each_chunk(database, groups_of(subjects, plugins, read_schema(database)), act)
    return read


def queries_of(plugins: Plugins, subject: Subject) -> tuple[Query, ...]:
    """Return what the plugins say must hold for a subject."""
    return tuple(
        Query(query.name, with_key(query.sql, subject), query.expect) for query in plugins.queries(subject)
    )


def _read(database: Database, group: Group, numbered: Numbered, into: Path) -> Mapping[int, SubjectRows]:
    """Read the picked rows of subjects into a new folder."""
    into.mkdir()
    there, found = with_rows(database, group.specs), {number: SubjectRows() for number in numbered}
    facts = {(str(one[0]), int(one[1])): one for one in database.query(_facts(there, group.specs))}
    for spec in there:
        mine = {number: facts[spec.label, number] for number in numbered if (spec.label, number) in facts}
        digests = _spooled(database, spec, group.specs, mine, found, into)
        for number, (_, _, rows, matched, hashed, newest) in mine.items():
            one, digest = found[number], digests[number].hexdigest()
            one.tables[spec.label] = TableRows(spec, rows, matched, digest, str(hashed))
            one.as_of = max(one.as_of, newest or "")
    return found


def _facts(there: Sequence[TableSpec], specs: TableSpecs) -> str:
    """Compose the query for what each table holds of each subject: rows, matched, hash, newest change."""
    return " union all ".join(_facts_of(spec, specs) for spec in there)


def _facts_of(spec: TableSpec, specs: TableSpecs) -> str:
    one, own = portable_row(spec, specs, "t"), "filter (where not p.matched)"
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
    found: Mapping[int, SubjectRows],
    into: Path,
) -> Mapping[int, Any]:
    """Write a table's rows into files, note where each subject's rows are, and return the digests."""
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
            found[number].parts[part] = Range(part, into / file, start, end)
    return digests


def _written(
    path: Path, rows: Iterator[tuple[int, bytes]], digests: Mapping[int, Any]
) -> Iterator[tuple[int, int, int]]:
    """Write rows into a file, and return the range of each subject."""
    places: dict[int, tuple[int, int]] = {}
    with writing(path.parent, ELSEWHERE), path.open("wb") as file:
        for number, block in rows:
            start = file.tell()
            file.write(block)
            digests[number].update(block)
            places[number] = (places.get(number, (start, start))[0], start + len(block))
    return ((number, start, end) for number, (start, end) in places.items())


def _cut(blocks: Iterator[bytes], counts: Mapping[int, int]) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of whole rows sorted by subject, cut where the next subject begins."""
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
