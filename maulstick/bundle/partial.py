"""A bundle without some of its rows, and without what only those rows bring: what `--without` releases.

It is a bundle of its own, with its own digest: to everything that follows, the rows are simply not in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.page_lines import spooled
from maulstick.bundle.row_references import RowPlace, referred
from maulstick.bundle.rows import rows_of
from maulstick.bundle.script import sealed
from maulstick.bundle.slice.spool import Blocks
from maulstick.errors import did_you_mean, usage
from maulstick.media.columns import named_by
from maulstick.media.paths import keys_of
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.sections import Range, RowsOf
from maulstick.postgres.tables.keys import key_text
from maulstick.project.declarations import Table
from maulstick.project.plugins.registry import Plugins


def require_rows(bundle: Bundle, places: Collection[RowPlace], plugins: Plugins) -> None:
    """Refuse to leave out a row that a bundle does not hold, or the subject itself (exit 2)."""
    subject, specs = bundle.manifest.subject, bundle.manifest.specs
    for table, key in places:
        where = f"--without {table}:{key}"
        if table not in specs or not specs[table].travels:
            what = f'no table of this release is called "{table}"'
            raise usage(where, what, did_you_mean(table, specs))
        if key not in (keys := bundle.keys_of(table)):
            raise usage(where, f'{table} has no row "{key}" here', did_you_mean(key, keys))
        if table == plugins.kind(subject.kind).table:
            raise usage(where, f"is {subject} itself", "release another subject, or none")


@dataclass(frozen=True, slots=True)
class PartOfBundle:
    """What is written in the place of a whole bundle; `left_out` are first the rows that were named."""

    manifest: Manifest
    rows: Blocks
    left_out: tuple[RowPlace, ...]


def without(bundle: Bundle, places: Collection[RowPlace], plugins: Plugins, folder: Path) -> PartOfBundle:
    """Return a bundle without some of its rows; its pages are kept in a folder until it is written.

    With them go the rows that are in the slice only through them, and the files that only those name. A row
    that another refers to becomes one that must be in production already.
    """
    graph = _Graph(bundle, {table.name: table for table in plugins.tables(bundle.manifest.subject)}, plugins)
    out = {*places} | (graph.reached(()) - graph.reached(places))
    rest = _Rest(bundle, out, graph.needed(out))
    manifest = replace(bundle.manifest, tables=rest.tables())
    rows = rows_of(manifest, rest)
    lost = graph.files(out) - graph.files(graph.rows.keys() - out)
    whole = replace(
        manifest,
        media=tuple(file for file in manifest.media if file.key not in lost),
        pages=spooled(folder / "pages", plugins.pages(manifest.subject, rows)),
    )
    named = [place for place in sorted(out) if place in places]
    return PartOfBundle(sealed(whole), rest, (*named, *sorted(out - {*named})))


@dataclass(frozen=True)
class _Graph:
    """A bundle's rows and what they refer to, to see which are there only through others."""

    bundle: Bundle
    declared: Mapping[str, Table]
    plugins: Plugins

    @cached_property
    def rows(self) -> Mapping[RowPlace, Sequence[tuple[str, RowPlace]]]:
        """Each row with the columns that refer to others."""
        specs = self.bundle.manifest.specs
        return {
            (name, key_text(spec, specs, row)): [*referred(row, spec)]
            for name, spec in specs.items()
            if spec.travels
            for row in self.bundle.table(spec)
        }

    def reached(self, without: Collection[RowPlace]) -> set[RowPlace]:
        """List the rows that travel if some do not: by their own condition, or through others that travel."""
        own = self.plugins.kind(self.bundle.manifest.subject.kind).table
        parts: dict[RowPlace, list[RowPlace]] = {}
        for place, references in self.rows.items():
            for column, to in references:
                if column in self._via(place[0]):
                    parts.setdefault(to, []).append(place)
        waiting = [place for place in self.rows if place[0] == own or self._stands_alone(place)]
        there: set[RowPlace] = set()
        while waiting:
            place = waiting.pop()
            if place in there or place in without:
                continue
            there.add(place)
            waiting += parts.get(place, ())
            waiting += [to for _, to in self.rows[place] if to in self.rows and self._is_pointed_at(to[0])]
        return there

    def needed(self, out: Collection[RowPlace]) -> set[RowPlace]:
        """List the rows that are left out and that rows which stay refer to."""
        return {
            to
            for place, references in self.rows.items()
            if place not in out
            for _, to in references
            if to in out
        }

    def files(self, places: Collection[RowPlace]) -> set[str]:
        """List the keys of the files that some rows name."""
        specs, keys = self.bundle.manifest.specs, set[str]()
        for name, table in self.declared.items():
            if table.media and name in specs and specs[name].travels:
                spec = specs[name]
                rows = [
                    row for row in self.bundle.table(spec) if (name, key_text(spec, specs, row)) in places
                ]
                keys.update(key for value in named_by(table, rows) for key in keys_of(value))
        return keys

    def _via(self, name: str) -> tuple[str, ...]:
        return tuple(self.declared[name].via) if name in self.declared else ()

    def _stands_alone(self, place: RowPlace) -> bool:
        """Return whether a row's own table says that it travels, and not a row that it belongs to."""
        table = self.declared.get(place[0])
        if table is None or not table.where:
            return table is None
        return not any(column in table.via and to in self.rows for column, to in self.rows[place])

    def _is_pointed_at(self, name: str) -> bool:
        table = self.declared.get(name)
        return table is not None and not table.via and not table.where


