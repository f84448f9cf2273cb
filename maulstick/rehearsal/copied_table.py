"""A table of the copy: which of its columns come."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.postgres.quoting import name
from maulstick.postgres.tables.schema import TableSchema


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of the copy: the columns that come, and whether rows come whole; the others are `lacking`.

    With `has_heirs` other tables inherit from it, whose rows are not its own.
    """

    schema: TableSchema
    columns: tuple[str, ...]
    is_whole: bool
    has_heirs: bool = False

    @property
    def full(self) -> str:
        """Its quoted name."""
        return name(self.schema.schema, self.schema.name)

    @property
    def rows(self) -> str:
        """Its own rows, as a query names them."""
        return f"only {self.full}" if self.has_heirs else self.full

    @property
    def absent(self) -> tuple[str, ...]:
        """The columns that do not come, with those that are computed of others."""
        return tuple(one for one in self.schema.columns if one not in self.columns)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The columns of which a row of the copy has production's value only where it is a default."""
        columns = self.schema.columns
        return tuple(one for one in self.absent if not (columns[one].generated or columns[one].identity))
