"""Few rows are sent inside the SQL: each COPY would cost another round trip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from maulstick.bundle.bundle import Bundle
from maulstick.postgres.copy_text import parse_rows
from maulstick.postgres.quoting import literal
from maulstick.postgres.sections import Range, Section
from maulstick.postgres.sql.stage import copy_in
from maulstick.postgres.sql.temp_tables import stage

FEW = 1 << 16
"""Bytes of rows; more than that is faster by COPY."""


def inlined(bundle: Bundle, sections: Iterable[Section]) -> list[Section] | None:
    """Compose the sections with their rows inside them; None if there are too many rows, or none.

    A row is written as a value of its table's own type: its columns are read by the same functions as those
    of a COPY, each with its type's length and scale. What they refuse is not said by row and column, though.
    """
    sections = [*sections]
    sizes = [part.end - part.start for section in sections for part in section.copies]
    if not sizes or sum(sizes) > FEW:
        return None
    return [_inlined(bundle, section) for section in sections]


def _inlined(bundle: Bundle, section: Section) -> Section:
    text = section.text
    for part in section.copies:
        spec = bundle.manifest.specs[part.rows.table]
        copy = f"{copy_in(spec, matched=part.rows.matched)}\n"
        before, found, after = text.partition(copy)
        if not found:
            raise AssertionError(f"no COPY of {part.rows.table} in the section {section.name}")
        text = f"{before}{_insert(bundle, part)}\n{after}"
    return replace(section, text=text, copies=[])


def _insert(bundle: Bundle, part: Range) -> str:
    spec = bundle.manifest.specs[part.rows.table]
    given = spec.key if part.rows.matched else spec.columns
    rows = parse_rows(part.blocks(), given)
    texts = (_row([row.get(one) for one in spec.columns]) for row in rows)
    values = ",\n".join(f"({literal(text)}::{stage(spec)})" for text in texts)
    return f"insert into {stage(spec)} select (r.r).* from (values\n{values}) as r(r);"


def _row(values: Iterable[str | None]) -> str:
    """Write the text of a staged row: its columns, and an empty mark for rows that are only matched."""
    fields = ("" if one is None else _quoted(one) for one in values)
    return f"({','.join(fields)},)"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'