@dataclass(frozen=True)
class _Rest:
    """The rows of a bundle that stay, read as they are asked for; `needed` are only matched."""

    bundle: Bundle
    out: Collection[RowPlace]
    needed: Collection[RowPlace]
    counted: dict[RowsOf, int] = field(default_factory=dict)

    def blocks(self, part: RowsOf) -> Iterator[bytes]:
        """Yield the rows of one COPY."""
        lines = 0
        for line in self._matched(part.table) if part.matched else self._travelling(part.table):
            lines += 1
            yield line
        self.counted[part] = lines

    def tables(self) -> dict[str, TableRows]:
        """Describe each table as it is now; one of which rows were left out has no hash of production's."""
        return {name: self._table(name, table) for name, table in self.bundle.manifest.tables.items()}

    def _table(self, name: str, table: TableRows) -> TableRows:
        if not any(place[0] == name for place in self.out):
            return table
        digest = hashlib.sha256()
        parts = [RowsOf(name, matched) for matched in (True, False)]
        for part in parts:
            for block in self.blocks(part):
                digest.update(block)
        matched, rows = (self.counted[part] for part in parts)
        return TableRows(table.spec, rows, matched, digest.hexdigest(), "0")

    def _travelling(self, name: str) -> Iterator[bytes]:
        specs = self.bundle.manifest.specs
        spec = specs[name]
        for line in _lines(self.bundle.script.ranges(name)):
            [row] = parse_rows([line], spec.columns)
            if (name, key_text(spec, specs, row)) not in self.out:
                yield line

    def _matched(self, name: str) -> Iterator[bytes]:
        specs = self.bundle.manifest.specs
        spec = specs[name]
        yield from _lines(self.bundle.script.ranges(name, matched=True))
        at = [spec.columns.index(column) for column in spec.key]
        for line in _lines(self.bundle.script.ranges(name)) if self.needed else ():
            [row] = parse_rows([line], spec.columns)
            if (name, key_text(spec, specs, row)) in self.needed:
                cells = line.removesuffix(b"\n").split(b"\t")
                yield b"\t".join(cells[place] for place in at) + b"\n"


def _lines(ranges: Sequence[Range]) -> Iterator[bytes]:
    rest = b""
    for part in ranges:
        for block in part.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from (line + b"\n" for line in whole)
