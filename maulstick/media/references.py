"""The rows of a target that name files: in which declared columns, and which of some keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from maulstick.media.paths import is_address
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.tables.json_paths import leaves
from maulstick.postgres.tables.schema import Schema
from maulstick.project.declarations import MediaColumn, Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.s3.client import BucketAddress

Names = Mapping[str, str]
"""Keys that rows name, each with the column that does."""


@dataclass(frozen=True, slots=True)
class NamingColumn:
    """A column of the target that names files, as some plugin declares it."""

    table: tuple[str, str]
    medium: MediaColumn

    @property
    def label(self) -> str:
        """How a person calls it."""
        inside = f" {self.medium.path}" if self.medium.path else ""
        return f"{self.table[1]}.{self.medium.column}{inside}"

    def values(self) -> str:
        """Compose the SQL of all that it names, as `value`."""
        column = f"t.{name(self.medium.column)}"
        if self.medium.path is None:
            return f"select {column}::text as value from {name(*self.table)} as t"
        inside = leaves(f"{column}::jsonb", self.medium.path)
        return f"select leaf.value #>> '{{}}' as value from {name(*self.table)} as t, lateral {inside}"


def naming_columns(plugins: Plugins, schema: Schema) -> list[NamingColumn]:
    """Return every media column that a plugin declares for any kind of subject, where the target has it."""
    columns = {}
    for kind in plugins.kinds():
        for table in plugins.tables(Subject(kind, "")):
            there = schema.tables.get(table.name)
            for medium in table.media if there else ():
                if there is not None and medium.column in there.columns:
                    column = NamingColumn((there.schema, there.name), medium)
                    columns[column.label] = column
    return list(columns.values())


def all_named(columns: Sequence[NamingColumn]) -> str:
    """Compose the SQL of all that the columns name: value, column."""
    parts = [
        f"select value, {literal(column.label)} from ({column.values()}) as v where value <> ''"
        for column in columns
    ]
    return f"{' union '.join(parts) or 'select null, null where false'} order by 1, 2;"


def who_names(
    answers: Iterable[Sequence[str | None]], keys: Iterable[str], address: BucketAddress
) -> dict[str, str]:
    """Return which of the keys the answers to `all_named` may mean, each with a column that names it."""
    wanted = frozenset(keys)
    pairs = ((key, column) for value, column in answers for key in keys_of(value or "", address))
    return {key: str(column) for key, column in pairs if key in wanted}


def keys_of(value: str, address: BucketAddress) -> Iterator[str]:
    """Yield the keys that a value may mean, as it is written and as a browser would read it.

    An address of any host counts by its path: a site may serve its bucket under its own name.
    """
    path = value.removeprefix("/")
    if is_address(value):
        public = f"{address.public_url.rstrip('/')}/"
        path = value.removeprefix(public) if value.startswith(public) else urlsplit(value).path[1:]
    bare = path.partition("#")[0].partition("?")[0]
    for text in (path, bare, unquote(path), unquote(bare)):
        yield text
        yield text.removeprefix(f"{address.name}/")


def shown(key: str) -> str:
    """Return a key or value as a line can show it: one that would break or turn the line is escaped."""
    return key if key.isprintable() else repr(key)
