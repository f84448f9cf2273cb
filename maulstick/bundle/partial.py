"""A bundle without some of its rows, and without what only those rows bring: what `--without` releases.

It is a bundle of its own, with its own digest: to everything that follows, the rows are simply not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.manifest import Manifest, TableRows
from maulstick.bundle.page_lines import spooled
from maulstick.bundle.row_references import RowPlace
from maulstick.bundle.rows import rows_of
from maulstick.bundle.script import sealed
from maulstick.bundle.slice.row_graph import RowGraph, references_between
from maulstick.bundle.slice.spool import Blocks
from maulstick.errors import did_you_mean, usage
from maulstick.media.columns import named_by
from maulstick.media.paths import keys_of
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.sections import Range, RowsOf
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Kind, Table
from maulstick.project.plugins.registry import Plugins
from maulstick.text import one_line

KeysOf = Callable[[str], Collection[str]]
"""The keys of a table's travelling rows."""


def row_of(
    bundle: Bundle, place: RowPlace, plugins: Plugins, keys: KeysOf, gone: Collection[RowPlace] = ()
) -> RowPlace:
    """Return the row that is to be left out; one that does not exist is a usage problem, as is the subject.

    `gone` are rows that the source has deleted: their deletion may be left out.
    """
    (table, typed), specs = place, bundle.manifest.specs
    where = f"--without {one_line(f'{table}:{typed}')}"
    if table not in specs or not specs[table].travels:
        what = f'no table of this release is called "{one_line(table)}"'
        raise usage(where, what, did_you_mean(table, [one for one in specs if specs[one].travels]))
    spec, known = specs[table], {*keys(table), *(key for label, key in gone if label == table)}
    key = _known_key(typed, known, spec)
    if key is None:
        what = f'{table} has no row "{one_line(typed)}" here'
        raise usage(where, what, did_you_mean(typed, map(one_line, known)))
    if _is_subject(bundle, (table, key), plugins):
        raise usage(where, f"is {bundle.manifest.subject} itself", "release another subject, or none")
    return table, key


def holds(bundle: Bundle, place: RowPlace, keys: KeysOf) -> bool:
    """Return whether a row, as it was typed, is one of those that travel with a bundle."""
    table, typed = place
    specs = bundle.manifest.specs
    if table not in specs or not specs[table].travels:
        return False
    return _known_key(typed, keys(table), specs[table]) is not None


def _known_key(typed: str, known: Collection[str], spec: TableSpec) -> str | None:
    """Return a key as it is known, which may have been typed with spaces, or as a line shows it."""
    if typed in known:
        return typed
    if not spec.key_is_value:
        try:
            same = json.dumps(_as_texts(json.loads(typed)), ensure_ascii=False, separators=(",", ":"))
        except (ValueError, RecursionError):
            same = typed
        if same in known:
            return same
    shown = [key for key in known if one_line(key) == typed]
    return shown[0] if len(shown) == 1 else None


def _as_texts(part: Any) -> Any:
    """Return a part of a key with its numbers as texts."""
    if isinstance(part, list):
        return [_as_texts(one) for one in part]
    return str(part) if isinstance(part, int) and not isinstance(part, bool) else part


def _is_subject(bundle: Bundle, place: RowPlace, plugins: Plugins) -> bool:
    subject, specs = bundle.manifest.subject, bundle.manifest.specs
    kind = plugins.kind(subject.kind)
    if place[0] != kind.table:
        return False
    spec = specs[kind.table]
    rows = (row for row in bundle.table(spec) if key_text(spec, specs, row) == place[1])
    is_named = any(row.get(kind.key, subject.key) == subject.key for row in rows)
    return is_named and _graph(bundle, plugins).stands_alone(place)


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
    graph = _graph(bundle, plugins)
    out = {*places} | (graph.reached(()) - graph.reached(places))
    rest = _Rest(bundle, out)
    manifest = replace(bundle.manifest, tables=rest.tables())
    rows = rows_of(manifest, rest)
    lost = _files(bundle, graph, out) - _files(bundle, graph, graph.references.keys() - out)
    whole = replace(
        manifest,
        media=tuple(file for file in manifest.media if file.key not in lost),
        pages=spooled(folder / "pages", plugins.pages(manifest.subject, rows)),
    )
    named = [place for place in sorted(out) if place in places]
    return PartOfBundle(sealed(whole), rest, (*named, *sorted(out - {*named})))


def kind_and_tables(bundle: Bundle, plugins: Plugins) -> tuple[Kind, Mapping[str, Table]]:
    """Return what is declared of a bundle's subject: its kind, and its tables by name."""
    subject = bundle.manifest.subject
    return plugins.kind(subject.kind), {table.name: table for table in plugins.tables(subject)}


def _graph(bundle: Bundle, plugins: Plugins) -> RowGraph:
    kind, tables = kind_and_tables(bundle, plugins)
    return RowGraph(references_between(bundle.table, bundle.manifest.specs), tables, kind)


def _files(bundle: Bundle, graph: RowGraph, places: Collection[RowPlace]) -> set[str]:
    """List the keys of the files that some rows name."""
    specs, keys = bundle.manifest.specs, set[str]()
    for name, table in graph.declared.items():
        if table.media and name in specs and specs[name].travels:
            spec = specs[name]
            rows = [row for row in bundle.table(spec) if (name, key_text(spec, specs, row)) in places]
            keys.update(key for value in named_by(table, rows) for key in keys_of(value))
    return keys


@dataclass(frozen=True)
class _Rest:
    """The rows of a bundle that stay, read as they are asked for; those that are left out are only matched.

    So it is known which rows of production they are, however their keys are spelt there.
    """

    bundle: Bundle
    out: Collection[RowPlace]
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
        return (line for line, is_out in self._told(name) if not is_out)

    def _matched(self, name: str) -> Iterator[bytes]:
        spec = self.bundle.manifest.specs[name]
        yield from _lines(self.bundle.script.ranges(name, matched=True))
        at = [spec.columns.index(column) for column in spec.key]
        for line, is_out in self._told(name):
            if is_out:
                cells = line.removesuffix(b"\n").split(b"\t")
                yield b"\t".join(cells[place] for place in at) + b"\n"

    def _told(self, name: str) -> Iterator[tuple[bytes, bool]]:
        """Yield a table's travelling rows, each with whether it is left out."""
        specs = self.bundle.manifest.specs
        spec = specs[name]
        keys = {key for table, key in self.out if table == name}
        for line in _lines(self.bundle.script.ranges(name)):
            [row] = parse_rows([line], spec.columns) if keys else [{}]
            yield line, bool(keys) and key_text(spec, specs, row) in keys


def _lines(ranges: Sequence[Range]) -> Iterator[bytes]:
    rest = b""
    for part in ranges:
        for block in part.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from (line + b"\n" for line in whole)
