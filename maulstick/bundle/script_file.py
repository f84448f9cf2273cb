"""release.sql as it is on disk, compared with its manifest byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from maulstick.bundle.bundle import Script
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.script import END_OF_ROWS, ITS_DIGEST, STOP, layout, sealed
from maulstick.bundle.slice.known_base import NO_BASES
from maulstick.errors import Problem, refused
from maulstick.opened import NotAFile, open_file
from maulstick.postgres.sections import Range, RowsOf, Section
from maulstick.postgres.sql.stage import copy_in

EDITED = "export again; a bundle is never edited by hand"
BLOCK = 1 << 18
COPY = re.compile(rb"copy .* from stdin;\n")


def read(path: Path, manifest: Manifest) -> Script:
    """Read the script in a file; raise a problem (exit 3) unless its manifest renders to it.

    A file that another version of Maulstick wrote gives its rows, proven; its SQL is rewritten.
    """
    try:
        with open_file(path) as file:
            try:
                ranges = _Reading(path, file, manifest).ranges()
            except _Otherwise as other:
                file.seek(0)
                ranges = _Scanning(path, file, manifest).ranges(other.problem)
                return Script(_sections(manifest, ranges), is_anew=True)
    except NotAFile as error:
        raise refused(str(path), "is not a file", "export again") from error
    except OSError as error:
        raise Problem(str(path), error.strerror or "cannot be read", "export again") from error
    return Script(_sections(manifest, ranges))


def without_bases(script: Script, manifest: Manifest) -> tuple[Script, Manifest]:
    """Return a script, and its manifest, that leave to the target's ledger alone what base is."""
    bare = replace(manifest, bases=NO_BASES)
    ranges = {part.rows: part for section in script.sections.values() for part in section.copies}
    return replace(script, sections=_sections(bare, ranges)), bare


def _sections(manifest: Manifest, ranges: dict[RowsOf, Range]) -> dict[str, Section]:
    return {
        name: Section(
            name,
            "".join(part for part in parts if isinstance(part, str)),
            [ranges[part] for part in parts if isinstance(part, RowsOf)],
        )
        for name, parts in layout(manifest).items()
    }


class _Otherwise(Exception):  # noqa: N818 - caught here, where it may be no error
    """SQL that this version would not write."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class _Rows:
    """A reader of a file's rows in order, which knows its current line."""

    def __init__(self, path: Path, file: BinaryIO, manifest: Manifest) -> None:
        self.path, self.file, self.manifest = path, file, manifest
        self.line = 1
        self.digests = {table: hashlib.sha256() for table in manifest.tables}

    def take(self, part: RowsOf) -> Range:
        """Take the rows of one COPY, as many as the manifest says."""
        table = self.manifest.tables[part.table]
        start, count = self.file.tell(), table.matched if part.matched else table.rows
        end = start + self._take(part.table, count, self.digests[part.table].update)
        self.file.seek(end)
        return Range(part, self.path, start, end)

    def _take(self, table: str, left: int, update: Callable[[bytes], None]) -> int:
        size, before = 0, b"\n"
        while left:
            block = self.file.read(BLOCK)
            lines = min(block.count(b"\n"), left)
            if lines == left:
                block = block[: len(block) - len(block.split(b"\n", left)[left])]
            end = (before + block).find(b"\n" + END_OF_ROWS)
            if end >= 0 or not block:
                self.line += (before + block)[: end + 1].count(b"\n") - before.count(b"\n") if block else 0
                raise self.problem(f"has too few rows of {table}")
            update(block)
            before = (before + block)[-3:]
            size, left, self.line = size + len(block), left - lines, self.line + lines
        return size

    def prove(self) -> None:
        """Refuse rows that differ from the manifest's."""
        for name, table in self.manifest.tables.items():
            if self.digests[name].hexdigest() != table.sha256:
                raise refused(str(self.path), f"its rows of {name} were edited", EDITED)

    def problem(self, says: str) -> Problem:
        """Describe the problem of this line."""
        return refused(str(self.path), f"{says}, line {self.line}", EDITED)


class _Reading(_Rows):
    """A reader of a file that follows the layout."""

    def ranges(self) -> dict[RowsOf, Range]:
        """Find where the rows stand in a file that holds what this version writes."""
        ranges: dict[RowsOf, Range] = {}
        self._expect(STOP)
        for name, parts in layout(self.manifest).items():
            self._expect(f"-- maulstick: {name}\n")
            for part in parts:
                if isinstance(part, str):
                    self._expect(part)
                else:
                    ranges[part] = self.take(part)
                    self._expect(END_OF_ROWS.decode())
        if self.file.read(1):
            raise _Otherwise(self.problem("holds more than Maulstick wrote"))
        self.prove()
        return ranges

    def _expect(self, text: str) -> None:
        wanted = text.encode()
        found = self.file.read(len(wanted))
        if found != wanted:
            says = "ends too early" if wanted.startswith(found) else "holds more than Maulstick wrote"
            pairs = zip_longest(wanted.split(b"\n"), found.split(b"\n"))
            self.line += next(number for number, (one, other) in enumerate(pairs) if one != other)
            raise _Otherwise(self.problem(says))
        self.line += wanted.count(b"\n")


class _Scanning(_Rows):
    """A reader of another version's file, which takes only the rows."""

    def ranges(self, otherwise: Problem) -> dict[RowsOf, Range]:
        """Find where the rows stand; `otherwise` is raised for SQL that no version wrote."""
        ranges: dict[RowsOf, Range] = {}
        digest, wanted = hashlib.sha256(), self._wanted()
        for line in iter(self.file.readline, b""):
            digest.update(line.replace(self.manifest.digest.encode(), ITS_DIGEST.encode()))
            self.line += 1
            if COPY.fullmatch(line):
                part = next(wanted, None)
                if part is None or _columns(line) != _columns(self._copy(part)):
                    raise otherwise
                ranges[part] = self.take(part)
                if self.file.readline() != END_OF_ROWS:
                    raise self.problem(f"has more rows of {part.table} than Maulstick wrote")
                digest.update(END_OF_ROWS)
                self.line += 1
        if next(wanted, None) is not None:
            raise otherwise
        self._prove_sql(digest.hexdigest(), otherwise)
        self.prove()
        return ranges

    def _wanted(self) -> Iterator[RowsOf]:
        parts = (
            part for section in layout(self.manifest).values() for part in section if isinstance(part, RowsOf)
        )
        return iter(parts)

    def _copy(self, part: RowsOf) -> bytes:
        return copy_in(self.manifest.tables[part.table].spec, matched=part.matched).encode() + b"\n"

    def _prove_sql(self, digest: str, otherwise: Problem) -> None:
        """Refuse SQL that the exporting version did not write; very old bundles do not say what it was."""
        known = self.manifest.sql_sha256
        if known and digest != known:
            if known == sealed(self.manifest).sql_sha256:
                raise otherwise
            says = "holds more than the Maulstick that exported it wrote"
            raise refused(str(self.path), says, EDITED)


def _columns(copy: bytes) -> bytes:
    return copy.partition(b" (")[2]
