"""What a database shows of its tables beyond the catalogue: what is unique, what its values look like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from maulstick.cli.starter.uniqueness import WIDEST, Uniqueness
from maulstick.errors import Problem
from maulstick.media.paths import is_address, resolve
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.tables.schema import Schema, TableSchema, UniqueIndex, table_name

HIDDEN = """
select n.nspname, c.relname, a.attname from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and (a.attnum > 0 or a.attname in ('ctid', 'tableoid'))
  and not a.attisdropped and n.nspname !~ '^pg_'
  and not (has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select'))
"""
CASCADES = """
select n.nspname, c.relname, f.conname from pg_catalog.pg_constraint f
join pg_catalog.pg_class c on c.oid = f.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where f.contype = 'f' and f.confdeltype = 'c'
"""
LABELS = """
select l.enumlabel from pg_catalog.pg_attribute a join pg_catalog.pg_enum l on l.enumtypid = a.atttypid
where {}
"""
SAMPLE = 2000
"""Rows of a table whose values are looked at."""
LONGEST = 20_000
"""Characters of a value that are looked at."""
ID = re.compile(r"[\w-]{1,64}")
FORMS = {
    "smallint": re.compile(r"[0-9]{1,4}"),
    "integer": re.compile(r"[0-9]{1,9}"),
    "bigint": re.compile(r"[0-9]{1,18}"),
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
"""What ids of a type look like, so that an index finds them."""
ADDRESSES = re.compile(r"(.*_)?(url|uri)")


class Evidence:
    """A source's tables, asked once for each thing that a proposal needs to know."""

    def __init__(self, database: Database, media_root: Path | None) -> None:
        self.database, self.media_root = database, media_root
        self._samples: dict[str, list[dict[str, str | None]]] = {}
        self.uniqueness = Uniqueness(database)

    @cached_property
    def schema(self) -> Schema:
        """The catalogue."""
        return read_schema(self.database)

    def unique(self, label: str) -> list[UniqueIndex]:
        """List the unique indexes of a table, without its primary key and those on expressions."""
        table = self.schema.tables[label]
        indexes = [index for index in table.unique_indexes if index.columns and _is_plain(index)]
        return [index for index in indexes if index.condition or {*index.columns} != {*table.primary_key}]

    @cached_property
    def cascades(self) -> set[tuple[str, str]]:
        """The foreign keys whose rows are deleted with the row they point at, by table and name."""
        rows = self.database.query(CASCADES)
        return {(table_name(schema, table), constraint) for schema, table, constraint in rows}

    @cached_property
    def hidden(self) -> dict[str, set[str]]:
        """The columns that this role may not read, by table."""
        columns: dict[str, set[str]] = {}
        for schema, table, column in self.database.query(HIDDEN):
            columns.setdefault(table_name(schema, table), set()).add(column)
        return columns

    def says_unique(self, label: str, column: str) -> bool:
        """Return whether a unique index or the primary key says that a column alone names a row."""
        alone = any(index.columns == (column,) and not index.condition for index in self.unique(label))
        return alone or self.schema.tables[label].primary_key == (column,)

    def is_hidden(self, label: str) -> bool:
        """Return whether this role may read nothing of a table."""
        hidden = self.hidden.get(label, set())
        return bool(hidden) and hidden >= {*self.schema.tables[label].columns}

    def rows(self, label: str) -> list[dict[str, str | None]]:
        """List rows of a table as text, so many at most."""
        if label not in self._samples:
            table = self.schema.tables[label]
            left_out = self.hidden.get(label, set())
            columns = [one for one, kind in table.columns.items() if kind.type != "bytea"]
            columns = [column for column in columns if column not in left_out]
            if not columns:
                return []
            values = ", ".join(f"left({name(column)}::text, {LONGEST})" for column in columns)
            text = f"select {values} from {self._of(table)} limit {SAMPLE}"
            self._samples[label] = [
                dict(zip(columns, row, strict=False)) for row in self.database.query(text)
            ]
        return self._samples[label]

    def values_of(self, label: str, column: str) -> set[str]:
        """Return what a column of few values holds or may hold: by rows, by default, as labels."""
        table = self.schema.tables[label]
        values = {text for row in self.rows(label) if (text := row.get(column))}
        where = f"a.attrelid = {literal(self._of(table))}::regclass and a.attname = {literal(column)}"
        values |= {str(value) for (value,) in self.database.query(LABELS.format(where))}
        default = re.match("'([^']+)'", table.columns[column].default or "")
        return values | ({default[1]} if default else set())

    def is_empty(self, label: str) -> bool:
        """Return whether a table has no row."""
        return not self.rows(label)

    def is_unique(self, label: str, columns: Sequence[str]) -> bool:
        """Return whether no two rows share these values, which are short and not all null."""
        return self.uniqueness.holds(self.schema.tables[label], tuple(columns))

    def seen_of(self, label: str, columns: Sequence[str]) -> str:
        """Return in which rows columns were found unique."""
        return self.uniqueness.seen_of(self.schema.tables[label], tuple(columns))

    def holds_addresses(self, label: str, column: str) -> bool:
        """Return whether a column's values are whole addresses, which nobody types to name a row."""
        values = [text for row in self.rows(label) if (text := row.get(column))]
        if not values:
            return ADDRESSES.fullmatch(column.lower()) is not None
        return any("://" in text for text in values)

    def has_ids(self, label: str, column: str, ids: Sequence[str]) -> bool:
        """Return whether each of these ids is there in a column of a table."""
        table, wanted = self.schema.tables[label], sorted(set(ids))[:200]
        form = FORMS.get(table.columns[column].type)
        if not wanted or column in self.hidden.get(label, ()):
            return False
        if form and not all(map(form.fullmatch, wanted)):
            return False
        listed = ", ".join(literal(one) for one in wanted)
        asked = name(column) if form else f"{name(column)}::text"
        text = f"select count(distinct {asked}) from {self._of(table)} where {asked} in ({listed})"
        return int(self.database.query(text)[0][0]) == len(wanted)

    def media_columns(self, label: str) -> Iterator[tuple[str, str | None]]:
        """Yield the columns whose values are files of the media folder, each with its path inside JSON."""
        table = self.schema.tables[label]
        for column, kind in table.columns.items():
            values = [text for row in self.rows(label) if (text := row.get(column))]
            if kind.type in ("json", "jsonb"):
                yield from ((column, path) for path in self._paths_of_files(values))
            elif _is_text(kind.type) and self._are_files(values):
                yield column, None

    def json_ids(self, label: str) -> Iterator[tuple[str, str, str, list[str]]]:
        """Yield what JSON columns hold under a key like an id: column, path, key and values."""
        table = self.schema.tables[label]
        for column, kind in table.columns.items():
            if kind.type not in ("json", "jsonb"):
                continue
            ids: dict[tuple[str, str], list[str]] = {}
            for row in self.rows(label):
                for path, key, value in _leaves(_document(row.get(column))):
                    if key.endswith(("_id", "Id", "_ids", "Ids")) and ID.fullmatch(str(value)):
                        ids.setdefault((path, key), []).append(str(value))
            yield from ((column, path, key, values) for (path, key), values in ids.items())

    def _paths_of_files(self, documents: Sequence[str]) -> Iterator[str]:
        strings: dict[str, list[str]] = {}
        for document in documents:
            for path, _, value in _leaves(_document(document)):
                if isinstance(value, str):
                    strings.setdefault(path, []).append(value)
        yield from (path for path, values in strings.items() if self._are_files(values))

    def _are_files(self, values: Sequence[str]) -> bool:
        """Return whether all that looks like a path names a file of the media folder, and something does."""
        paths = sorted({value for value in values if not is_address(value)})[:50]
        return bool(paths) and all("." in path and " /" not in path and self._is_file(path) for path in paths)

    def _is_file(self, value: str) -> bool:
        if self.media_root is None or len(value) > WIDEST:
            return False
        try:
            return resolve(self.media_root, value)[1].is_file()
        except (Problem, OSError, ValueError):
            return False

    def _of(self, table: TableSchema) -> str:
        return name(table.schema, table.name)


def _is_plain(index: UniqueIndex) -> bool:
    """Return whether an index is on columns alone: those that it uses besides are in its condition."""
    others = {*index.used} - {*index.columns}
    condition = index.condition or ""
    return all(re.search(rf"(?<!\w){re.escape(other)}(?!\w)", condition) for other in others)


def _is_text(kind: str) -> bool:
    return kind.startswith(("text", "character", "varchar", "citext"))


def _document(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def _leaves(value: Any, path: str = "$", key: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield the plain values of a document, each with its path, as in `$.items[*].id`, and its key."""
    if isinstance(value, dict):
        for inner, one in value.items():
            if inner.isidentifier():
                yield from _leaves(one, f"{path}.{inner}", inner)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, f"{path}[*]", key)
    elif value is not None and not isinstance(value, bool):
        yield path, key, value
