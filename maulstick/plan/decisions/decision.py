"""A decision about a value in conflict: it holds for the two values that it was made about, no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from maulstick.plan.choices import Take

SHORT = 80
"""Characters of the longest value that a file shows as it is."""
SECRET = re.compile("passw|secret|token|api_?key", re.IGNORECASE)
"""Columns whose values a file never shows."""
Cell = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A value as somebody saw it: itself (None for null) or its SHA-256; not `there` where no row was."""

    value: str | None = None
    digest: str = ""
    there: bool = True

    def is_of(self, cell: Cell, side: str) -> bool:
        """Return whether a side of a column is still what was seen."""
        if side not in cell or not self.there:
            return side not in cell and not self.there
        value = cell[side]
        if self.digest:
            return value is not None and digest_of(value) == self.digest
        return value == self.value


@dataclass(frozen=True, slots=True)
class Decision:
    """Which side wins in one column of one row, in a release to one target."""

    target: str
    table: str
    key: str
    column: str
    take: str
    local: Seen
    production: Seen

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What it decides about; there is one decision for each."""
        return self.target, self.table, self.key, self.column

    def moved(self, cell: Cell) -> list[str]:
        """List the sides that have changed since it was made; with none it holds."""
        return [side for side in ("local", "production") if not getattr(self, side).is_of(cell, side)]

    def as_take(self) -> Take:
        """Return it as the option that says the same."""
        return Take(self.take, self.table, self.key, self.column)


def seen(cell: Cell, side: str, column: str) -> Seen:
    """Return what is kept of a value: itself where it is short, on one line and no secret."""
    if side not in cell:
        return Seen(there=False)
    value = cell[side]
    if value is None or (len(value) <= SHORT and value.isprintable() and not SECRET.search(column)):
        return Seen(value)
    return Seen(digest=digest_of(value))


def digest_of(value: str) -> str:
    """Return the SHA-256 of a value."""
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
