"""release.sql: its sections, written, and read back byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from maulstick.errors import Problem, refused
from maulstick.ledger import write_ledger
from maulstick.manifest import Manifest
from maulstick.search_path import as_ourselves, as_site
from maulstick.sections.brought import Brought
from maulstick.sections.checks import checks
from maulstick.sections.clashes import FREED, clashes
from maulstick.sections.diff import diff
from maulstick.sections.followers import left_behind
from maulstick.sections.guard import guard
from maulstick.sections.stage import copy_in, lock, mark_matched, settings, stage_tables
from maulstick.sections.write import end, verify, write

STOP = "\\set ON_ERROR_STOP on\n"
EDITED = "export again; a bundle is never edited by hand"
END_OF_ROWS = b"\\.\n"


@dataclass(frozen=True, slots=True)
class RowsOf:
    """The place in the file where a table's rows stand as COPY text."""

    table: str
    matched: bool


Rows = Callable[[RowsOf], Iterator[bytes]]
Layout = dict[str, list[str | RowsOf]]


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of the file, from `start` to before `end`: the rows of one COPY."""

    rows: RowsOf
    start: int
    end: int


@dataclass(slots=True)
class Section:
    """One section as it runs: its SQL as one message, and where the rows of its COPYs stand."""

    name: str
    text: str = ""
    copies: list[Range] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Script:
    """A release.sql that holds what Maulstick wrote and nothing more."""

    path: Path
    sections: dict[str, Section]

    def rows(self, part: Range) -> Iterator[bytes]:
        """Return the blocks of COPY text of one range."""
        with self.path.open("rb") as file:
            file.seek(part.start)
            left = part.end - part.start
            while left and (block := file.read(min(left, 1 << 18))):
                left -= len(block)
                yield block

    def ranges(self, table: str) -> list[Range]:
        """Return the ranges of a table's travelling rows."""
        found = [part for section in self.sections.values() for part in section.copies]
        return [part for part in found if part.rows == RowsOf(table, matched=False)]


def layout(manifest: Manifest) -> Layout:
    """Return the sections in order, each as texts and the places of rows."""
    subject, shapes = str(manifest.subject), manifest.shapes
    brought = _brought(manifest)
    stage: list[str | RowsOf] = [f"{stage_tables(brought)}\n{as_site()}\n"]
    for name, table in manifest.tables.items():
        if table.matched:
            rows = RowsOf(name, matched=True)
            stage += [copy_in(table.shape, matched=True) + "\n", rows, mark_matched(table.shape) + "\n"]
        if table.rows:
            stage += [copy_in(table.shape, matched=False) + "\n", RowsOf(name, matched=False)]
    stage += [as_ourselves() + "\n"]
    return {
        "settings": [settings()],
        "stage": stage,
        "lock": [lock(shapes) + "\n"],
        "diff": [
            diff(subject, manifest.as_of, manifest.digest, brought),
            clashes(brought, freed=FREED),
            left_behind(brought),
            checks(brought),
        ],
        "guard": [guard() + "\n"],
        "write": [write(brought)],
        "ledger": [
            write_ledger(subject, manifest.as_of, manifest.digest, manifest.rows_digest, shapes) + "\n"
        ],
        "verify": [verify(brought, manifest.queries)],
        "end": [end()],
    }


def _brought(manifest: Manifest) -> Brought:
    tables = manifest.tables
    staged = {name: table.shape for name, table in tables.items() if table.rows or table.matched}
    filled = {name: shape for name, shape in staged.items() if tables[name].rows}
    return Brought(manifest.shapes, staged, filled)


def render(manifest: Manifest, rows: Rows) -> Iterator[bytes]:
    """Return the bytes of release.sql."""
    yield STOP.encode()
    for name, parts in layout(manifest).items():
        yield f"-- maulstick: {name}\n".encode()
        for part in parts:
            if isinstance(part, str):
                yield part.encode()
            else:
                yield from rows(part)
                yield END_OF_ROWS


def read(path: Path, manifest: Manifest) -> Script:
    """Return the script of a file; a problem (exit 3) where it is not what its manifest renders to."""
    sections: dict[str, Section] = {}
    try:
        with path.open("rb") as file:
            reading = _Reading(path, file)
            reading.expect(STOP)
            for name, parts in layout(manifest).items():
                reading.expect(f"-- maulstick: {name}\n")
                sections[name] = reading.section(name, parts, manifest)
            reading.expect_end()
    except OSError as error:
        raise Problem(str(path), error.strerror or "cannot be read", "export again") from error
    return Script(path, sections)


class _Reading:
    """A file on its way through the layout, with the line that it has come to."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self.file, self.line = path, file, 1

    def expect(self, text: str) -> None:
        """Read one text that must stand here."""
        for line in text.removesuffix("\n").split("\n"):  # as a file has them: a \r in a text ends none
            found = self.file.readline()
            if found != line.encode() + b"\n":
                says = "holds more than Maulstick wrote" if found else "ends too early"
                raise self.problem(says)
            self.line += 1

    def section(self, name: str, parts: list[str | RowsOf], manifest: Manifest) -> Section:
        """Read one section."""
        section = Section(name)
        digests = {table: hashlib.sha256() for table in manifest.tables}
        for part in parts:
            if isinstance(part, str):
                self.expect(part)
                section.text += part
                continue
            known = manifest.tables[part.table]
            wanted = known.matched if part.matched else known.rows
            section.copies.append(self.rows(part, wanted, digests[part.table].update))
        for table in {part.rows.table for part in section.copies}:
            if digests[table].hexdigest() != manifest.tables[table].sha256:
                raise refused(str(self.path), f"its rows of {table} were edited", EDITED)
        return section

    def rows(self, part: RowsOf, count: int, update: Callable[[bytes], None]) -> Range:
        """Read the rows of one COPY, `count` lines of them."""
        start = self.file.tell()
        for _ in range(count):
            line = self.file.readline()
            if not line.endswith(b"\n") or line == END_OF_ROWS:
                raise self.problem(f"has too few rows of {part.table}")
            update(line)
            self.line += 1
        stop = self.file.tell()
        self.expect(END_OF_ROWS.decode())
        return Range(part, start, stop)

    def expect_end(self) -> None:
        """Read the end of the file."""
        if self.file.readline():
            raise self.problem("holds more than Maulstick wrote")

    def problem(self, says: str) -> Problem:
        """Return the problem of this line."""
        return refused(str(self.path), f"{says}, line {self.line}", EDITED)


def unescape(value: bytes) -> str | None:
    """Return a value of COPY's text format."""
    if value == b"\\N":
        return None
    if b"\\" not in value:
        return value.decode()
    return ESCAPED.sub(_unescaped, value).decode()


ESCAPED = re.compile(rb"\\([\\bfnrtv])")
CONTROLS = {b"\\": b"\\", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _unescaped(found: re.Match[bytes]) -> bytes:
    return CONTROLS[found[1]]
