"""The tables of a database, as its catalogue describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue has it; `default` is the expression's text.

    `type` is named alike on both sides; `here` is the same type as this database writes it. `base` is the
    type that a domain is made of; `built` is that with its length or scale, or the parts of a type that has
    several.
    """

    name: str
    type: str
    not_null: bool
    default: str | None
    generated: bool
    identity: bool
    always: bool
    here: str
    base: str | None = None
    built: str | None = None

    @property
    def fills_itself(self) -> bool:
        """Return whether an insert may omit the column although it is not null."""
        return self.default is not None or self.identity or self.generated

    @property
    def counted(self) -> bool:
        """Return whether its values come from a sequence, even within a larger expression."""
        return self.identity or "nextval(" in (self.default or "")

    @property
    def counts_itself(self) -> bool:
        """Return whether its values come from a sequence, or are uuids that the database makes."""
        return self.counted or (self.type == "uuid" and "(" in (self.default or ""))

    @property
    def plain_type(self) -> str:
        """The type of its values, whatever a domain calls it."""
        return self.base or self.type

    @property
    def is_integer(self) -> bool:
        """Return whether it holds whole numbers."""
        return self.type in ("smallint", "integer", "bigint")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; `table` is the qualified name of the table that it points at.

    With `period` its last column is a span of time, which rows there cover together.
    """

    name: str
    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]
    period: bool = False


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index: its plain columns, its condition if it is partial, and all columns that it uses.

    Columns within expressions are among those that it uses, and so are those of its condition.
    """

    columns: tuple[str, ...]
    condition: str | None
    used: tuple[str, ...]

    def is_within(self, key: tuple[str, ...]) -> bool:
        """Return whether no two of its rows share a key of these columns."""
        if self.condition is None:
            return {*self.columns, *self.used} <= {*key}
        return {*self.columns} <= {*key} and bool({*self.columns, *self.used} & {*key})


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table of one database; `before_insert` are its triggers that may fill a new row."""

    schema: str
    name: str
    columns: Mapping[str, Column]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    before_insert: tuple[str, ...] = ()
    unique_indexes: tuple[UniqueIndex, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a database by name; tables outside `public` are named `schema.table`.

    `others` says what else has a name that is no table of its own: a view, a partition. Of these, `parents`
    have rows beside those of the tables that inherit from them.
    """

    tables: Mapping[str, TableSchema]
    migrations: frozenset[str]
    others: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, TableSchema] = field(default_factory=dict)


def table_name(schema: str, name: str) -> str:
    """Return the name by which declarations call a table."""
    return name if schema == "public" else f"{schema}.{name}"
